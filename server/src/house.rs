//! The house: everything that a room needs, handed in. Nothing in Aviary is global.

use crate::{
    alerts::worker::note::Note,
    audit::Refusals,
    clerk::{self, Clerk, Inbox},
    config::Config,
    geo::Atlas,
    hits::bundle::Bundle,
    intake::ears::Ears,
    issuers::{Issuers, aws::AwsClients},
    live::Bell,
    net,
    people::providers::directory::Directory,
    people::{letters::Letters, limits::Limits},
    seal::Sealer,
    steps::Steps,
    store::Store,
};
use app::model::moment::Moment;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Tells the time. Tests hand in one that they move.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the rest of the program has to ask")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Gives random bytes, good enough for keys.
pub trait Chance: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's random numbers.
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "this is the chance that the rest of the program has to ask")]
    #[expect(clippy::expect_used, reason = "without randomness no secret is safe: stopping is the only right answer")]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// Short cuts over any [`Chance`].
pub trait ChanceExt {
    /// `N` random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N];
    /// A random number below `bound` (0 for a bound of 0), without bias that matters: `bound` is small.
    fn below(&self, bound: u64) -> u64;
    /// A code for links and cookies: 256 bits, base64url without padding.
    fn code(&self) -> String;
}

impl<T: Chance + ?Sized> ChanceExt for T {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }

    fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()).checked_rem(bound).unwrap_or(0)
    }

    fn code(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

/// Everything that a room needs.
pub struct House {
    /// The effective configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub chance: Arc<dyn Chance>,
    /// Seals and opens secrets.
    pub sealer: Sealer,
    /// Those who mint: the sandbox, and AWS accounts.
    pub issuers: Issuers,
    /// The way out to AWS.
    pub aws: AwsClients,
    /// The one way out over HTTP.
    pub net: net::Client,
    /// What is known of sign-in providers, and the way to them.
    pub providers: Directory,
    /// The one way out by mail.
    pub mailer: crate::mail::Mailer,
    /// Wakes open pages and the delivery worker.
    pub bell: Bell,
    /// What the ways in remember.
    pub ears: Ears,
    /// Knows where addresses are.
    pub atlas: Atlas,
    /// Makes identifiers.
    pub ids: Ids,
    /// Mails about accounts that are under way.
    pub letters: Letters,
    /// Remembers who tried how often at which door.
    pub limits: Limits,
    /// Those who write down what many ask for at the same time.
    pub clerks: Clerks,
    /// How many refusals were written to the audit log of late.
    pub refusals: Refusals,
    /// Where a test ends the process.
    pub steps: Steps,
}

/// Those who write down what many ask for at the same time.
pub struct Clerks {
    /// Files hits.
    pub hits: Clerk<Bundle>,
    /// Writes down attempts to deliver.
    pub attempts: Clerk<Note>,
}

/// What waits for the clerks, until there is a house for them to work in.
pub struct Inboxes {
    hits: Inbox<Bundle>,
    attempts: Inbox<Note>,
}

impl Clerks {
    /// Clerks, and their inboxes for [`Inboxes::begin`].
    pub fn new() -> (Self, Inboxes) {
        let ((hits, for_hits), (attempts, for_attempts)) = (Clerk::new(), Clerk::new());
        (Self { hits, attempts }, Inboxes { hits: for_hits, attempts: for_attempts })
    }
}

impl Inboxes {
    /// Lets the clerks work, as long as there is the house.
    pub fn begin(self, house: &Arc<House>) {
        tokio::spawn(clerk::work(Arc::downgrade(house), self.hits));
        tokio::spawn(clerk::work(Arc::downgrade(house), self.attempts));
    }
}

impl House {
    /// Now.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Passes a step of the work at which a test may end the process. In a release it does nothing.
    pub fn step(&self, name: &str) {
        self.steps.pass(name);
    }

    /// A new identifier: a UUID of version 7 (RFC 9562, section 5.7). Identifiers sort by age, also those that this
    /// house made within one millisecond.
    pub fn new_id(&self) -> String {
        self.ids.next(self.now(), &*self.chance)
    }
}

/// Makes identifiers that grow: the 12 bits after the millisecond count (RFC 9562, section 6.2, method 1).
#[derive(Debug, Default)]
pub struct Ids {
    /// Millisecond and count of the latest one, in 52 and 12 bits.
    latest: AtomicU64,
}

impl Ids {
    /// An identifier made at this moment. A clock that goes back does not take identifiers back.
    pub fn next(&self, now: Moment, chance: &dyn Chance) -> String {
        let floor = u64::try_from(now.0).unwrap_or(0) << 12;
        let after = |latest: u64| (latest + 1).max(floor);
        let latest = self.latest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |latest| Some(after(latest)));
        let this = after(latest.unwrap_or_else(|latest| latest));
        let [count_high, count_low] = u16::try_from(this & 0xfff).unwrap_or(0).to_be_bytes();
        let [a, b, c, d, e, f, g, h] = chance.bytes::<8>();
        let tail = [count_high, count_low, a, b, c, d, e, f, g, h];
        uuid::Builder::from_unix_timestamp_millis(this >> 12, &tail).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_grow_whatever_the_clock_does() {
        let ids = Ids::default();
        let moments =
            std::iter::repeat_n(Moment(1_700_000_000_000), 10_000).chain([Moment(5), Moment(1_800_000_000_000)]);
        let made: Vec<_> = moments.map(|now| ids.next(now, &SystemChance)).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        assert!(made.iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'7'), "{}", made[0]);
    }
}

//! How many tokens there are, by team and state.
//!
//! Counting 100,000 rows takes longer than all else on a page, so the numbers are kept in memory until a transaction
//! of this process says that it changed them. What other processes do (replicas, the command line) shows a little
//! later; it is only numbers.

use super::{Conn, Store, StoreError, Stored, sql::Sql};
use app::model::{
    ids::TeamId,
    moment::{Moment, SECOND},
    token::TokenState,
};
use sqlx::Row as _;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Mutex;

/// How long numbers are believed in any case, in milliseconds.
const BELIEVED: i64 = 5 * SECOND;

/// How many tokens of a team are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The team.
    pub team_id: TeamId,
    /// The state.
    pub state: TokenState,
    /// How many.
    pub tokens: i64,
}

/// The numbers that are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Grows with each change of a token's existence, team or state.
    changes: Arc<AtomicU64>,
    /// Held while they are counted, so that many who ask at the same time count once.
    known: Arc<Mutex<Option<Known>>>,
}

#[derive(Debug)]
struct Known {
    after: u64,
    at: Moment,
    numbers: Arc<[Counted]>,
}

impl Counts {
    /// Says that a transaction ended that changed the numbers.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

impl Store {
    /// How many tokens there are, by team and state; what is not there is none.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn tokens_counted(&self, now: Moment) -> Stored<Arc<[Counted]>> {
        let mut known = self.counts.known.lock().await;
        // Read before counting: a change in between is then counted again.
        let changes = self.counts.changes.load(Ordering::Acquire);
        if let Some(known) = &*known
            && known.after == changes
            && (0..BELIEVED).contains(&now.since(known.at))
        {
            return Ok(Arc::clone(&known.numbers));
        }
        let numbers: Arc<[Counted]> = count(&mut *self.read().await?).await?.into();
        *known = Some(Known { after: changes, at: now, numbers: Arc::clone(&numbers) });
        Ok(numbers)
    }
}

async fn count(conn: &mut Conn) -> Stored<Vec<Counted>> {
    let sql = Sql::new("SELECT t.team_id, t.state, COUNT(*) AS n FROM tokens t GROUP BY t.team_id, t.state");
    sql.all(conn)
        .await?
        .iter()
        .map(|row| {
            Ok(Counted {
                team_id: TeamId(row.try_get("team_id")?),
                state: TokenState::parse(row.try_get("state")?)
                    .ok_or_else(|| StoreError::corrupt("state of a token"))?,
                tokens: row.try_get("n")?,
            })
        })
        .collect()
}

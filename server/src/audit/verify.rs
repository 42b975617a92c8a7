//! Verifying the chain: walking it from its first entry to its end, and saying where it is not what Aviary wrote.

use crate::{
    house::House,
    store::audit::{self, Head, Link},
};
use app::model::{
    fault::Fault,
    moment::Moment,
    viewer::{Act, Viewer},
};

/// How many entries are read at a time.
const AT_ONCE: u32 = 1_000;
/// How many findings are told. Who sees that many needs no further one.
const MOST: usize = 50;

/// An end of the chain that was noted elsewhere: its place and its hash, as `SEQ:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The place.
    pub seq: i64,
    /// The hash of the entry at this place.
    pub hash: String,
}

impl std::str::FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let odd = || format!("`{text}` is not what `aviary audit head` printed: expected SEQ:HASH");
        let (seq, hash) = text.trim().split_once(':').ok_or_else(odd)?;
        let seq: i64 = seq.parse().map_err(|_| odd())?;
        let hex = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let fits = hex && if seq == 0 { hash.is_empty() } else { seq > 0 && hash.len() == 64 };
        if fits { Ok(Self { seq, hash: hash.to_ascii_lowercase() }) } else { Err(odd()) }
    }
}

/// What a walk over the chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The end of the chain, as it was when the walk began: its place.
    pub seq: i64,
    /// And its hash.
    pub hash: String,
    /// What is wrong, in sentences, in the order of the chain. None where everything is as Aviary wrote it.
    pub findings: Vec<String>,
}

impl Verified {
    fn find(&mut self, what: String) {
        match self.findings.len() {
            0..MOST => self.findings.push(what),
            MOST => self.findings.push("There is more of this sort.".to_owned()),
            _ => {}
        }
    }
}

/// The end of the chain, to be kept elsewhere: its place and its hash.
///
/// # Errors
/// `Forbidden` for those who may not read the log.
pub async fn head(house: &House, viewer: &Viewer) -> Result<(i64, String), Fault> {
    viewer.must(Act::ReadAudit)?;
    let Head { seq, hash } = audit::head(&mut *house.store.read().await?).await?;
    Ok((seq, hash))
}

/// Walks the chain and finds what was taken away, changed, put in, moved or cut off. With `expected`, an end that was noted
/// elsewhere: also whether the chain still leads through it, which alone shows that nobody has set all of the database back
/// to an earlier state.
///
/// # Errors
/// `Forbidden` for those who may not read the log, or where the database refuses.
pub async fn verify(house: &House, viewer: &Viewer, expected: Option<&Expected>) -> Result<Verified, Fault> {
    viewer.must(Act::ReadAudit)?;
    let mut session = house.store.read().await?;
    // Read first: what is added meanwhile stands after it.
    let Head { seq, hash } = audit::head(&mut session).await?;
    let mut found = Verified { seq, hash, ..Verified::default() };
    let sealed = audit::sealed_key(&mut session).await?;
    let key = sealed.as_deref().map(|sealed| audit::key(&house.sealer, sealed)).transpose().unwrap_or_else(|error| {
        tracing::error!(%error, "the audit log's key");
        None
    });
    let Some(key) = key else {
        found.find(
            "The key of the chain is missing, or this sealing key does not open it: nothing can be verified.".into(),
        );
        return Ok(found);
    };
    let mut walk = Walk { key, last: Place::default(), passed: Vec::new() };
    let wanted: Vec<i64> = std::iter::once(found.seq).chain(expected.map(|expected| expected.seq)).collect();
    loop {
        let some = audit::links(&mut session, (walk.last.seq, &walk.last.id), AT_ONCE).await?;
        if some.is_empty() {
            break;
        }
        for link in some {
            walk.step(&link, &wanted, &mut found);
        }
    }
    let now = audit::head(&mut session).await?;
    walk.end(now.seq, expected, &mut found);
    let (outside, first) = audit::count_outside(&mut session).await?;
    if outside > 0 {
        let when = first.map(|at| format!(", the first one dated {}", Moment(at).exact())).unwrap_or_default();
        found.find(format!(
            "{outside} entries stand outside of the chain{when}: they were put in by somebody else, or by a process of an older \
             version."
        ));
    }
    Ok(found)
}

/// Where a walk has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    seq: i64,
    id: String,
    hash: String,
}

struct Walk {
    key: [u8; 32],
    last: Place,
    /// Those of the wanted places that were passed.
    passed: Vec<Place>,
}

impl Walk {
    fn step(&mut self, link: &Link, wanted: &[i64], found: &mut Verified) {
        found.entries += 1;
        let next = self.last.seq.saturating_add(1);
        match link.seq.saturating_sub(next) {
            0 => {}
            1 => found.find(format!("Entry {next} was taken away.")),
            more if more > 1 => found.find(format!("Entries {next} to {} were taken away.", link.seq - 1)),
            _ => found.find(format!("There is more than one entry {}.", link.seq)),
        }
        let fits = audit::seal(&self.key, link) == link.hash;
        if !fits {
            found.find(format!("Entry {} is not what Aviary wrote: {}.", link.seq, described(link)));
        } else if link.seq == next && link.prev != self.last.hash {
            // Its own hash fits, so it is the one before that is another one now.
            found.find(format!(
                "Entry {} does not follow from the entry before it, which is another one now.",
                link.seq
            ));
        }
        self.last = Place { seq: link.seq, id: link.id.clone(), hash: link.hash.clone() };
        if wanted.contains(&link.seq) {
            self.passed.push(self.last.clone());
        }
    }

    fn at(&self, seq: i64) -> Option<&Place> {
        self.passed.iter().find(|place| place.seq == seq)
    }

    /// `now` is the end of the chain after the walk.
    fn end(&self, now: i64, expected: Option<&Expected>, found: &mut Verified) {
        let (seq, last) = (found.seq, self.last.seq);
        if now < last {
            found
                .find(format!("The end of the chain was set back to entry {now}, and there are entries up to {last}."));
        }
        match self.at(seq) {
            Some(place) if place.hash != found.hash => {
                found.find(format!("The end of the chain has another hash than entry {seq}, the last one."));
            }
            None if seq == last.saturating_add(1) => found.find(format!("Entry {seq}, the last one, was cut off.")),
            None if seq > last => {
                found.find(format!("Entries {} to {seq}, the last ones, were cut off.", last.saturating_add(1)))
            }
            // A gap, which was found already; or there is none so far.
            Some(_) | None => {}
        }
        let Some(Expected { seq, hash }) = expected else { return };
        match self.at(*seq) {
            Some(place) if place.hash != *hash => found.find(format!(
                "Entry {seq} has another hash than the one that was noted elsewhere: this is another history."
            )),
            None if *seq > last => found.find(format!(
                "The log ends with entry {last}, before entry {seq} that was noted elsewhere: its end was cut off, or all of \
                 the database was set back."
            )),
            Some(_) | None => {}
        }
    }
}

/// What an entry says of itself, shortly, so that people know where to look.
fn described(link: &Link) -> String {
    let Link { act, actor, at, .. } = link;
    let brief = |text: &str| text.chars().take(80).collect::<String>();
    format!("it says `{}` by {} at {}", brief(act), brief(actor), Moment(*at).exact())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_was_noted_is_read_as_it_was_printed() {
        let hash = "0a".repeat(32);
        let read: Expected = format!("12:{hash}\n").parse().unwrap();
        assert_eq!(read, Expected { seq: 12, hash: hash.clone() });
        assert!("0:".parse::<Expected>().is_ok());
        for odd in ["", "12", "12:", "x:00", &format!("-1:{hash}"), &format!("12:{}", "zz".repeat(32))] {
            assert!(odd.parse::<Expected>().is_err(), "{odd}");
        }
    }

    fn chain(length: i64) -> Vec<Link> {
        let mut prev = String::new();
        let link = |seq| {
            let mut link = Link { seq, prev: prev.clone(), id: seq.to_string(), ..Link::default() };
            link.hash = audit::seal(&[7; 32], &link);
            prev.clone_from(&link.hash);
            link
        };
        (1..=length).map(link).collect()
    }

    fn walked(chain: &[Link], head: &Link, expected: Option<&Expected>) -> Vec<String> {
        let mut found = Verified { seq: head.seq, hash: head.hash.clone(), ..Verified::default() };
        let mut walk = Walk { key: [7; 32], last: Place::default(), passed: Vec::new() };
        let wanted: Vec<i64> = std::iter::once(head.seq).chain(expected.map(|one| one.seq)).collect();
        chain.iter().for_each(|link| walk.step(link, &wanted, &mut found));
        walk.end(head.seq, expected, &mut found);
        found.findings
    }

    #[test]
    fn each_sort_of_damage_is_named_with_its_place() {
        let whole = chain(6);
        let head = whole.last().unwrap();
        assert_eq!(walked(&whole, head, None), [] as [String; 0]);

        let mut edited = whole.clone();
        edited[2].detail = "nothing to see".into();
        assert!(walked(&edited, head, None)[0].starts_with("Entry 3 is not what Aviary wrote"));

        let mut removed = whole.clone();
        removed.drain(1..3);
        assert_eq!(walked(&removed, head, None), ["Entries 2 to 3 were taken away."]);

        let mut swapped = whole.clone();
        (swapped[1].seq, swapped[2].seq) = (3, 2);
        swapped.swap(1, 2);
        let found = walked(&swapped, head, None);
        assert!(found[0].starts_with("Entry 2 is not") && found[1].starts_with("Entry 3 is not"), "{found:?}");

        assert_eq!(walked(&whole[..5], head, None), ["Entry 6, the last one, was cut off."]);
        assert_eq!(walked(&whole[..4], head, None), ["Entries 5 to 6, the last ones, were cut off."]);

        let reset = Link::default();
        assert!(walked(&whole, &reset, None)[0].starts_with("The end of the chain was set back to entry 0"));

        // Whoever sets the end back as well is found out by what was noted elsewhere.
        let noted = Expected { seq: 6, hash: head.hash.clone() };
        assert_eq!(walked(&whole[..4], &whole[3], None), [] as [String; 0]);
        assert!(walked(&whole[..4], &whole[3], Some(&noted))[0].starts_with("The log ends with entry 4"));
        let other = Expected { seq: 5, hash: "0".repeat(64) };
        assert!(walked(&whole, head, Some(&other))[0].starts_with("Entry 5 has another hash"));
    }
}

//! Refusals: whoever was not let in. They are worth more than most entries, and anybody on the net can cause as many as
//! they like: so they are written at a bounded rate, and what was left out is counted.

use super::{Subject, note_on};
use crate::house::House;
use app::model::{
    fault::Fault,
    moment::{MINUTE, Moment},
    viewer::{Origin, Viewer},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// For how long is counted, in milliseconds.
const WHILE: i64 = 15 * MINUTE;
/// How many refusals of one address are written in that time.
const OF_ONE: u32 = 10;
/// How many of all together.
const OF_ALL: u32 = 200;

/// How many refusals were written of late. In memory, and each replica counts for itself: a restart lets a few more be
/// written.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    since: Moment,
    all: u32,
    of: HashMap<String, u32>,
    left_out: u64,
}

/// Whether a refusal is written, and what there is to say besides.
#[derive(Debug, PartialEq, Eq)]
enum Admission {
    /// It is left out and counted.
    LeftOut,
    /// It is written. So many before it were left out, and further ones from the same address will be until then.
    Written { left_out: u64, last_until: Option<Moment> },
}

impl Refusals {
    fn admit(&self, address: &str, now: Moment) -> Admission {
        // Whoever panicked while counting has left numbers behind that are good enough.
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = count.since.plus(WHILE);
        if now >= until || now < count.since {
            *count = Count { since: now, left_out: count.left_out, ..Count::default() };
        }
        let until = count.since.plus(WHILE);
        let of_one = count.of.get(address).copied().unwrap_or(0);
        if count.all >= OF_ALL || of_one >= OF_ONE {
            count.left_out += 1;
            return Admission::LeftOut;
        }
        count.all += 1;
        count.of.insert(address.to_owned(), of_one + 1);
        let last = of_one + 1 == OF_ONE || count.all == OF_ALL;
        Admission::Written { left_out: std::mem::take(&mut count.left_out), last_until: last.then_some(until) }
    }
}

/// Notes that somebody was not let in: `subject` is who they said to be, or what they showed of a key. At most ten in a
/// quarter of an hour of one address, and two hundred in all; the next one that is written says how many were left out.
/// That it cannot be written is no reason to answer otherwise.
pub async fn refused(house: &House, origin: &Origin, act: &str, subject: Subject, detail: &str) {
    let address = origin.address.as_deref().unwrap_or_default();
    let Admission::Written { left_out, last_until } = house.refusals.admit(address, house.now()) else { return };
    let mut detail = detail.to_owned();
    if left_out > 0 {
        detail.push_str(&format!("; {left_out} refusals before this one were not written down"));
    }
    if let Some(until) = last_until {
        detail.push_str(&format!("; further ones from there are only counted until {}", until.exact()));
    }
    if let Err(fault) = write(house, origin, (act, &detail), subject).await {
        tracing::error!(%fault, "a refusal could not be written to the audit log");
    }
}

async fn write(house: &House, origin: &Origin, what: (&str, &str), subject: Subject) -> Result<(), Fault> {
    let nobody = Viewer::nobody("somebody unknown", origin);
    let mut tx = house.store.begin().await?;
    note_on(house, &mut tx, &nobody, what, subject).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(refusals: &Refusals, address: &str, now: Moment) -> bool {
        refusals.admit(address, now) != Admission::LeftOut
    }

    #[test]
    fn one_address_cannot_flood_the_log_nor_hide_another_one() {
        let (refusals, now) = (Refusals::default(), Moment(1_700_000_000_000));
        assert_eq!((0..50).filter(|_| written(&refusals, "a", now)).count(), 10);
        assert!(matches!(refusals.admit("b", now), Admission::Written { left_out: 40, last_until: None }));
        assert!(!written(&refusals, "a", now.plus(WHILE - 1)));
        assert!(written(&refusals, "a", now.plus(WHILE)));
    }

    #[test]
    fn all_addresses_together_are_bounded_and_what_is_left_out_is_counted() {
        let (refusals, now) = (Refusals::default(), Moment(1_700_000_000_000));
        assert_eq!((0..1_000).filter(|n| written(&refusals, &n.to_string(), now)).count(), 200);
        let later = refusals.admit("x", now.plus(WHILE));
        assert_eq!(later, Admission::Written { left_out: 800, last_until: None });
    }

    #[test]
    fn the_last_one_that_is_written_says_so() {
        let (refusals, now) = (Refusals::default(), Moment(1_700_000_000_000));
        let last = (0..10).map(|_| refusals.admit("a", now)).last().unwrap();
        assert_eq!(last, Admission::Written { left_out: 0, last_until: Some(now.plus(WHILE)) });
    }
}

//! Every watched name, kept in memory from one log file to the next.
//!
//! To ask the database which of a file's names are watched, they would have to be collected, which takes several times as
//! long as to search the file for the names that are. So those are kept, together with the count that the database keeps of
//! them: it is asked for anew at each file, so that a token that was minted a moment ago, by whichever replica, is known.

use super::super::scan::{all_watched, search::Search};
use crate::{house::House, store};
use app::model::{fault::Fault, moment::Moment};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Above so many keys the list is not kept: it would take more memory than it is worth. One takes about 200 bytes.
const MOST: usize = 200_000;
/// The list is read again at the earliest after so many times what reading it took, so that a long list of names to which
/// some are added all the time does not cost more than it saves.
const PAUSE: i64 = 20;

/// The list, if it was ever read.
#[derive(Debug, Default)]
pub struct Watchlist(Mutex<Option<List>>);

#[derive(Debug)]
struct List {
    /// What the database had counted before the list was read: so much is in it, or more.
    version: i64,
    /// `None` where there are too many names.
    search: Option<Arc<Search>>,
    /// When it had been read.
    at: Moment,
    /// How long that took, in milliseconds.
    took: i64,
}

impl List {
    /// Whether it may be read again.
    fn is_due(&self, now: Moment) -> bool {
        now.0.saturating_sub(self.at.0) >= self.took.saturating_mul(PAUSE)
    }
}

/// The search for every name that is watched now; `None` where names have to be looked up, because there are too many, or
/// because they change faster than it pays to read them.
///
/// # Errors
/// Where the database refuses.
pub async fn search(house: &House) -> Result<Option<Arc<Search>>, Fault> {
    let version = store::matching::version(&mut *house.store.read().await?).await?;
    // Others wait meanwhile: they would only read the same.
    let mut held = house.ears.reading.watchlist.0.lock().await;
    match &*held {
        Some(list) if list.version >= version => return Ok(list.search.clone()),
        Some(list) if !list.is_due(house.now()) => return Ok(None),
        _ => {}
    }
    let begun = house.now();
    let tokens = all_watched(house).await?;
    let search = (tokens.len() <= MOST).then(|| Arc::new(Search::new(&tokens)));
    let at = house.now();
    *held = Some(List { version, search: search.clone(), at, took: at.0.saturating_sub(begun.0) });
    Ok(search)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_slow_to_read_is_read_seldom() {
        let list = |took| List { version: 1, search: None, at: Moment(1_000_000), took };
        assert!(list(0).is_due(Moment(1_000_000)));
        assert!(!list(500).is_due(Moment(1_009_999)));
        assert!(list(500).is_due(Moment(1_010_000)));
    }
}

//! Pages of a list that is all there: of things of which there are few.

use crate::store::cursor::{self, Cursor};
use app::model::{fault::Fault, list::Page};

/// The page after a cursor. An entry that is gone meanwhile ends the list.
pub fn page_of<T>(mut all: Vec<T>, after: Option<&str>, limit: u32, id: impl Fn(&T) -> &str) -> Result<Page<T>, Fault> {
    if let Some(after) = Cursor::decode_option(after)? {
        let at = all.iter().position(|one| id(one) == after.id).map_or(all.len(), |at| at + 1);
        all.drain(..at);
    }
    Ok(cursor::page(all, cursor::page_size(limit), |one| Cursor::new(0, id(one))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let all = || vec!["c", "a", "b"];
        let first = page_of(all(), None, 2, |one| one).unwrap();
        assert_eq!(first.items, ["c", "a"]);
        let second = page_of(all(), first.next.as_deref(), 2, |one| one).unwrap();
        assert_eq!((second.items, second.next), (vec!["b"], None));
    }
}

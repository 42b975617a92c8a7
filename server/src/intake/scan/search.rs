//! Looks for the names of watched tokens in the bytes of a log, without parsing it: most files hold none.
//!
//! It may find too much, which costs time, but never too little: what is found is parsed and matched properly. It relies
//! on names being written plainly, as AWS does. A name that is interrupted by an escape counts as found.

use crate::store::matching::Watched;
use memchr::memmem::Finder;
use std::collections::{BTreeMap, HashSet};

/// Where a name begins, once the bytes that announce it were found.
#[derive(Clone, Copy, Debug)]
enum Begins {
    /// With the bytes themselves.
    Here,
    /// Right after them.
    After,
    /// After them, in the text that is the field's value.
    AsValue,
}

/// One sort of name: the bytes that announce it, and the names of this sort that are watched.
#[derive(Debug)]
struct Sort {
    announced: Finder<'static>,
    begins: Begins,
    names: HashSet<Box<[u8]>>,
}

/// Everything to look for.
#[derive(Debug)]
pub struct Search(Vec<Sort>);

impl Search {
    /// Looks for the names of these tokens.
    pub fn new(tokens: &[Watched]) -> Self {
        // Key ids and unique ids are announced by their own first letters: AKIA, ASIA, AIDA.
        let mut prefixes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in tokens.iter().flat_map(|token| [&token.access_key_id, &token.unique_id]) {
            if let Some(prefix) = name.get(..4) {
                prefixes.entry(prefix).or_default().push(name);
            }
        }
        let mut sorts: Vec<Sort> =
            prefixes.into_iter().map(|(prefix, names)| sort(prefix, Begins::Here, names.into_iter())).collect();
        let arns = tokens.iter().filter_map(|token| Some(token.arn.split_once(USER)?.1));
        sorts.push(sort(USER, Begins::After, arns));
        let names = tokens.iter().map(|token| token.user_name.as_str());
        sorts.push(sort("\"userName\"", Begins::AsValue, names));
        sorts.retain(|sort| !sort.names.is_empty());
        Self(sorts)
    }

    /// The places at which the name of a watched token may stand, in no order.
    pub fn places(&self, text: &[u8], found: &mut Vec<usize>) {
        found.clear();
        for sort in &self.0 {
            let places = sort.announced.find_iter(text);
            found.extend(places.filter(|place| sort.is_watched(text.get(*place..).unwrap_or_default())));
        }
    }
}

/// What comes before the path and name in a user's ARN.
const USER: &str = ":user/";

fn sort<'a>(announced: &str, begins: Begins, names: impl Iterator<Item = &'a str>) -> Sort {
    let names = names.filter(|name| !name.is_empty()).map(|name| name.as_bytes().into()).collect();
    Sort { announced: Finder::new(announced).into_owned(), begins, names }
}

impl Sort {
    /// Whether a watched name stands where `text` begins.
    fn is_watched(&self, text: &[u8]) -> bool {
        let after = text.get(self.announced.needle().len()..).unwrap_or_default();
        let text = match self.begins {
            Begins::Here => text,
            Begins::After => after,
            Begins::AsValue => match value(after) {
                Some(value) => value,
                None => return false,
            },
        };
        let goes_on = match self.begins {
            Begins::Here => is_of_id,
            Begins::After | Begins::AsValue => is_of_name,
        };
        let end = text.iter().position(|byte| !goes_on(*byte)).unwrap_or(text.len());
        match text.get(end) {
            Some(b'\\') => true,
            _ => text.get(..end).is_some_and(|name| self.names.contains(name)),
        }
    }
}

/// What stands in the quotation marks of a value, given what follows the field's name.
pub fn value(after: &[u8]) -> Option<&[u8]> {
    after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")
}

/// What key ids and unique ids are made of. A session's principal id goes on with a colon and a name.
fn is_of_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Names of users, with or without a path, go on to the end of the text.
fn is_of_name(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\\' | 0..b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        let token = |key: &str, arn: &str, unique_id: &str, user_name: &str| Watched {
            id: "id".into(),
            account: "111122223333".into(),
            access_key_id: key.into(),
            arn: arn.into(),
            unique_id: unique_id.into(),
            user_name: user_name.into(),
        };
        let search = Search::new(&[
            token("AKIAWATCHED000000001", "arn:aws:iam::111122223333:user/ci/deploy", "AIDAWATCHED", "deploy"),
            token("ASIAWATCHED000000002", "", "", ""),
        ]);
        let mut places = Vec::new();
        search.places(text.as_bytes(), &mut places);
        places.len()
    }

    #[test]
    fn each_name_is_found() {
        for text in [
            r#"{"accessKeyId":"AKIAWATCHED000000001"}"#,
            r#"{"accessKeyId": "ASIAWATCHED000000002""#,
            r#"{"principalId":"AIDAWATCHED"}"#,
            r#"{"arn":"arn:aws:iam::111122223333:user/ci/deploy"}"#,
            r#"{"userName":"deploy"}"#,
            "{\"userName\" :\n \"deploy\"}",
        ] {
            assert_eq!(found(text), 1, "{text}");
        }
    }

    #[test]
    fn a_session_of_a_user_is_found_by_its_unique_id() {
        assert_eq!(found(r#"{"principalId":"AIDAWATCHED:session"}"#), 1);
    }

    #[test]
    fn what_only_resembles_a_name_is_not_found() {
        for text in [
            r#"{"accessKeyId":"AKIAWATCHED000000009"}"#,
            r#"{"accessKeyId":"AKIAWATCHED0000000012"}"#,
            r#"{"arn":"arn:aws:iam::111122223333:user/ci/deployer"}"#,
            r#"{"userName":"deploy2","userName":null,"userName":7}"#,
            "AKIA",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
    }

    #[test]
    fn a_name_with_an_escape_is_looked_at() {
        assert_eq!(found(r#"{"userName":"dep\u006coy"}"#), 1);
    }
}

//! The names by which records can mean a token, read off the bytes of a log without parsing it.
//!
//! It may find too many, never too few: the fields are those that matching looks at, wherever they stand. This is the way
//! where the watched names are not kept in memory (`watchlist.rs`): then a file's names are looked up in the database.

use crate::{hits::matching::Names, intake::scan::search::value};
use memchr::{memchr2, memmem::Finder};
use std::{
    collections::{BTreeSet, HashSet},
    sync::LazyLock,
};

/// The longest name that is looked up, in bytes; AWS has none that long.
pub const LONGEST: usize = 2_048;

/// One field, and what is taken of its value.
struct Field {
    finder: Finder<'static>,
    take: fn(&[u8]) -> Option<&[u8]>,
}

fn field(name: &'static str, take: fn(&[u8]) -> Option<&[u8]>) -> Field {
    Field { finder: Finder::new(name), take }
}

static KEYS: LazyLock<Field> = LazyLock::new(|| field("\"accessKeyId\"", all));
static USER_NAMES: LazyLock<Field> = LazyLock::new(|| field("\"userName\"", all));
static ARNS: LazyLock<Field> = LazyLock::new(|| field("\"arn\"", user_arn));
static UNIQUE_IDS: LazyLock<Field> = LazyLock::new(|| field("\"principalId\"", unique_id));

fn all(value: &[u8]) -> Option<&[u8]> {
    Some(value)
}

/// Only users are watched, not roles.
fn user_arn(value: &[u8]) -> Option<&[u8]> {
    memchr::memmem::find(value.get(..64).unwrap_or(value), b":user/").map(|_| value)
}

/// `AIDA…` of `AIDA…:session`.
fn unique_id(value: &[u8]) -> Option<&[u8]> {
    value.split(|byte| *byte == b':').next().filter(|id| id.starts_with(b"AIDA"))
}

/// Adds every name in this text.
pub fn collect(text: &[u8], names: &mut Names) {
    for (field, into) in [
        (&*KEYS, &mut names.keys),
        (&*USER_NAMES, &mut names.user_names),
        (&*ARNS, &mut names.arns),
        (&*UNIQUE_IDS, &mut names.unique_ids),
    ] {
        of_field(text, field, into);
    }
}

/// How many names there are.
pub fn count(names: &Names) -> usize {
    names.keys.len() + names.arns.len() + names.unique_ids.len() + names.user_names.len()
}

fn of_field(text: &[u8], field: &Field, into: &mut BTreeSet<String>) {
    // A log says the same few names again and again, often several times in a row.
    let (mut seen, mut last): (HashSet<&[u8]>, &[u8]) = (HashSet::new(), b"");
    for place in field.finder.find_iter(text) {
        let after = text.get(place + field.finder.needle().len()..).unwrap_or_default();
        let Some(value) = value(after) else { continue };
        let value = value.get(..=LONGEST).unwrap_or(value);
        match memchr2(b'"', b'\\', value).and_then(|end| value.split_at_checked(end)) {
            Some((whole, [b'"', ..])) if whole != last => {
                last = whole;
                if let Some(name) = (field.take)(whole) {
                    seen.insert(name);
                }
            }
            Some((start, [b'\\', ..])) => {
                let plain = escaped(value, start.len());
                into.extend(plain.and_then(|name| usable((field.take)(name.as_bytes())?)));
            }
            // Cut off, or longer than any name.
            _ => {}
        }
    }
    into.extend(seen.into_iter().filter_map(usable));
}

/// A value with an escape in it, which AWS does not write into names, as it is meant.
fn escaped(value: &[u8], first: usize) -> Option<String> {
    let mut at = first;
    while let Some(byte) = value.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => break,
            _ => at += 1,
        }
    }
    let inner = std::str::from_utf8(value.get(..at)?).ok()?;
    serde_json::from_str(&format!("\"{inner}\"")).ok()
}

/// A name that a database takes.
fn usable(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    (!name.is_empty() && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Names {
        let mut names = Names::default();
        collect(text.as_bytes(), &mut names);
        names
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn each_sort_of_name_is_found() {
        let names = found(
            r#"{"userIdentity":{"accessKeyId":"AKIA1","principalId" : "AIDA1:session","arn":"arn:aws:iam::1:user/ci/a",
            "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::1:role/r","principalId":"AROA1","userName":"r"}}},
            "requestParameters":{"userName":"b","accessKeyId":"AKIA2"}}"#,
        );
        assert_eq!(names.keys, set(&["AKIA1", "AKIA2"]));
        assert_eq!(names.unique_ids, set(&["AIDA1"]));
        assert_eq!(names.arns, set(&["arn:aws:iam::1:user/ci/a"]));
        assert_eq!(names.user_names, set(&["r", "b"]));
    }

    #[test]
    fn an_escaped_name_is_read_as_it_is_meant() {
        assert_eq!(found(r#"{"userName":"dep\u006coy","arn":"arn:aws:iam::1:user\/x"}"#).user_names, set(&["deploy"]));
        assert_eq!(found(r#"{"arn":"arn:aws:iam::1:user\/x"}"#).arns, set(&["arn:aws:iam::1:user/x"]));
    }

    #[test]
    fn what_is_no_name_is_passed_over() {
        let long = format!(r#"{{"userName":"{}"}}"#, "x".repeat(LONGEST + 1));
        for text in
            [r#"{"userName":null,"accessKeyId":7}"#, r#""userName""#, r#"{"userName":"cut"#, &long, "\"arn\":\"\""]
        {
            assert_eq!(count(&found(text)), 0, "{text}");
        }
        assert_eq!(count(&found("{\"userName\":\"a\\u0000\"}")), 0);
    }
}

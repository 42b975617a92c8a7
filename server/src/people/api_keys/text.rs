//! What an API key looks like: `avy_`, 34 random letters and digits, and a checksum of six.
//!
//! The checksum is the CRC-32 of gzip (RFC 1952, section 8) over all that stands before it, in base 62. By it a key is
//! told from what only looks like one: by those who search texts for lost secrets, and here before the database is asked.

use crate::house::{Chance, ChanceExt as _};

/// Begins every key.
const PREFIX: &str = "avy_";
/// How many letters and digits are random: 202 bits.
const RANDOM: usize = 34;
/// How many are the checksum: as many as 32 bits need in base 62.
const CHECK: usize = 6;
/// How many letters followed the prefix before there was a checksum: 256 bits as base64url (RFC 4648, section 5).
const BEFORE: usize = 43;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a text is, by its form alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It may be a key.
    Whole,
    /// It begins as a key does, and is none: a letter is wrong or missing.
    Broken,
    /// It is something else.
    Other,
}

/// A new key.
pub fn make(chance: &dyn Chance) -> String {
    let mut text = PREFIX.to_owned();
    text.extend((0..RANDOM).map(|_| digit(chance.below(62))));
    let check = checksum(&text);
    text + &check
}

/// What this text is.
pub fn form(text: &str) -> Form {
    let Some(rest) = text.strip_prefix(PREFIX) else { return Form::Other };
    let whole = match rest.len() {
        BEFORE => rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        _ => match text.split_at_checked(PREFIX.len() + RANDOM) {
            Some((said, check)) => check.len() == CHECK && checksum(said) == check,
            None => false,
        },
    };
    if whole { Form::Whole } else { Form::Broken }
}

fn checksum(text: &str) -> String {
    let sum = u64::from(libdeflater::crc32(text.as_bytes()));
    let place = |at: u32| sum / 62_u64.pow(at) % 62;
    (0..CHECK).rev().map(|at| digit(place(u32::try_from(at).unwrap_or(0)))).collect()
}

/// A digit of base 62.
fn digit(value: u64) -> char {
    let at = usize::try_from(value).unwrap_or(0);
    DIGITS.get(at).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    #[test]
    fn a_new_key_is_whole_and_has_the_form_that_scanners_look_for() {
        for _ in 0..200 {
            let key = make(&SystemChance);
            assert_eq!(key.len(), 44);
            assert!(key.strip_prefix("avy_").unwrap().bytes().all(|b| b.is_ascii_alphanumeric()), "{key}");
            assert_eq!(form(&key), Form::Whole, "{key}");
        }
        assert_ne!(make(&SystemChance), make(&SystemChance));
    }

    #[test]
    fn the_checksum_is_what_the_documentation_says() {
        // python3 -c 'import zlib; print(zlib.crc32(b"avy_" + b"0" * 34))', written in base 62.
        assert_eq!(checksum(&format!("avy_{}", "0".repeat(34))), "29pUHc");
        assert_eq!(checksum("avy_ThisIsNoRealKeyButItLooksLikeOne"), "3JyTfb");
        assert_eq!(checksum(""), "000000");
    }

    #[test]
    fn any_one_wrong_letter_and_any_lost_one_is_noticed() {
        let key = make(&SystemChance);
        for at in PREFIX.len()..key.len() {
            let other = if key.as_bytes()[at] == b'x' { "y" } else { "x" };
            let mut wrong = key.clone();
            wrong.replace_range(at..=at, other);
            assert_eq!(form(&wrong), Form::Broken, "{wrong}");
            wrong.remove(at);
            assert_eq!(form(&wrong), Form::Broken, "{wrong}");
        }
        for text in ["avy_", "avy_short", "avy_é", &format!("{key}x"), &format!("avy_{}", "é".repeat(20))] {
            assert_eq!(form(text), Form::Broken, "{text}");
        }
        for text in ["", "AVY_", "ghp_0123456789", &format!("x{key}")] {
            assert_eq!(form(text), Form::Other, "{text}");
        }
    }

    #[test]
    fn a_key_from_before_there_was_a_checksum_is_whole() {
        assert_eq!(form(&format!("avy_{}", SystemChance.code())), Form::Whole);
    }
}

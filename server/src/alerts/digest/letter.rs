//! A digest as a mail.

use super::body::{Counted, Digest, Item};
use crate::mail::letter::Letter;
use app::model::moment::Moment;

/// How many entries a mail shows; the console has all of them.
const SHOWN: usize = 20;

/// How many calls and sources a mail names of each.
const NAMED: usize = 8;

/// The letter of a digest.
pub fn write(digest: &Digest, summary: &str) -> Letter {
    let opening = "This was held back so as not to flood you, and was not told before. Nothing is missing: what is \
                   counted here is in the console, call by call.";
    let mut letter = Letter::new(summary).say(opening);
    for item in digest.items.iter().take(SHOWN) {
        letter = entry(letter, item);
    }
    if let Some(more) = digest.items.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        letter = letter.say(&format!("And {more} more like these. The console has all of them."));
    }
    match digest.only_token() {
        Some(token) => letter.quote("What to do", &token.notes),
        None => letter,
    }
}

fn entry(letter: Letter, item: &Item) -> Letter {
    let place = match item.token.location.as_str() {
        "" => item.token.access_key_id.clone(),
        place => place.to_owned(),
    };
    let letter = letter.facts(&[
        ("Planted in", place),
        ("What", item.counted()),
        ("When", when(item.first_at, item.last_at)),
        ("Calls", named(&item.by_call, item.count)),
        ("From", named(&item.by_source, item.count)),
        ("Key", item.token.access_key_id.clone()),
        ("Looked after by", item.token.owner.clone()),
    ]);
    match (&item.links.incident, &item.links.token) {
        (Some(address), _) => letter.link("See the incident", address),
        (None, Some(address)) => letter.link("See the key", address),
        (None, None) => letter,
    }
}

fn when(first: Moment, last: Moment) -> String {
    if first == last { first.exact() } else { format!("{} to {}", first.exact(), last.exact()) }
}

/// `sts:GetCallerIdentity (12), iam:ListUsers, and 3 others`
fn named(counts: &[Counted], all: i64) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let named = || counts.iter().take(NAMED);
    let mut parts: Vec<_> = named()
        .map(|one| if one.count == 1 { one.name.clone() } else { format!("{} ({})", one.name, one.count) })
        .collect();
    match all - named().map(|one| one.count).sum::<i64>() {
        ..=0 => {}
        1 => parts.push("and one other".to_owned()),
        others => parts.push(format!("and {others} others")),
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_counted() {
        let counts: Vec<_> =
            (0..10).map(|n| Counted { name: format!("c{n}"), count: if n == 0 { 5 } else { 1 } }).collect();
        assert_eq!(named(&counts[..2], 6), "c0 (5), c1");
        assert_eq!(named(&counts[..2], 7), "c0 (5), c1, and one other");
        assert!(named(&counts, 40).ends_with("c7, and 28 others"), "{}", named(&counts, 40));
        assert_eq!(named(&[], 7), "");
    }
}

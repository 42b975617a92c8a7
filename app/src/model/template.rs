//! Templates of user names, and the lint over what gives a decoy away.
//!
//! Whoever holds a key can always read its user's name and path (`sts:GetCallerIdentity` cannot be denied), and tools of
//! attackers look for names that only decoys have.

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Text(String),
    /// The team's name, in letters that IAM takes.
    Team,
    /// One of the words.
    Word,
    /// So many digits.
    Digits(usize),
    /// So many small letters.
    Letters(usize),
}

/// The longest user name that IAM takes (AWS, "IAM and AWS STS quotas").
pub const LONGEST_NAME: usize = 64;

/// Reads a template: text, and in braces `{team}`, `{word}`, `{digits:4}`, `{letters:3}`.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn parse(template: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let (text, after) = match rest.split_once('{') {
            Some((text, after)) => (text, Some(after)),
            None => (rest, None),
        };
        if let Some(wrong) = text.chars().find(|c| !fits_in_name(*c)) {
            return Err(format!(
                "`{wrong}` cannot stand in a user name; expected letters, digits and any of + = , . @ _ -"
            ));
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        let Some(after) = after else { break };
        let (inside, after) = after.split_once('}').ok_or("a `{` is never closed")?;
        pieces.push(piece(inside)?);
        rest = after;
    }
    if pieces.is_empty() {
        return Err("a template cannot be empty".into());
    }
    Ok(pieces)
}

fn piece(inside: &str) -> Result<Piece, String> {
    let count = |n: &str| match n.parse::<usize>() {
        Ok(n) if (1..=12).contains(&n) => Ok(n),
        _ => Err(format!("`{{{inside}}}`: expected a number from 1 to 12 after the colon")),
    };
    match inside.split_once(':') {
        None if inside == "team" => Ok(Piece::Team),
        None if inside == "word" => Ok(Piece::Word),
        Some(("digits", n)) => Ok(Piece::Digits(count(n)?)),
        Some(("letters", n)) => Ok(Piece::Letters(count(n)?)),
        _ => Err(format!("`{{{inside}}}` is none of {{team}}, {{word}}, {{digits:4}}, {{letters:3}}")),
    }
}

/// Whether a character may stand in an IAM user name (AWS, "IAM identifiers").
pub fn fits_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)
}

/// A name made from a template. `below` gives a random number below its argument.
pub fn expand(pieces: &[Piece], team: &str, words: &[&str], below: &mut dyn FnMut(u64) -> u64) -> String {
    let mut name = String::new();
    let mut one_of = |count: usize| usize::try_from(below(count as u64)).unwrap_or(0);
    for piece in pieces {
        match piece {
            Piece::Text(text) => name.push_str(text),
            Piece::Team => name.push_str(&slug(team)),
            Piece::Digits(n) => name.extend((0..*n).filter_map(|_| DIGITS.chars().nth(one_of(DIGITS.len())))),
            Piece::Letters(n) => name.extend((0..*n).filter_map(|_| LETTERS.chars().nth(one_of(LETTERS.len())))),
            Piece::Word => name.push_str(words.get(one_of(words.len())).copied().unwrap_or("svc")),
        }
    }
    name.truncate(LONGEST_NAME);
    name
}

const DIGITS: &str = "0123456789";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// A team's name in small letters, digits and hyphens.
fn slug(team: &str) -> String {
    let mut slug = String::new();
    for c in team.to_lowercase().chars() {
        match c {
            _ if c.is_ascii_alphanumeric() => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(24);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "team".into() } else { slug.into() }
}

/// Words by which attackers' tools and curious people know a decoy, and why.
const TELLTALE: &[(&str, &str)] = &[
    ("canary", "it says what it is"),
    ("honey", "it says what it is"),
    ("decoy", "it says what it is"),
    ("token", "it is a word of the trade: attackers look for it"),
    ("trap", "it says what it is"),
    ("bait", "it says what it is"),
    ("tripwire", "it says what it is"),
    ("aviary", "it is the name of this product"),
    ("spacecrab", "it is the name of a known tool for decoys"),
    ("spacesiren", "it is the name of a known tool for decoys"),
    ("ggcanary", "it is the name of a known tool for decoys"),
    ("inf_ht_", "it is the prefix of a known tool for decoys"),
    ("thinkst", "it is the name of a known maker of decoys"),
    ("gitguardian", "it is the name of a known maker of decoys"),
    ("@@", "a known tool for decoys writes it into its names"),
];

/// What gives a name, a path, a word or a template away; in sentences. Empty where nothing does.
pub fn lint(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let mut found: Vec<String> = TELLTALE
        .iter()
        .filter(|(word, _)| lower.contains(word))
        .map(|(word, why)| format!("“{word}” must not stand in it: {why}"))
        .collect();
    if has_uuid(&lower) {
        found.push("it holds a UUID: attackers' tools take every UUID in a user's ARN for a decoy".into());
    }
    found
}

/// Whether a text holds a UUID, with or without hyphens.
fn has_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shapes: [&[usize]; 2] = [&[8, 4, 4, 4, 12], &[32]];
    shapes.iter().any(|groups| {
        let whole = groups.iter().sum::<usize>() + groups.len() - 1;
        bytes.windows(whole).any(|window| {
            let mut parts = window.split(|byte| *byte == b'-');
            groups.iter().all(|length| {
                parts.next().is_some_and(|part| part.len() == *length && part.iter().all(u8::is_ascii_hexdigit))
            }) && parts.next().is_none()
        })
    })
}

/// The shape of a name: letters become `a`, digits become `0`, runs become one. Names from one template share it.
pub fn shape(name: &str) -> String {
    let mut shape = String::new();
    for c in name.chars() {
        let sign = match c {
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            '0'..='9' => '0',
            other => other,
        };
        if !shape.ends_with(sign) {
            shape.push(sign);
        }
    }
    shape
}

/// From how many names on a common shape is worth a warning.
const MANY: usize = 5;

/// Warns when the names of an account's tokens have one shape: whoever knows one knows them all.
pub fn advice(names: &[String]) -> Vec<String> {
    let Some(first) = names.first().map(|name| shape(name)).filter(|_| names.len() >= MANY) else { return Vec::new() };
    if names.iter().all(|name| shape(name) == first) {
        return vec![format!(
            "The latest {} users all have names of one shape ({first}). Whoever finds out about one of them can tell the \
             others: give the account several templates, one per line.",
            names.len()
        )];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_and_random_pieces() {
        let pieces = parse("{team}-{word}-{digits:4}").unwrap();
        let mut next = 0;
        let mut below = |bound: u64| {
            next += 7;
            next % bound
        };
        let name = expand(&pieces, "Build & Ops", &["export", "sync"], &mut below);
        let (start, digits) = name.split_at(name.len() - 4);
        assert!(start == "build-ops-export-" || start == "build-ops-sync-", "{name}");
        assert!(digits.bytes().all(|b| b.is_ascii_digit()));
    }

    #[test]
    fn a_wrong_template_says_what_is_wrong() {
        for (template, expected) in [
            ("", "empty"),
            ("a b", "` `"),
            ("{word", "never closed"),
            ("{name}", "none of"),
            ("{digits:0}", "from 1 to 12"),
            ("{digits}", "none of"),
        ] {
            assert!(parse(template).unwrap_err().contains(expected), "{template}");
        }
    }

    #[test]
    fn what_attackers_look_for_is_found() {
        for name in [
            "my-Canary-1",
            "honeypot",
            "svc-decoy",
            "api-token",
            "trap",
            "a@@b",
            "/SpaceCrab/",
            "/ggcanary/",
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
            "x-F47AC10B-58CC-4372-A567-0E02B2C3D479-y",
            "f47ac10b58cc4372a5670e02b2c3d479",
        ] {
            assert!(!lint(name).is_empty(), "{name}");
        }
        for name in ["svc-billing-export-07", "media-sync", "/service/batch/", "f47ac10b-58cc-4372"] {
            assert_eq!(lint(name), [""; 0], "{name}");
        }
    }

    #[test]
    fn names_of_one_shape_are_worth_a_warning() {
        let names = |shapes: &[&str]| shapes.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let same = names(&["build-sync-0412", "build-export-9", "ops-mail-77", "ops-etl-1", "qa-web-12"]);
        assert_eq!(advice(&same).len(), 1);
        assert_eq!(advice(&same[..4]), [""; 0]);
        assert_eq!(advice(&names(&["a-1", "b", "c-d-2", "e_f", "g1"])), [""; 0]);
    }
}

//! What the other side said, without secrets: an answer is kept and shown, and some receivers say back what they got.

use crate::{alerts::destinations::sealing::whole, house::House, store::alerts::destinations::DestinationRow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// What stands where a secret stood.
const MASK: &str = "…";

/// The shortest known secret that is looked for: shorter ones would tear holes into ordinary words.
const SHORTEST: usize = 6;

/// Words after which the next one is a secret, in small letters.
const BEFORE: &[&str] = &["bearer", "basic", "splunk", "genericuser", "digest"];

/// Names whose value is a secret, in small letters: `token=…`, `"api_key": "…"`, `Authorization: …`.
const NAMES: &[&str] = &[
    "authorization",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "api_key",
    "apikey",
    "api-key",
    "x-api-key",
    "password",
    "passwd",
    "secret",
    "client_secret",
    "secret_access_key",
    "aws_secret_access_key",
    "secretaccesskey",
    "sessiontoken",
    "webhook-signature",
    "routing_key",
    "integration_key",
    "cookie",
    "set-cookie",
];

/// How secrets begin that everybody knows.
const BEGINNINGS: &[&str] = &["whsec_", "avy_", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "ghp_", "gho_", "glpat-", "eyJ"];

/// A text without these secrets, and without what looks like one. `known` are those of the destination.
pub fn masked(text: &str, known: &[String]) -> String {
    if text.len() < SHORTEST {
        return text.to_owned();
    }
    let mut known: Vec<&str> = known.iter().map(String::as_str).filter(|secret| secret.len() >= SHORTEST).collect();
    // The longest one first, so that no part of it is left over.
    known.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in &known {
        text = text.replace(secret, MASK);
    }
    // An answer is cut off after some bytes, perhaps in the middle of a secret.
    for secret in &known {
        let mut cut = (SHORTEST..secret.len()).rev().filter_map(|length| secret.get(..length));
        if let Some(kept) = cut.find_map(|beginning| text.strip_suffix(beginning)) {
            text = format!("{kept}{MASK}");
        }
    }
    words(&links(&text))
}

/// Paths of the console under which a code stands that opens something.
const LINKS: [&str; 3] = ["/acknowledge/", "/unsubscribe/", "/confirm/"];

/// Leaves the codes out of links to the console, which an answer may repeat.
fn links(text: &str) -> String {
    let mut text = text.to_owned();
    for link in LINKS {
        let mut parts = text.split(link);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end =
                part.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(part.len());
            out.push_str(link);
            out.push_str(MASK);
            out.push_str(part.get(end..).unwrap_or_default());
        }
        text = out;
    }
    text
}

/// Everything of a destination that must not be kept of its answers: what opens its address, and its sealed secret.
pub fn of(house: &House, destination: &DestinationRow) -> Zeroizing<Vec<String>> {
    let mut secrets = Zeroizing::new(whole(house, destination).map(|address| of_address(&address)).unwrap_or_default());
    let sealed = destination.sealed_secret.as_deref();
    let opened = sealed.and_then(|sealed| house.sealer.open(sealed, destination.id.as_str()).ok());
    if let Some(opened) = opened {
        // A secret may be an address, as chat services have them; and JSON may write its slashes with a backslash.
        secrets.extend(of_address(opened.expose()));
        secrets.push(opened.expose().replace('/', "\\/"));
        if let Some(user) = destination.settings.get("user").and_then(serde_json::Value::as_str) {
            secrets.push(STANDARD.encode(format!("{user}:{}", opened.expose())));
        }
        secrets.push(opened.expose().to_owned());
    }
    secrets
}

/// The parts of an address that open it: each part of its path, each value of its query, and its password.
pub fn of_address(address: &str) -> Vec<String> {
    let Ok(url) = url::Url::parse(address) else { return Vec::new() };
    let mut parts = vec![url.password().unwrap_or_default().to_owned()];
    if url.path().len() > 1 {
        parts.push(url.path().to_owned());
    }
    // An ordinary word of a path, such as `webhook`, is no secret, and answers speak of it.
    parts.extend(url.path_segments().into_iter().flatten().filter(|part| part.len() >= 12).map(str::to_owned));
    parts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
    parts.retain(|part| part.len() >= SHORTEST);
    parts
}

/// Goes through the words of a text and leaves out those that look like secrets.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Whether the word before says that a secret follows.
    let mut expected = false;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.is_empty() {
            let small = word.to_ascii_lowercase();
            let introduces = BEFORE.contains(&small.as_str());
            if (expected && !introduces && word.len() >= 4) || looks_secret(word) {
                out.push_str(MASK);
            } else {
                push(&mut out, word);
            }
            expected =
                introduces || (expected && word.len() < 4) || (NAMES.contains(&small.as_str()) && assigns(after));
        }
        let gap = after.find(in_word).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        if between.contains(['\n', ',', ';', '}']) {
            expected = false;
        }
        out.push_str(between);
        rest = next;
    }
    out
}

/// A word in which `name=value` stands is looked at by its parts.
fn push(out: &mut String, word: &str) {
    match word.split_once('=') {
        Some((name, value)) if NAMES.contains(&name.to_ascii_lowercase().as_str()) && !value.is_empty() => {
            out.push_str(name);
            out.push('=');
            out.push_str(MASK);
        }
        _ => out.push_str(word),
    }
}

/// Whether a value follows: `: x`, `": "x`, ` = x`.
fn assigns(after: &str) -> bool {
    after.trim_start_matches(['"', '\'', ' ']).starts_with([':', '='])
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=' | '.')
}

fn looks_secret(word: &str) -> bool {
    let value = word.rsplit_once('=').map_or(word, |(_, value)| if value.is_empty() { word } else { value });
    let begins = BEGINNINGS.iter().any(|beginning| value.starts_with(beginning) && value.len() >= beginning.len() + 8);
    begins || is_access_key(value) || value.split('.').any(is_secret_key)
}

/// `AKIA…` and `ASIA…` with 16 letters and digits.
fn is_access_key(word: &str) -> bool {
    let rest = word.strip_prefix("AKIA").or_else(|| word.strip_prefix("ASIA"));
    rest.is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}

/// Forty letters, digits, `+` and `/`, of several sorts: as AWS makes secret access keys. A hash in hexadecimal is none.
fn is_secret_key(word: &str) -> bool {
    let sorts = [
        word.bytes().any(|b| b.is_ascii_uppercase()),
        word.bytes().any(|b| b.is_ascii_lowercase()),
        word.bytes().any(|b| b.is_ascii_digit()),
    ];
    word.len() == 40
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        && sorts == [true; 3]
        && !word.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(text: &str) -> String {
        masked(text, &[])
    }

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        for (said, kept) in [
            ("Authorization: Bearer abcdef123456", "Authorization: Bearer …"),
            ("authorization: Basic dXNlcjpwYXNz\nnext", "authorization: Basic …\nnext"),
            (r#"{"token": "abc123456", "ok": true}"#, r#"{"token": "…", "ok": true}"#),
            ("token=abcdefgh&x=1", "token=…&x=1"),
            ("got whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "got …"),
            ("key AKIAIOSFODNN7EXAMPLE used", "key … used"),
            ("secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY no", "secret … no"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "…"),
            ("xoxb-123456789012-abcdef", "…"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "…"),
        ] {
            assert_eq!(alone(said), kept, "{said}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for said in [
            "ok",
            "",
            "invalid_token",
            "the token is wrong, and the secret too",
            "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 deployed",
            "Redirects are not followed. <html>",
            "{\"status\":\"success\",\"dedup_key\":\"incident-1\"}",
            "é\u{1f600} not ASCII: ありがとう",
        ] {
            assert_eq!(alone(said), said);
        }
    }

    #[test]
    fn the_secrets_of_the_destination_are_left_out_wherever_they_stand() {
        let known = of_address("https://u:pass-word@hooks.example.com/services/T000/B000/abcdefghijkl?key=s3cret-key");
        let said = masked("no /services/T000/B000/abcdefghijkl here; abcdefghijkl; s3cret-key; pass-word", &known);
        assert_eq!(said, "no … here; …; …; …");
        assert_eq!(
            masked("unknown path webhook", &of_address("https://a.example.com/webhook/1")),
            "unknown path webhook"
        );
    }

    #[test]
    fn an_answer_that_repeats_the_address_does_not_give_it_away() {
        let address = "https://hooks.example.com/services/T0/B1?key=s3cret-key";
        let mut known = of_address(address);
        known.push(address.to_owned());
        for said in [
            "Cannot POST /services/T0/B1?key=s3cret-key",
            "no such page: https://hooks.example.com/services/T0/B1?key=s3cret-key",
            "<p>/services/T0/B1?&#107;ey=s3cret-key</p>",
        ] {
            let left = masked(said, &known);
            assert!(!left.contains("s3cret") && !left.contains("B1"), "{left}");
        }
    }

    #[test]
    fn a_secret_that_is_cut_off_at_the_end_does_not_begin_there() {
        let known = vec!["abcdefghijklmnop".to_owned()];
        assert_eq!(masked("you sent abcdefghijk", &known), "you sent …");
        assert_eq!(masked("you sent abc", &known), "you sent abc");
    }
}

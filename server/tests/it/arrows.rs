//! The arrows between the parts of the house, read off the source: what may name what. ARCHITECTURE.md draws them.
//!
//! Comments are left out, code is not parsed: each rule looks for words that the forbidden thing cannot do without.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 9] = ["tokens", "accounts", "drills", "hits", "intake", "alerts", "sweep", "people", "audit"];

#[test]
fn sql_stands_in_the_store_alone() {
    let house = Sources::of("server/src");
    house.must_not_say(&["sqlx::", "use sqlx", "query!(", "QueryBuilder"], |path| !path.is_in("store"));
}

#[test]
fn the_aws_sdk_stands_in_its_issuer_in_the_intake_and_where_accounts_are_examined() {
    let house = Sources::of("server/src");
    let places = ["issuers/aws", "intake", "accounts"];
    house.must_not_say(&["aws_sdk_", "aws_config::"], |path| !places.iter().any(|place| path.is_in(place)));
}

#[test]
fn no_room_knows_that_there_is_a_web() {
    let house = Sources::of("server/src");
    let words = ["axum::", "use axum", "leptos", "tower_http", "crate::http", "StatusCode", "HeaderMap"];
    house.must_not_say(&words, |path| ROOMS.iter().any(|room| path.is_in(room)));
}

#[test]
fn the_store_and_the_net_know_no_room() {
    let house = Sources::of("server/src");
    let words: Vec<String> = ROOMS.iter().map(|room| format!("crate::{room}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    house.must_not_say(&words, |path| path.is_in("store") || path.is_in("net"));
}

#[test]
fn the_one_outbound_client_stands_in_the_net() {
    let house = Sources::of("server/src");
    house.must_not_say(&["hyper_util::client", "hyper::client", "TcpStream::connect"], |path| !path.is_in("net"));
}

#[test]
fn the_page_knows_no_database_and_no_cloud() {
    let page = Sources::of("app/src");
    page.must_not_say(&["sqlx", "aws_sdk_", "axum::", "tokio::", "hyper", "aviary::"], |_| true);
}

#[test]
fn parts_know_no_page_and_the_model_knows_nobody() {
    let page = Sources::of("app/src");
    page.must_not_say(&["crate::pages"], |path| path.is_in("parts") || path.is_in("islands") || path.is_in("api"));
    page.must_not_say(&["crate::pages", "crate::parts", "crate::api"], |path| path.is_in("model"));
    // A fault is what server functions fail with, which takes two words of Leptos.
    page.must_not_say(&["leptos"], |path| path.is_in("model") && !path.is_in("model/fault"));
}

/// Leptos writes the children of a textarea as they are, so a value of somebody else's there could close the element;
/// and the attribute `inner_html` escapes nothing by design. One part writes a textarea, and escapes for itself.
#[test]
fn no_text_reaches_a_page_unescaped() {
    let page = Sources::of("app/src");
    page.must_not_say(&["inner_html="], |path| !path.is_in("parts/form/field"));
    for source in &page.0 {
        for element in source.code.split("<textarea").skip(1) {
            let children = element.split_once("</textarea").map_or("", |(before, _)| before);
            let closing = children.rfind('>').map_or("", |at| &children[at + 1..]);
            assert!(
                closing.trim().is_empty(),
                "{}: a textarea has the children {closing:?}; use prop:value",
                source.path.shown()
            );
        }
    }
}

struct Source {
    path: Place,
    code: String,
}

/// A file's path below `src`.
struct Place {
    root: &'static str,
    below: PathBuf,
}

impl Place {
    /// Whether it is `part.rs` or stands in the folder `part`.
    fn is_in(&self, part: &str) -> bool {
        self.below.starts_with(part) || self.below == Path::new(&format!("{part}.rs"))
    }

    fn shown(&self) -> String {
        format!("{}/{}", self.root, self.below.display())
    }
}

struct Sources(Vec<Source>);

impl Sources {
    fn of(root: &'static str) -> Self {
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root);
        let (mut found, mut todo) = (Vec::new(), vec![base.clone()]);
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(&folder).expect("the folder can be read") {
                let path = entry.expect("the entry can be read").path();
                if path.is_dir() {
                    todo.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = fs::read_to_string(&path).expect("the source can be read");
                    let below = path.strip_prefix(&base).expect("the path is below the base").to_owned();
                    found.push(Source { path: Place { root, below }, code: without_comments(&text) });
                }
            }
        }
        assert!(found.len() > 10, "{root} has only {} files: is this the right folder?", found.len());
        Self(found)
    }

    fn must_not_say(&self, words: &[&str], applies: impl Fn(&Place) -> bool) {
        let mut said = Vec::new();
        for source in self.0.iter().filter(|source| applies(&source.path)) {
            for (number, line) in source.code.lines().enumerate() {
                said.extend(
                    words
                        .iter()
                        .filter(|word| says(line, word))
                        .map(|word| format!("{}:{}: {word} in: {}", source.path.shown(), number + 1, line.trim())),
                );
            }
        }
        assert!(said.is_empty(), "an arrow points the wrong way:\n{}", said.join("\n"));
    }
}

/// Whether the line has the word, and not as the end of a longer one.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

/// The same lines, each cut where a comment begins.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| match line.find("//") {
            Some(at) if !line[..at].ends_with(':') => &line[..at],
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

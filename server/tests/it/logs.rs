//! The logs that tests send: our own, one per shape and oddity, and recorded ones where they are on the machine.

use crate::{house::TestHouse, skipped::skipped};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The folder of our own logs.
pub fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cloudtrail")
}

/// One of our own.
pub fn own(name: &str) -> Vec<u8> {
    let path = own_folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder of recorded logs: `AVIARY_SHARED_CLOUDTRAIL`, else beside the repository.
pub fn shared_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("AVIARY_SHARED_CLOUDTRAIL")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cloudtrail"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!("no recorded CloudTrail logs at {}", folder.display()));
    None
}

/// A file of the recorded logs.
pub fn shared(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared_folder()?.join(name)).unwrap())
}

/// The recorded log files below a folder, sorted.
pub fn shared_files(below: &str) -> Vec<PathBuf> {
    let (files, problems) = aviary::intake::scan::walk::files(&[shared_folder().unwrap().join(below)]);
    assert_eq!(problems, []);
    files
}

/// Every key id that occurs anywhere in the recorded logs.
pub fn shared_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for folder in ["invictus/CloudTrail", "stratus"] {
        for file in shared_files(folder) {
            let text = std::fs::read_to_string(file).unwrap();
            for start in ["AKIA", "ASIA"] {
                for (place, _) in text.match_indices(start) {
                    let rest = &text[place..];
                    let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()).unwrap_or(rest.len());
                    // An id stands between quotation marks; the same letters inside of other texts are chance.
                    if end == 20 && text[..place].ends_with('"') && rest[end..].starts_with('"') {
                        keys.insert(rest[..end].to_owned());
                    }
                }
            }
        }
    }
    keys
}

/// Per key id: how many events an independent program counted.
pub fn oracle() -> Option<BTreeMap<String, i64>> {
    let text = String::from_utf8(shared("oracle/invictus_keys.tsv")?).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut fields = line.split('\t');
        (fields.next().unwrap().to_owned(), fields.nth(1).unwrap().parse().unwrap())
    });
    Some(rows.collect())
}

/// Checks that each token was used exactly as often as the oracle says, and the others never.
pub async fn assert_oracle(house: &TestHouse, oracle: &BTreeMap<String, i64>) {
    let api = house.api();
    let (mut after, mut seen) = (String::new(), BTreeMap::new());
    loop {
        let page = api.get(&format!("/tokens?limit=500&after={after}")).await.body();
        for token in page["items"].as_array().unwrap() {
            let id = token["id"].as_str().unwrap();
            let mut uses = 0;
            let mut next = String::new();
            loop {
                let hits = api.get(&format!("/tokens/{id}/hits?kind=use&limit=500&after={next}")).await.body();
                uses += i64::try_from(hits["items"].as_array().unwrap().len()).unwrap();
                match hits["next"].as_str() {
                    Some(cursor) => cursor.clone_into(&mut next),
                    None => break,
                }
            }
            seen.insert(token["access_key_id"].as_str().unwrap().to_owned(), uses);
        }
        match page["next"].as_str() {
            Some(cursor) => cursor.clone_into(&mut after),
            None => break,
        }
    }
    for (key, uses) in &seen {
        assert_eq!(*uses, oracle.get(key).copied().unwrap_or(0), "{key}");
    }
    for key in oracle.keys() {
        assert!(seen.contains_key(key), "{key} is not watched");
    }
}

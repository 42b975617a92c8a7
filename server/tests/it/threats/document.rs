//! SECURITY.md names tests: they are there. And what it says of files holds for whatever is added.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source below a folder, with its path.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let (mut found, mut todo) = (Vec::new(), vec![top().join(below)]);
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// Names of tests are words in small letters, at least four of them, between backquotes.
fn named(document: &str) -> BTreeSet<&str> {
    let quoted = document.split('`').skip(1).step_by(2);
    let is_test = |name: &&str| {
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && name.matches('_').count() > 2
    };
    quoted.filter(is_test).collect()
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let document = fs::read_to_string(top().join("SECURITY.md")).unwrap();
    let tests: Vec<String> = ["server/tests/it", "server/src", "app/src"]
        .into_iter()
        .flat_map(sources)
        .map(|(_, text)| text)
        .filter(|text| text.contains("#[test]") || text.contains("#[tokio::test"))
        .collect();
    let named = named(&document);
    assert!(named.len() > 30, "only {} tests are named", named.len());
    let missing: Vec<_> =
        named.iter().filter(|name| !tests.iter().any(|text| text.contains(&format!("fn {name}(")))).collect();
    assert!(missing.is_empty(), "SECURITY.md names tests that are not there: {missing:?}");
    // Each section about an attacker names some.
    let (_, model) = document.split_once("## The threat model").unwrap();
    for section in model.split("\n### ").skip(1) {
        let title = section.lines().next().unwrap();
        assert!(!self::named(section).is_empty(), "nothing shows what is said about: {title}");
    }
}

/// A cell that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet (OWASP, CSV Injection). Whoever writes such a
/// file puts each cell through a function `safe`.
#[test]
fn no_sheet_is_written_whose_cells_could_be_formulas() {
    for (path, text) in sources("server/src") {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let writes = code.contains("csv::Writer") || code.contains("text/csv");
        assert!(!writes || code.contains("safe(&cell)"), "{} writes cells as they are", path.display());
    }
}

//! What Aviary is made of: one TLS stack, one HTTP stack, and licences that everyone may ship.
//!
//! The licences are those that `deny.toml` lists for cargo-deny, which not every machine has.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

#[test]
fn the_server_has_one_tls_stack_and_one_http_stack() {
    let tree = Tree::read();
    let server = tree.of("server", |kind| kind.is_none());
    let banned = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "aws-lc-fips-sys"];
    let found: Vec<_> = server.iter().filter(|package| banned.contains(&package.name.as_str())).collect();
    assert!(found.is_empty(), "the server must use rustls on ring alone, yet its tree has {found:?}");
    for name in ["rustls", "ring", "hyper", "http", "h2"] {
        let versions: Vec<_> = server.iter().filter(|package| package.name == name).collect();
        assert!(versions.len() <= 1, "expected one version of {name}, found {versions:?}");
    }
    assert!(server.iter().any(|package| package.name == "rustls"), "the walk missed rustls, so it proves nothing");
}

#[test]
fn every_licence_is_on_the_list() {
    let tree = Tree::read();
    let listed = listed();
    let mut odd = Vec::new();
    for member in ["server", "app"] {
        // What the compiler runs is not shipped, but must be usable by everyone all the same.
        for package in tree.of(member, |kind| kind != Some("dev")) {
            if !permitted(&package.licence, &listed) {
                odd.push(format!("{} {}: {:?}", package.name, package.version, package.licence));
            }
        }
    }
    assert!(odd.is_empty(), "licences that deny.toml does not list:\n{}", odd.join("\n"));
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    for fine in
        ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-2.0) AND Unicode-3.0", "MIT AND (ISC OR LGPL-3.0)"]
    {
        assert!(permitted(fine, &listed()), "{fine} is permitted");
    }
    for odd in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND SSPL-1.0", "Apache-2.0 WITH Odd-exception"] {
        assert!(!permitted(odd, &listed()), "{odd} is not permitted");
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    licence: String,
}

/// The resolved graph of this machine's platform, as cargo tells it.
struct Tree {
    packages: BTreeMap<String, Package>,
    /// For each package id what it needs.
    edges: BTreeMap<String, Vec<Need>>,
}

/// Another package's id, and for what it is needed: `dev`, `build`, or `None` for the program itself.
type Need = (String, Vec<Option<String>>);

impl Tree {
    fn read() -> Self {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let out = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &platform])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo starts");
        assert!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
        let read: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata answers JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let packages = list(&read["packages"])
            .map(|one| {
                let package = Package {
                    name: text(&one["name"]),
                    version: text(&one["version"]),
                    licence: text(&one["license"]),
                };
                (text(&one["id"]), package)
            })
            .collect();
        let edges = list(&read["resolve"]["nodes"])
            .map(|node| {
                let needs = list(&node["deps"]).map(|need| {
                    let kinds = list(&need["dep_kinds"]).map(|kind| kind["kind"].as_str().map(str::to_owned)).collect();
                    (text(&need["pkg"]), kinds)
                });
                (text(&node["id"]), needs.collect())
            })
            .collect();
        Self { packages, edges }
    }

    /// Everything below a member of the workspace, itself left out, by dependencies of the wanted kinds.
    fn of(&self, member: &str, wanted: impl Fn(Option<&str>) -> bool) -> BTreeSet<Package> {
        let root = self.packages.iter().find(|(id, package)| package.name == member && id.starts_with("path+"));
        let mut todo = vec![root.expect("the member is in the workspace").0];
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            for (need, kinds) in &self.edges[id] {
                if kinds.iter().any(|kind| wanted(kind.as_deref())) && seen.insert(need) {
                    todo.push(need);
                }
            }
        }
        seen.into_iter().map(|id| self.packages[id].clone()).collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The licences that `deny.toml` allows.
fn listed() -> Vec<String> {
    let file: toml::Table = include_str!("../../../deny.toml").parse().expect("deny.toml is TOML");
    let allow = file["licenses"]["allow"].as_array().expect("licenses.allow is a list");
    allow.iter().filter_map(|one| one.as_str()).map(str::to_owned).collect()
}

/// Whether an SPDX expression leaves a choice in which every licence is on the list.
fn permitted(expression: &str, listed: &[String]) -> bool {
    // The old form with a slash means a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (value, rest) = either(&words, listed);
    value && rest.is_empty()
}

/// Reads the front of the words, and gives back what it means and the words that are left.
type Read<'w, 'a> = (bool, &'w [&'a str]);

fn either<'w, 'a>(words: &'w [&'a str], listed: &[String]) -> Read<'w, 'a> {
    let (mut value, mut rest) = both(words, listed);
    while let ["OR", more @ ..] = rest {
        let (next, left) = both(more, listed);
        (value, rest) = (value | next, left);
    }
    (value, rest)
}

fn both<'w, 'a>(words: &'w [&'a str], listed: &[String]) -> Read<'w, 'a> {
    let (mut value, mut rest) = single(words, listed);
    while let ["AND", more @ ..] = rest {
        let (next, left) = single(more, listed);
        (value, rest) = (value & next, left);
    }
    (value, rest)
}

fn single<'w, 'a>(words: &'w [&'a str], listed: &[String]) -> Read<'w, 'a> {
    match words {
        ["(", inner @ ..] => match either(inner, listed) {
            (value, [")", rest @ ..]) => (value, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => (listed.contains(&format!("{name} WITH {exception}")), rest),
        [name, rest @ ..] => (listed.iter().any(|one| one == name), rest),
        [] => (false, words),
    }
}

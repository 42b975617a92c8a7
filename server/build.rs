//! Tells cargo when the embedded site has changed.
//!
//! A debug build reads `target/site` while it runs, so only a release build must be made again. Where the site was
//! never built the release binary is made again each time, until `make site` was run.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../target/site/manifest.json");
    }
}

//! The parsers of outside bytes, fed with the corpus of the fuzz targets and with what can be made of it: the same bytes each
//! time, on any compiler. `make fuzz` looks further.

use aviary::fuzzing::{TARGETS, feed};
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// What parsers trip over.
const ODD: [&[u8]; 22] = [
    b"\0",
    b"\n",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\xff",
    b"\xe2\x80\xae",
    b"%",
    b"%00",
    b"=",
    b"\x1f\x8b",
];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("corpus").join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Numbers that look random and are the same each time (Marsaglia's xorshift, of 64 bits).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// Something like `bytes`: a few of its places changed, cut, doubled, or taken from another one.
fn mutated(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(24)).min(bytes.len());
        match numbers.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = u8::try_from(numbers.below(256)).unwrap(),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].repeat(1 + numbers.below(40));
                drop(bytes.splice(at..end, piece));
            }
            5 => {
                let from = numbers.below(other.len() + 1);
                let piece = other[from..(from + numbers.below(64)).min(other.len())].to_vec();
                drop(bytes.splice(at..end, piece));
            }
            _ => {
                drop(bytes.splice(at..end, ODD[numbers.below(ODD.len())].iter().copied()));
            }
        }
    }
    bytes
}

/// Feeds a parser, and says with what, should it stop.
fn must_outlive(target: &str, bytes: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| feed(target, bytes))).is_err() {
        panic!("{target} does not outlive {:?}, in hexadecimal {}", String::from_utf8_lossy(bytes), hex::encode(bytes));
    }
}

#[test]
fn every_parser_outlives_its_corpus_and_what_is_made_of_it() {
    let rounds: usize =
        std::env::var("AVIARY_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1_500);
    for (at, (target, _)) in TARGETS.iter().enumerate() {
        let seeds = seeds(target);
        assert!(seeds.len() >= 3, "{target} has only {} seeds", seeds.len());
        for seed in &seeds {
            must_outlive(target, seed);
            for end in 0..seed.len().min(400) {
                must_outlive(target, &seed[..end]);
            }
        }
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(at).unwrap());
        for _ in 0..rounds {
            let (one, other) = (numbers.below(seeds.len()), numbers.below(seeds.len()));
            must_outlive(target, &mutated(&seeds[one], &seeds[other], &mut numbers));
        }
    }
}

/// The fuzz targets, their corpus and the parsers have the same names.
#[test]
fn every_parser_has_its_fuzz_target_and_its_corpus() {
    let names = |below: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz().join(below)).unwrap();
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), known);
    assert_eq!(names("corpus"), known);
    let manifest: toml::Table = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap().parse().unwrap();
    let built: BTreeSet<String> =
        manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(built, known);
    for name in &known {
        let source = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(source.contains(&format!("feed(\"{name}\", bytes)")), "{name} feeds another parser");
    }
}

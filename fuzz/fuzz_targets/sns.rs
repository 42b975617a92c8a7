//! See `server/src/fuzzing.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| aviary::fuzzing::feed("sns", bytes));

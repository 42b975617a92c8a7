//! Scans one file: inflates it, looks for names in its bytes, and parses only the records that hold one.

use super::search::Search;
use crate::{
    hits::{matching::Watch, record::Record},
    intake::{
        inflate::{Inflater, is_gzip},
        read::{Batch, NotJson, is_whole, pieces},
    },
};
use app::model::{hit::HitKind, ids::TokenId};
use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// The largest file, plain or inflated, in bytes.
const LARGEST: usize = 1 << 30;

/// What is said of a file whose ends do not fit.
pub const CUT_OFF: &str = "it is no JSON, or cut off";

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Found {
    /// Records that are about a token, in the order of the file, and what they say about which tokens.
    pub matches: Vec<(Record, Vec<(TokenId, HitKind)>)>,
    /// What is wrong with the file, if something is. Records before that place are found all the same.
    pub problem: Option<String>,
    /// Whether the problem may go away: the file could not be read at all.
    pub later: bool,
    /// How much was searched, in bytes, inflated.
    pub bytes: usize,
}

/// Scans files one after the other, with buffers that are kept.
pub struct Scanner<'a> {
    watch: &'a Watch,
    search: &'a Search,
    inflater: Inflater,
    file: Vec<u8>,
    places: Vec<usize>,
}

impl<'a> Scanner<'a> {
    /// Looks for these tokens.
    pub fn new(watch: &'a Watch, search: &'a Search) -> Self {
        Self { watch, search, inflater: Inflater::new(LARGEST), file: Vec::new(), places: Vec::new() }
    }

    /// Scans the file at this path.
    pub fn scan(&mut self, path: &Path) -> Found {
        if let Err(error) = read_into(path, &mut self.file) {
            let later = error.kind() != io::ErrorKind::FileTooLarge;
            return Found { problem: Some(error.to_string()), later, ..Found::default() };
        }
        let text = if is_gzip(&self.file) {
            match self.inflater.inflate(&self.file) {
                Ok(text) => text,
                Err(error) => return Found { problem: Some(error.to_string()), ..Found::default() },
            }
        } else {
            &self.file
        };
        in_text(text, self.watch, self.search, &mut self.places)
    }
}

/// Looks for records about these tokens in a text. `places` is a buffer that is kept.
fn in_text(text: &[u8], watch: &Watch, search: &Search, places: &mut Vec<usize>) -> Found {
    let (records, problem) = candidates(text, search, places);
    let mut found = Found { bytes: text.len(), problem, ..Found::default() };
    for record in records {
        let tokens = watch.matches(&record);
        if !tokens.is_empty() {
            found.matches.push((record, tokens));
        }
    }
    found
}

/// The records of a text in which a name that is searched for stands, and what is wrong with the text, if something is.
/// `places` is a buffer that is kept.
pub fn candidates(text: &[u8], search: &Search, places: &mut Vec<usize>) -> (Vec<Record>, Option<String>) {
    search.places(text, places);
    places.sort_unstable();
    if places.is_empty() {
        return (Vec::new(), (!is_whole(text)).then(|| CUT_OFF.to_owned()));
    }
    let (batch, problem) = records_at(text, places);
    let mut problem = problem.map(|problem| format!("it is no JSON: {problem}"));
    if problem.is_none() && !is_whole(text) {
        problem = Some(CUT_OFF.to_owned());
    }
    if let (None, Some(first)) = (&problem, batch.unreadable.first()) {
        problem = Some(format!("{} records cannot be read; the first: {}", batch.unreadable.len(), first.reason));
    }
    (batch.records, problem)
}

fn read_into(path: &Path, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let read = File::open(path)?.take(most + 1).read_to_end(buffer)?;
    if read > LARGEST {
        let why = format!("it is larger than {} GiB; split it", LARGEST >> 30);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(())
}

/// The records that stand at these places, which are sorted. Of JSON Lines, a line that is no JSON does not lose the
/// lines after it; the first such place is returned.
fn records_at(text: &[u8], places: &[usize]) -> (Batch, Option<NotJson>) {
    let mut batch = Batch::default();
    let mut problem: Option<NotJson> = None;
    let (mut start, mut lines) = (0, 0);
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let mut places = places.iter().copied().skip_while(|place| *place < start).peekable();
        let done = pieces(rest, &mut |piece| {
            let begins = start + offset(rest, piece.get().as_bytes());
            let ends = begins + piece.get().len();
            if places.next_if(|place| *place < ends).is_some() {
                while places.next_if(|place| *place < ends).is_some() {}
                batch.add(piece);
            }
            places.peek().is_some()
        });
        let Err(mut error) = done else { break };
        let Some(next) = next_line(rest, error.byte) else {
            error.byte += start;
            error.line += lines;
            problem = problem.or(Some(error));
            break;
        };
        lines += rest.get(..next).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        error.byte += start;
        problem = problem.or(Some(error));
        start += next;
    }
    (batch, problem)
}

/// How far into `text` a part of it begins.
fn offset(text: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// Where the next line begins that can be an object of JSON Lines.
fn next_line(text: &[u8], after: usize) -> Option<usize> {
    memchr::memmem::find(text.get(after..)?, b"\n{\"").map(|at| after + at + 1)
}

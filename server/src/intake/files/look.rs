//! Looks through one log file for records about watched tokens, with bounded memory whatever the file's size.
//!
//! Most files are small: they are inflated whole into a buffer that is kept, and searched as `aviary scan` does. One that
//! inflates to more than [`WHOLE`] is inflated twice in portions: to see whether a watched name stands in it, and, if so,
//! to split off its records. Where the watched names are not at hand, the file's own are collected first, and looked up.

use super::{names, split::Splitter};
use crate::{
    hits::{matching::Names, record::Record},
    intake::{
        inflate::{InflateError, Inflater, is_gzip},
        read::{Batch, begins_as_file},
        scan::{
            file::{CUT_OFF, candidates},
            search::Search,
        },
    },
    store::matching::Watched,
};
use app::model::{fault::Fault, moment::Moment};
use flate2::bufread::MultiGzDecoder;
use serde_json::value::RawValue;
use std::io::Read;

/// Up to this size, inflated, a file is held whole, in bytes.
pub const WHOLE: usize = 32 << 20;
/// What a file may inflate to at most, in bytes.
pub const LARGEST: u64 = 1 << 30;
/// How much is inflated at a time, in bytes.
const PORTION: usize = 1 << 20;
/// How much of a portion is looked at again with the next one, so that no name is cut: more than the longest field.
const OVERLAP: usize = 2 * names::LONGEST;
/// How many names are collected before they are looked up, so that they stay few whatever a file holds.
const NAMES: usize = 20_000;
/// How much of a file's end is looked at to see whether it is whole, in bytes.
const ENDS: usize = 64;
/// How many records are handed on at once.
const RECORDS: usize = 500;

/// The tokens that go by these names.
pub type LookUp<'a> = &'a mut dyn FnMut(&Names) -> Result<Vec<Watched>, Fault>;

/// How a look knows what is watched.
pub enum Known<'a> {
    /// Every watched name is at hand.
    All(&'a Search),
    /// It has to ask for those that stand in the file.
    Asked(LookUp<'a>),
}

impl Known<'_> {
    /// What is to be looked for where these names stand; nothing has to be asked for where all is at hand.
    fn ask(&mut self, names: &Names) -> Result<Vec<Watched>, Fault> {
        match self {
            Self::Asked(look_up) if names::count(names) > 0 => look_up(names),
            _ => Ok(Vec::new()),
        }
    }
}

/// Where a look gets its answers from, and where it hands on what it finds.
pub struct Hands<'a> {
    /// What is watched.
    pub known: Known<'a>,
    /// Takes records in which the name of a token stands.
    pub take: &'a mut dyn FnMut(Vec<Record>) -> Result<(), Fault>,
}

/// What a look came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// How much was looked through, in bytes, inflated.
    pub bytes: u64,
    /// The time of the first call in the file.
    pub first_call: Option<Moment>,
    /// What is wrong with the file, if something is. What stands before that was found all the same.
    pub problem: Option<String>,
}

/// Buffers that are kept from one file to the next.
pub struct Looker {
    inflater: Inflater,
    places: Vec<usize>,
    portion: Vec<u8>,
}

impl Default for Looker {
    fn default() -> Self {
        Self { inflater: Inflater::new(WHOLE), places: Vec::new(), portion: Vec::new() }
    }
}

impl Looker {
    /// Looks through a file, gzip or not.
    ///
    /// # Errors
    /// Where a look-up or the filing fails: then nothing is known, and the file has to be looked at again.
    pub fn look(&mut self, file: &[u8], hands: &mut Hands<'_>) -> Result<Looked, Fault> {
        if !is_gzip(file) {
            return whole(file, &mut self.places, hands);
        }
        match self.inflater.inflate(file) {
            Ok(text) => whole(text, &mut self.places, hands),
            Err(InflateError::TooLarge(_)) => self.in_portions(file, hands),
            Err(error @ InflateError::Damaged) => Ok(Looked { problem: Some(error.to_string()), ..Looked::default() }),
        }
    }

    fn in_portions(&mut self, file: &[u8], hands: &mut Hands<'_>) -> Result<Looked, Fault> {
        let mut looked = Looked::default();
        let (mut seek, mut places) = (Seek::new(&hands.known), std::mem::take(&mut self.places));
        let (mut is_file, mut first, mut last) = (false, 0, Vec::new());
        let done = portions(file, &mut self.portion, &mut |seen, text| {
            if looked.bytes == 0 {
                looked.first_call = first_call(text);
                is_file = begins_as_file(text);
                first = text.trim_ascii_start().first().copied().unwrap_or_default();
            }
            looked.bytes += u64::try_from(text.len() - seen).unwrap_or(u64::MAX);
            last.clear();
            let end = text.trim_ascii_end();
            last.extend_from_slice(end.get(end.len().saturating_sub(ENDS)..).unwrap_or_default());
            seek.first_pass(text, &mut places, hands)
        })?;
        looked.problem = done.or_else(|| {
            let whole = match last.strip_suffix(b"}").map(<[u8]>::trim_ascii_end) {
                Some(inner) if is_file => inner.ends_with(b"]"),
                Some(_) => matches!(first, b'{' | b'\xef'),
                None => matches!(first, b'[' | b'\xef') && last.ends_with(b"]"),
            };
            (!whole).then(|| CUT_OFF.to_owned())
        });
        let of_file;
        let search = match seek.done(hands)? {
            Sought::Nothing => None,
            Sought::Kept(search) => Some(search),
            Sought::OfFile(search) => {
                of_file = search;
                Some(&of_file)
            }
        };
        if let Some(search) = search {
            let mut found = Found::default();
            let mut splitter = Splitter::new();
            portions(file, &mut self.portion, &mut |seen, text| {
                splitter.take(text.get(seen..).unwrap_or_default(), &mut |record| {
                    search.places(record, &mut places);
                    if !places.is_empty() {
                        found.add(record);
                    }
                });
                found.hand_on(hands)
            })?;
            if splitter.too_large > 0 {
                found.unreadable =
                    Some(format!("{} records are too large to be any of CloudTrail's", splitter.too_large));
            }
            looked.problem = looked.problem.or(found.unreadable);
        }
        self.places = places;
        Ok(looked)
    }
}

/// The first pass over a file: is there a name that is watched?
enum Seek<'a> {
    /// With every watched name at hand, it is known at the first one that is found.
    Kept(&'a Search, bool),
    /// Else the names are collected, and looked up portion by portion.
    Collected(Names, Vec<Watched>),
}

/// What the first pass came to: what to search for in the second one.
enum Sought<'a> {
    Nothing,
    Kept(&'a Search),
    OfFile(Search),
}

impl<'a> Seek<'a> {
    fn new(known: &Known<'a>) -> Self {
        match known {
            Known::All(search) => Self::Kept(search, false),
            Known::Asked(_) => Self::Collected(Names::default(), Vec::new()),
        }
    }

    fn first_pass(&mut self, text: &[u8], places: &mut Vec<usize>, hands: &mut Hands<'_>) -> Result<(), Fault> {
        match self {
            Self::Kept(_, true) => {}
            Self::Kept(search, found) => {
                search.places(text, places);
                *found = !places.is_empty();
            }
            Self::Collected(collected, watched) => {
                names::collect(text, collected);
                if names::count(collected) > NAMES {
                    watched.extend(hands.known.ask(&std::mem::take(collected))?);
                }
            }
        }
        Ok(())
    }

    fn done(self, hands: &mut Hands<'_>) -> Result<Sought<'a>, Fault> {
        match self {
            Self::Kept(search, true) => Ok(Sought::Kept(search)),
            Self::Kept(_, false) => Ok(Sought::Nothing),
            Self::Collected(collected, mut watched) => {
                watched.extend(hands.known.ask(&collected)?);
                Ok(if watched.is_empty() { Sought::Nothing } else { Sought::OfFile(Search::new(&watched)) })
            }
        }
    }
}

/// Records on their way out.
#[derive(Default)]
struct Found {
    batch: Batch,
    unreadable: Option<String>,
}

impl Found {
    fn add(&mut self, record: &[u8]) {
        match serde_json::from_slice::<&RawValue>(record) {
            Ok(piece) => self.batch.add(piece),
            Err(error) => self.unreadable = Some(format!("a record cannot be read: {error}")),
        }
    }

    fn hand_on(&mut self, hands: &mut Hands<'_>) -> Result<(), Fault> {
        let batch = std::mem::take(&mut self.batch);
        if let Some(first) = batch.unreadable.first() {
            self.unreadable = Some(format!("a record cannot be read: {}", first.reason));
        }
        hand_on(batch.records, hands)
    }
}

/// Hands records on in portions. Which tokens each is about, if any, is decided where they are received.
fn hand_on(records: Vec<Record>, hands: &mut Hands<'_>) -> Result<(), Fault> {
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        (hands.take)(records.by_ref().take(RECORDS).collect())?;
    }
    Ok(())
}

/// Looks through a text that is held whole.
fn whole(text: &[u8], places: &mut Vec<usize>, hands: &mut Hands<'_>) -> Result<Looked, Fault> {
    let of_file;
    let search = match &mut hands.known {
        Known::All(search) => *search,
        asked @ Known::Asked(_) => {
            let mut names = Names::default();
            names::collect(text, &mut names);
            of_file = Search::new(&asked.ask(&names)?);
            &of_file
        }
    };
    let (records, problem) = candidates(text, search, places);
    hand_on(records, hands)?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    Ok(Looked { bytes, first_call: first_call(text), problem })
}

/// Takes how much of a text was seen before, and the text.
type Each<'a> = &'a mut dyn FnMut(usize, &[u8]) -> Result<(), Fault>;

/// Inflates a file in portions. `each` gets how much of the text it has seen before, and the text. What is wrong with the
/// file is returned.
fn portions(file: &[u8], buffer: &mut Vec<u8>, each: Each<'_>) -> Result<Option<String>, Fault> {
    let mut text = MultiGzDecoder::new(file).take(LARGEST + 1);
    let mut seen = 0;
    let mut total = 0;
    buffer.clear();
    buffer.resize(OVERLAP + PORTION, 0);
    loop {
        let mut filled = seen;
        let mut wrong = None;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match text.read(room) {
                Ok(0) => break,
                Ok(read) => filled += read,
                // What follows the last member and is no member is ignored, as gzip itself does.
                Err(error) if error.kind() == std::io::ErrorKind::InvalidInput && total > 0 => break,
                Err(_) => {
                    wrong = Some(InflateError::Damaged.to_string());
                    break;
                }
            }
        }
        total += u64::try_from(filled - seen).unwrap_or(u64::MAX);
        if total > LARGEST {
            return Ok(Some("it inflates to more than 1 GiB".to_owned()));
        }
        each(seen, buffer.get(..filled).unwrap_or_default())?;
        if wrong.is_some() || filled < buffer.len() {
            return Ok(wrong);
        }
        buffer.copy_within(filled - OVERLAP.., 0);
        seen = OVERLAP;
    }
}

/// The time of the first call in a log.
fn first_call(text: &[u8]) -> Option<Moment> {
    let at = memchr::memmem::find(text, b"\"eventTime\"")? + b"\"eventTime\"".len();
    let value = crate::intake::scan::search::value(text.get(at..)?)?;
    let end = memchr::memchr(b'"', value.get(..40).unwrap_or(value))?;
    Moment::parse(std::str::from_utf8(value.get(..end)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use libdeflater::{CompressionLvl, Compressor};

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::new(1).unwrap());
        let mut out = vec![0; compressor.gzip_compress_bound(content.len())];
        let size = compressor.gzip_compress(content, &mut out).unwrap();
        out.truncate(size);
        out
    }

    fn record(n: usize, key: &str) -> String {
        format!(
            r#"{{"eventID":"e{n}","eventTime":"2026-03-01T10:00:00Z","eventName":"X","userIdentity":{{"accessKeyId":"{key}"}}}}"#
        )
    }

    /// What is found in a file when this key is watched: the same, whether or not the search is at hand.
    fn look(file: &[u8], watched: &str) -> (Looked, Vec<String>) {
        let (looked, found) = look_with(file, watched, false);
        let kept = look_with(file, watched, true);
        assert_eq!((&kept.0, &kept.1), (&looked, &found));
        (looked, found)
    }

    fn look_with(file: &[u8], watched: &str, kept: bool) -> (Looked, Vec<String>) {
        let mut found = Vec::new();
        let token = || Watched {
            id: "t".into(),
            account: String::new(),
            access_key_id: watched.into(),
            arn: String::new(),
            unique_id: String::new(),
            user_name: String::new(),
        };
        let search = Search::new(&[token()]);
        let mut look_up = |names: &Names| Ok(names.keys.contains(watched).then(token).into_iter().collect());
        let mut take = |records: Vec<Record>| {
            assert!(records.len() <= RECORDS);
            found.extend(records.into_iter().map(|record| record.event_id));
            Ok(())
        };
        let known = if kept { Known::All(&search) } else { Known::Asked(&mut look_up) };
        let mut hands = Hands { known, take: &mut take };
        let looked = Looker::default().look(file, &mut hands).unwrap();
        (looked, found)
    }

    /// A log of this size, in which every 100,000th record is by this key.
    fn log(size: usize, key: &str) -> (String, Vec<String>) {
        let (mut text, mut of_key, mut n) = (String::from("{\"Records\":["), Vec::new(), 0);
        while text.len() < size {
            let ours = n % 100_000 == 99_999 || n == 0;
            let by = if ours { key.to_owned() } else { format!("AKIAOTHER{:011}", n % 50_000) };
            if ours {
                of_key.push(format!("e{n}"));
            }
            text.push_str(&record(n, &by));
            text.push(',');
            n += 1;
        }
        text.push_str(&record(n, key));
        of_key.push(format!("e{n}"));
        text.push_str("]}");
        (text, of_key)
    }

    #[test]
    fn the_same_is_found_in_small_and_in_large_files() {
        for size in [1_000, WHOLE - (1 << 20), WHOLE + (4 << 20)] {
            let (text, expected) = log(size, "AKIAWATCHED000000001");
            let (looked, found) = look(&gzip(text.as_bytes()), "AKIAWATCHED000000001");
            assert_eq!((looked.problem, looked.bytes), (None, text.len() as u64), "{size}");
            assert_eq!(looked.first_call, Moment::parse("2026-03-01T10:00:00Z"));
            assert_eq!(found, expected, "{size}");
            assert_eq!(look(&gzip(text.as_bytes()), "AKIAWATCHED000000009").1, Vec::<String>::new());
        }
    }

    #[test]
    fn a_bomb_is_refused_and_never_held() {
        let bomb = {
            use std::io::Write as _;
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            let portion = vec![b' '; 1 << 20];
            for _ in 0..=1024 {
                encoder.write_all(&portion).unwrap();
            }
            encoder.finish().unwrap()
        };
        assert!(bomb.len() < 2 << 20, "{}", bomb.len());
        let (looked, found) = look(&bomb, "AKIAWATCHED000000001");
        assert_eq!(looked.problem.as_deref(), Some("it inflates to more than 1 GiB"));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn what_is_damaged_or_cut_off_is_said_to_be() {
        let (text, _) = log(WHOLE + (4 << 20), "AKIAWATCHED000000001");
        let file = gzip(text.as_bytes());
        for file in [&file[..file.len() - 9], &gzip(record(1, "AKIA").as_bytes())[..20]] {
            assert!(look(file, "AKIA").0.problem.unwrap().contains("damaged"));
        }
        let cut = gzip(&text.as_bytes()[..text.len() - 2]);
        assert_eq!(look(&cut, "AKIA").0.problem.as_deref(), Some(CUT_OFF));
        assert!(look(b"hello", "AKIA").0.problem.is_some());
    }
}

//! Splits a log into its records while it is being inflated: for files that are too large to be held whole.

use crate::intake::read::begins_as_file;

/// The largest record that is kept, in bytes. CloudTrail's own limit is 256 KiB, lately 1 MiB.
const LARGEST: usize = 4 << 20;

/// Takes a text in portions and hands on its records.
pub struct Splitter {
    /// How deep records lie: two in a log file (`{"Records": [`), one in an array, else they stand one after the other.
    depth_of_records: Option<u32>,
    depth: u32,
    in_text: bool,
    escaped: bool,
    record: Vec<u8>,
    /// How many records were larger than is kept.
    pub too_large: usize,
}

impl Splitter {
    /// At the beginning of a text.
    pub fn new() -> Self {
        Self { depth_of_records: None, depth: 0, in_text: false, escaped: false, record: Vec::new(), too_large: 0 }
    }

    /// Takes the next portion. The first one must hold the beginning of the first record.
    pub fn take(&mut self, mut portion: &[u8], each: &mut dyn FnMut(&[u8])) {
        if self.depth_of_records.is_none() {
            portion = portion.strip_prefix(b"\xef\xbb\xbf").unwrap_or(portion);
            self.depth_of_records = Some(match portion.trim_ascii_start().first() {
                _ if begins_as_file(portion) => 2,
                Some(b'[') => 1,
                _ => 0,
            });
        }
        let depth_of_records = self.depth_of_records.unwrap_or_default();
        for byte in portion {
            let inside = self.depth > depth_of_records;
            let ended = self.step(*byte, depth_of_records);
            if (inside || self.depth > depth_of_records) && self.record.len() <= LARGEST {
                self.record.push(*byte);
            }
            if ended {
                if self.record.len() > LARGEST {
                    self.too_large += 1;
                } else {
                    each(&self.record);
                }
                self.record.clear();
            }
        }
    }

    /// One byte further; whether a record ends with it.
    fn step(&mut self, byte: u8, depth_of_records: u32) -> bool {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                let was = self.depth;
                self.depth = self.depth.saturating_sub(1);
                return was > depth_of_records && self.depth == depth_of_records;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, portion: usize) -> Vec<String> {
        let (mut splitter, mut found) = (Splitter::new(), Vec::new());
        let (first, rest) = text.as_bytes().split_at(text.len().min(24));
        splitter.take(first, &mut |record| found.push(String::from_utf8(record.to_vec()).unwrap()));
        for portion in rest.chunks(portion) {
            splitter.take(portion, &mut |record| found.push(String::from_utf8(record.to_vec()).unwrap()));
        }
        found
    }

    #[test]
    fn records_come_out_whatever_the_portions() {
        let (one, other) = (r#"{"a":"}]\"{","b":[{"c":1}]}"#, r#"{"d":{}}"#);
        for text in [
            format!(r#"{{"Records":[{one},{other}]}}"#),
            format!(r#"{{ "Records" : [ {one} , {other} ] }}"#),
            format!("[{one},\n{other}]"),
            format!("{one}\n{other}\n"),
        ] {
            for portion in [1, 2, 7, 1000] {
                assert_eq!(split(&text, portion), [one, other], "{text} by {portion}");
            }
        }
        assert_eq!(split(r#"{"Records":[]}"#, 3), Vec::<String>::new());
    }

    #[test]
    fn a_record_beyond_the_limit_is_counted_and_not_kept() {
        let text = format!(r#"{{"Records":[{{"a":"{}"}},{{"b":1}}]}}"#, "x".repeat(LARGEST));
        let (mut splitter, mut found) = (Splitter::new(), Vec::new());
        splitter.take(text.as_bytes(), &mut |record| found.push(record.to_vec()));
        assert_eq!((splitter.too_large, found), (1, vec![br#"{"b":1}"#.to_vec()]));
        assert!(splitter.record.is_empty());
    }
}

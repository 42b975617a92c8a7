//! How far a scan is: a line that is written over on a terminal, and a plain line now and then elsewhere.

use crate::house::{Clock as _, SystemClock};
use app::model::moment::{Moment, SECOND};
use std::io::{IsTerminal as _, Write as _};

/// How often the line on a terminal is written, and a plain one, in milliseconds.
const ON_TERMINAL: i64 = 100;
const PLAIN: i64 = 10 * SECOND;
/// How wide the bar is, in characters.
const WIDTH: usize = 24;

/// Tells on the standard error how far a scan is.
pub struct Progress {
    terminal: bool,
    last: Moment,
    shown: bool,
}

impl Progress {
    /// Nothing is told yet.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: SystemClock.now(), shown: false }
    }

    /// One more file is done.
    pub fn step(&mut self, files: usize, of: Option<usize>, bytes: usize, at: &str) {
        let now = SystemClock.now();
        let last = of == Some(files);
        if now.since(self.last) < if self.terminal { ON_TERMINAL } else { PLAIN } && !(last && self.shown) {
            return;
        }
        self.last = now;
        let line = line(files, of, bytes, at);
        if self.terminal {
            // Back to the beginning, and away with what stood there.
            eprint!("\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
            self.shown = true;
        } else {
            eprintln!("{line}");
        }
    }

    /// Something else is about to be printed, or the scan is over.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            eprint!("\r\x1b[K");
            let _ = std::io::stderr().flush();
        }
    }
}

fn line(files: usize, of: Option<usize>, bytes: usize, at: &str) -> String {
    let mebibytes = bytes >> 20;
    match of.filter(|of| *of > 0) {
        Some(of) => {
            let full = (WIDTH * files / of).min(WIDTH);
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(WIDTH - full));
            format!("[{bar}] {:>3} %  {files} of {of} files, {mebibytes} MiB", 100 * files / of)
        }
        None => {
            let tail: Vec<char> = at.chars().rev().take(40).collect();
            let tail: String = tail.into_iter().rev().collect();
            format!("{files} files, {mebibytes} MiB, at …{}", super::plain(&tail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_fills_as_files_are_done() {
        assert_eq!(line(0, Some(4), 0, ""), "[........................]   0 %  0 of 4 files, 0 MiB");
        assert_eq!(line(2, Some(4), 5 << 20, ""), "[############............]  50 %  2 of 4 files, 5 MiB");
        assert_eq!(line(4, Some(4), 5 << 20, ""), "[########################] 100 %  4 of 4 files, 5 MiB");
        assert_eq!(line(7, None, 1 << 20, "a/b.json.gz"), "7 files, 1 MiB, at …a/b.json.gz");
    }
}

//! Where the log goes: the standard error, a line for each event.
//!
//! What others say of themselves stands in some events. No character of theirs begins a line of its own, hides one, or
//! moves the cursor of whoever reads it.

use super::Failure;
use crate::hits::record::misleads;
use std::io::{self, IsTerminal as _, Stderr, Write};

/// Begins to write the log.
///
/// # Errors
/// Where the filter cannot be understood.
pub(super) fn begin(filter: &str) -> Result<(), Failure> {
    // The SDK warns of missing credentials in its own long words at every poll of every account. The ways say it once, on
    // the health page too. A filter that names the module still has its way: it comes later.
    let filter = tracing_subscriber::EnvFilter::try_new(format!("aws_config=error,{filter}")).map_err(|error| {
        Failure::Other(format!("AVIARY_LOG is `{filter}`: expected such as info or info,aviary=debug ({error})"))
    })?;
    let colours = io::stderr().is_terminal();
    let writer = move || Lines { out: io::stderr(), colours };
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(writer).init();
    Ok(())
}

/// Takes events, each in one piece.
struct Lines {
    out: Stderr,
    colours: bool,
}

impl Write for Lines {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.out.write_all(one_line(&String::from_utf8_lossy(event), self.colours).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The event on one line, with what would mislead written out. With `colours` those stay that the log itself sets.
fn one_line(event: &str, colours: bool) -> String {
    let mut out = String::with_capacity(event.len());
    let mut rest = event.strip_suffix('\n').unwrap_or(event);
    while let Some(c) = rest.chars().next() {
        let length = if colours { colour(rest) } else { 0 };
        if length > 0 {
            let (sequence, after) = rest.split_at(length);
            out.push_str(sequence);
            rest = after;
            continue;
        }
        if misleads(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out.push('\n');
    out
}

/// The length of the sequence that sets a colour with which the text begins; 0 where it begins with none.
fn colour(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\u{1b}[") else { return 0 };
    match numbers.find(|c: char| !c.is_ascii_digit() && c != ';') {
        Some(end) if numbers.get(end..).is_some_and(|rest| rest.starts_with('m')) => end + 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn an_event_is_one_line_whatever_stands_in_it() {
        let event = "INFO hit agent=x\nERROR forged\r\u{1b}[2J\u{9b}2J\u{202e}\u{8}\t ä\n";
        let line = one_line(event, false);
        assert_eq!(line, "INFO hit agent=x\\nERROR forged\\r\\u{1b}[2J\\u{9b}2J\\u{202e}\\u{8}\\t ä\n");
        assert_eq!(one_line("", false), "\n");
    }

    #[test]
    fn the_logs_own_colours_stay_and_nothing_else_does() {
        let event = "\u{1b}[2m2026\u{1b}[0m \u{1b}[1;31mERROR\u{1b}[0m \u{1b}[2J\u{1b}]0;owned\u{7} \u{1b}[\n";
        let line = one_line(event, true);
        let expected = "\u{1b}[2m2026\u{1b}[0m \u{1b}[1;31mERROR\u{1b}[0m \\u{1b}[2J\\u{1b}]0;owned\\u{7} \\u{1b}[\n";
        assert_eq!(line, expected);
        assert!(!one_line(event, false).contains('\u{1b}'));
    }
}

//! The channels: each hands one alert to one destination, once, and says what came of it.

pub mod email;
pub mod webhook;

use crate::{
    house::House,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::alert::DestinationKind;

/// How much is kept of what the other side said, in bytes.
const KEPT: usize = 4 * 1024;

/// How much of it stands beside the destination, in characters.
const SHOWN: usize = 200;

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is to happen next.
    pub verdict: Verdict,
    /// The status that the other side answered: HTTP or SMTP.
    pub status: Option<i64>,
    /// What it said, or why there was no answer.
    pub detail: String,
}

/// What is to happen after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it was accepted.
    Accepted,
    /// It is to be tried again, not sooner than in this many milliseconds.
    Later(Option<i64>),
    /// Trying again is pointless.
    Never,
}

impl Outcome {
    fn new(verdict: Verdict, status: Option<u16>, detail: &str) -> Self {
        Self { verdict, status: status.map(i64::from), detail: storable(detail) }
    }

    /// Whether it was accepted.
    pub fn ok(&self) -> bool {
        self.verdict == Verdict::Accepted
    }

    /// Why it was not accepted, in one line.
    pub fn error(&self) -> Option<String> {
        let said: String = crate::mail::letter::one_line(&self.detail).chars().take(SHOWN).collect();
        match (self.ok(), self.status) {
            (true, _) => None,
            (false, Some(status)) if said.is_empty() => Some(format!("It answered {status}.")),
            (false, Some(status)) => Some(format!("It answered {status}: {said}")),
            (false, None) => Some(said),
        }
    }
}

/// What can be kept of a text from outside: PostgreSQL has no text with a zero in it.
fn storable(text: &str) -> String {
    let mut kept = text.replace('\0', "\u{fffd}");
    let mut end = KEPT.min(kept.len());
    while !kept.is_char_boundary(end) {
        end -= 1;
    }
    kept.truncate(end);
    kept
}

/// Hands one alert to one destination.
pub async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    match destination.kind {
        DestinationKind::Webhook => webhook::send(house, destination, due).await,
        DestinationKind::Email => email::send(house, destination, due).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_is_bounded_and_storable() {
        let outcome = Outcome::new(Verdict::Later(None), Some(500), &format!("a\0{}", "é".repeat(4_000)));
        assert!(outcome.detail.len() <= KEPT && !outcome.detail.contains('\0'));
        assert!(outcome.error().unwrap().starts_with("It answered 500: a\u{fffd}é"));
        assert!(outcome.error().unwrap().chars().count() < 230);
    }
}

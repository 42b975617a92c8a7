//! Places in the work at which a test ends the process, as a power cut would. There is nothing of it in a release.
//!
//! `AVIARY_TEST_DIE_AT=sent:3` ends a debug build when it passes the step `sent` for the third time.

#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the process is to end.
#[derive(Debug, Default)]
pub struct Steps {
    #[cfg(debug_assertions)]
    last: Option<(String, AtomicU64)>,
}

#[cfg(debug_assertions)]
impl Steps {
    /// As the environment says.
    pub fn from_environment() -> Self {
        let named = std::env::var("AVIARY_TEST_DIE_AT").ok();
        Self { last: named.as_deref().and_then(read) }
    }

    /// Passes a step, or ends here: at once, without a goodbye to anybody.
    pub fn pass(&self, step: &str) {
        if let Some((last, left)) = &self.last
            && last == step
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            std::process::abort();
        }
    }
}

/// The step and at which time that it is passed, counted from one.
#[cfg(debug_assertions)]
fn read(text: &str) -> Option<(String, AtomicU64)> {
    let (step, count) = text.split_once(':')?;
    let count = count.parse().ok().filter(|count| *count > 0)?;
    Some((step.to_owned(), AtomicU64::new(count)))
}

#[cfg(not(debug_assertions))]
impl Steps {
    /// Nowhere.
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// Does nothing.
    #[inline(always)]
    pub fn pass(&self, _step: &str) {}
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_a_step_and_a_time_is_understood() {
        let (step, count) = read("sent:3").unwrap();
        assert_eq!((step.as_str(), count.into_inner()), ("sent", 3));
        for odd in ["", "sent", "sent:", "sent:0", "sent:-1", "sent:x"] {
            assert!(read(odd).is_none(), "{odd}");
        }
        Steps::default().pass("sent");
    }
}

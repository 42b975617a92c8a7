//! When a delivery that failed is tried again. The plan is data.

use crate::house::{Chance, ChanceExt as _};
use app::model::moment::{HOUR, MINUTE, Moment, SECOND};

/// How long to wait after the first, second, … failed attempt, in milliseconds. After these, the last wait counts.
pub const PLAN: [i64; 8] =
    [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR];

/// By how many percent a wait is longer or shorter by chance, so that what failed together does not come back together.
const JITTER: i64 = 20;

/// The longest wait that a destination may ask for.
const LONGEST: i64 = 12 * HOUR;

/// How often an alert is tried at most: for more than five days, after which its destination is failing. Only one that
/// alone is refused, while others are taken, comes to this end.
const TRIES: i64 = 20;

/// How many milliseconds to wait after this many failed attempts (at least 1); `None` to give up. A destination that
/// asks for more patience gets it, within bounds; one that asks for less does not, or it could use up the whole plan
/// within a minute.
pub fn wait(failed: i64, asked: Option<i64>, chance: &dyn Chance) -> Option<i64> {
    if failed >= TRIES {
        return None;
    }
    let planned = usize::try_from(failed - 1).ok().and_then(|index| PLAN.get(index).or(PLAN.last()))?;
    let percent = i64::try_from(chance.below(2 * JITTER.unsigned_abs() + 1)).unwrap_or(JITTER) - JITTER;
    let planned = planned + planned * percent / 100;
    Some(planned.max(asked.unwrap_or(0).min(LONGEST)))
}

/// The milliseconds that a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3).
pub fn retry_after(header: &str, now: Moment) -> Option<i64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(i64::from(seconds) * SECOND);
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(Moment(date.as_millisecond()).since(now).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    #[test]
    fn waits_grow_and_end() {
        for (index, planned) in PLAN.iter().enumerate() {
            let failed = i64::try_from(index).unwrap() + 1;
            for _ in 0..50 {
                let wait = wait(failed, None, &SystemChance).unwrap();
                assert!(wait >= planned * 80 / 100 && wait <= planned * 120 / 100, "{wait} for {planned}");
            }
        }
        assert!(wait(9, None, &SystemChance).unwrap() >= 9 * HOUR, "after the plan, the last wait counts");
        assert_eq!(wait(TRIES, None, &SystemChance), None);
        assert_eq!(wait(TRIES, Some(SECOND), &SystemChance), None);
        let shortest: i64 = (1..TRIES).map(|failed| PLAN.get(failed as usize - 1).unwrap_or(&PLAN[7]) * 80 / 100).sum();
        assert!(shortest > 5 * 24 * HOUR, "a destination is failing before its alerts are given up");
    }

    #[test]
    fn a_destination_can_ask_for_patience_within_bounds() {
        assert_eq!(wait(1, Some(MINUTE), &SystemChance), Some(MINUTE));
        assert_eq!(wait(1, Some(1_000 * HOUR), &SystemChance), Some(12 * HOUR));
        assert!(wait(6, Some(SECOND), &SystemChance).unwrap() > HOUR);
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let now = Moment::parse("2026-11-21T14:00:00Z").unwrap();
        assert_eq!(retry_after("120", now), Some(2 * MINUTE));
        assert_eq!(retry_after("Sat, 21 Nov 2026 14:05:00 GMT", now), Some(5 * MINUTE));
        assert_eq!(retry_after("Sat, 21 Nov 2026 13:05:00 GMT", now), Some(0));
        assert_eq!(retry_after("soon", now), None);
    }
}

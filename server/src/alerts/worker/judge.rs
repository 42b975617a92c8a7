//! What follows from an attempt, for the delivery and for its destination. Pure.
//!
//! An alert is tried by the plan, then every twelve hours. One that is refused for good is given up, and the next one is
//! tried. A destination that took nothing for five days, or that says it is gone, is failing: from then on its alerts are
//! kept. One that took nothing for five days is tried with one alert every twelve hours; one that is gone is left alone
//! until somebody asks.

use crate::{
    alerts::{channels::Verdict, schedule},
    house::Chance,
    store::alerts::{attempts::Next, standing::Standing},
};
use app::model::moment::{DAY, HOUR, Moment};

/// After how many milliseconds of failures a destination is failing.
pub const FAILING_AFTER: i64 = 5 * DAY;

/// How often a failing destination is tried again by itself, in milliseconds.
pub const PROBE: i64 = 12 * HOUR;

/// The status of a receiver that is gone for good (RFC 9110, 15.5.11).
const GONE: i64 = 410;

/// What is known of an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// What came of it.
    pub verdict: Verdict,
    /// The status that was answered.
    pub status: Option<i64>,
    /// How many attempts there were before.
    pub tries: i64,
    /// Whether it was a test, which is no news and is not kept.
    pub test: bool,
    /// When it ended.
    pub now: Moment,
}

/// What becomes of the delivery, and how the destination stands.
pub fn judge(standing: Standing, tried: Tried, chance: &dyn Chance) -> (Next, Standing) {
    let Tried { verdict, status, tries, test, now } = tried;
    let since = standing.trouble_since.unwrap_or(now);
    let trouble = Standing { trouble_since: Some(since), ..standing };
    let failing = |probe_at| Standing { failing: true, probe_at, ..trouble };
    let keep = if test { Next::Dead } else { Next::Held };
    match verdict {
        Verdict::Accepted => (Next::Sent, Standing::default()),
        Verdict::Never if status == Some(GONE) => (keep, failing(None)),
        // This one is refused for good; whether others are, the next one shows.
        Verdict::Never if !standing.failing && now.since(since) >= FAILING_AFTER => (Next::Dead, failing(Some(now))),
        Verdict::Never => (Next::Dead, trouble),
        // Somebody waits for the answer to a test.
        Verdict::Later(_) if standing.failing => (keep, failing(standing.probe_at.map(|_| now.plus(PROBE)))),
        Verdict::Later(_) if now.since(since) >= FAILING_AFTER => (keep, failing(Some(now.plus(PROBE)))),
        Verdict::Later(asked) => match schedule::wait(tries + 1, asked, chance) {
            Some(wait) => (Next::Again(now.plus(wait)), trouble),
            None => (Next::Dead, trouble),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    const NOW: Moment = Moment(1_000 * DAY);

    fn after(standing: Standing, verdict: Verdict, status: Option<i64>) -> (Next, Standing) {
        judge(standing, Tried { verdict, status, tries: 0, test: false, now: NOW }, &SystemChance)
    }

    fn failing(probe_at: Option<Moment>) -> Standing {
        Standing { failing: true, trouble_since: Some(NOW.plus(-DAY)), probe_at }
    }

    #[test]
    fn a_success_ends_all_trouble() {
        assert_eq!(after(failing(None), Verdict::Accepted, Some(200)), (Next::Sent, Standing::default()));
    }

    #[test]
    fn one_that_is_gone_is_believed_and_left_alone() {
        let (next, standing) = after(Standing::default(), Verdict::Never, Some(410));
        assert_eq!((next, standing.failing, standing.probe_at), (Next::Held, true, None));
        let (next, standing) = after(standing, Verdict::Later(None), None);
        assert_eq!((next, standing.probe_at), (Next::Held, None), "asked by hand, it fails again");
    }

    #[test]
    fn five_days_without_a_success_are_failing() {
        let trouble = |days: i64| Standing { trouble_since: Some(NOW.plus(-days * DAY)), ..Standing::default() };
        let (next, standing) = after(trouble(4), Verdict::Later(None), Some(500));
        assert!(matches!(next, Next::Again(_)) && !standing.failing);
        assert_eq!(standing.trouble_since, trouble(4).trouble_since, "the first failure counts");
        let (next, standing) = after(trouble(5), Verdict::Later(None), Some(500));
        assert_eq!((next, standing.failing, standing.probe_at), (Next::Held, true, Some(NOW.plus(PROBE))));
        let (next, standing) = after(standing, Verdict::Later(None), Some(500));
        assert_eq!((next, standing.probe_at), (Next::Held, Some(NOW.plus(PROBE))));
    }

    #[test]
    fn what_is_refused_for_good_does_not_hold_up_the_next() {
        let (next, standing) = after(Standing::default(), Verdict::Never, Some(550));
        let trouble = Standing { trouble_since: Some(NOW), ..Standing::default() };
        assert_eq!((next, standing), (Next::Dead, trouble));
        // Nor does it make the next hiccup a reason to keep everything.
        let (next, standing) = after(standing, Verdict::Later(None), Some(503));
        assert!(matches!(next, Next::Again(_)), "{next:?}");
        assert_eq!(standing, trouble);
    }

    #[test]
    fn five_days_of_refusals_are_failing_too() {
        let trouble = Standing { trouble_since: Some(NOW.plus(-5 * DAY)), ..Standing::default() };
        let (next, standing) = after(trouble, Verdict::Never, Some(550));
        assert_eq!((next, standing.failing, standing.probe_at), (Next::Dead, true, Some(NOW)));
        let (next, standing) = after(failing(None), Verdict::Never, Some(550));
        assert_eq!((next, standing), (Next::Dead, failing(None)), "one that is gone stays gone");
    }

    #[test]
    fn a_test_is_not_kept() {
        let tried = Tried { verdict: Verdict::Never, status: Some(410), tries: 0, test: true, now: NOW };
        assert_eq!(judge(Standing::default(), tried, &SystemChance).0, Next::Dead);
    }
}

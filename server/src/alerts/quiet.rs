//! Quiet hours: when somebody sleeps, by the clock on their own wall. Pure.

use app::model::{moment::Moment, pace::QuietHours};
use jiff::{Timestamp, ToSpan as _, civil, tz::TimeZone};

/// The zone of this name.
pub fn zone(name: &str) -> Option<TimeZone> {
    jiff::tz::db().get(name.trim()).ok()
}

/// When the quiet hours end that it is in now; `None` where it is not quiet.
pub fn until(hours: &QuietHours, now: Moment) -> Option<Moment> {
    let zone = zone(&hours.zone)?;
    let here = Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let minute = i64::from(here.hour()) * 60 + i64::from(here.minute());
    let over_midnight = hours.to <= hours.from;
    let quiet = if over_midnight {
        minute >= hours.from || minute < hours.to
    } else {
        (hours.from..hours.to).contains(&minute)
    };
    if !quiet {
        return None;
    }
    let day = if minute < hours.to { here.date() } else { here.date().checked_add(1.day()).ok()? };
    let wall = civil::time(i8::try_from(hours.to / 60).ok()?, i8::try_from(hours.to % 60).ok()?, 0, 0);
    // A time that the clocks skip in spring is one hour later; of one that they show twice the first counts.
    let end = Moment(zone.to_zoned(day.to_datetime(wall)).ok()?.timestamp().as_millisecond());
    (end > now).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::pace::parse_wall;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn hours(from: &str, to: &str, zone: &str) -> QuietHours {
        let minutes = |text| parse_wall(text).unwrap();
        QuietHours { from: minutes(from), to: minutes(to), zone: zone.into(), exposed: true }
    }

    #[test]
    fn a_night_goes_over_midnight_and_ends_in_the_morning() {
        let night = hours("22:00", "07:00", "Europe/Berlin");
        assert_eq!(until(&night, at("2026-11-21T20:59:59Z")), None);
        let morning = Some(at("2026-11-22T06:00:00Z"));
        for asleep in ["2026-11-21T21:00:00Z", "2026-11-22T00:30:00Z", "2026-11-22T05:59:59Z"] {
            assert_eq!(until(&night, at(asleep)), morning, "{asleep}");
        }
        assert_eq!(until(&night, at("2026-11-22T06:00:00Z")), None);
    }

    #[test]
    fn a_noon_ends_on_the_same_day() {
        let noon = hours("12:00", "13:30", "Asia/Kolkata");
        assert_eq!(until(&noon, at("2026-11-21T07:00:00Z")), Some(at("2026-11-21T08:00:00Z")));
        assert_eq!(until(&noon, at("2026-11-21T08:00:00Z")), None);
    }

    #[test]
    fn clocks_that_change_in_the_night_change_its_length() {
        let night = hours("22:00", "07:00", "Europe/Berlin");
        // In the night to 29 March 2026 there is no hour from two to three.
        assert_eq!(until(&night, at("2026-03-28T22:00:00Z")), Some(at("2026-03-29T05:00:00Z")));
        assert_eq!(until(&night, at("2026-10-24T22:00:00Z")), Some(at("2026-10-25T06:00:00Z")));
        let gap = hours("01:00", "02:30", "Europe/Berlin");
        assert_eq!(until(&gap, at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn a_zone_that_nobody_knows_is_never_quiet() {
        assert!(zone("Europe/Berlin").is_some() && zone("UTC").is_some());
        assert!(zone("Berlin").is_none() && zone("../etc/passwd").is_none());
        assert_eq!(until(&hours("00:00", "23:59", "Mars/Base"), at("2026-11-21T07:00:00Z")), None);
    }
}

//! The days that a scan of files is about.
//!
//! What counts is when a call was made, which stands in its record. CloudTrail says of its files when they were delivered:
//! so a file of other days is not opened, where its name or its folder tells.

use crate::hits::record::Record;
use app::model::moment::{DAY, Moment};
use std::{
    fmt,
    path::{Component, Path},
};

/// How late a file may come, in days: CloudTrail tries for so long to deliver one (AWS, CloudTrail's user guide). Mostly
/// it takes minutes, but a call shortly before midnight stands in a file of the day after.
pub const LATE: i64 = 30;

/// A range of days, both ends included. By default: all days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first one, at midnight; absent: from the beginning.
    pub from: Option<Moment>,
    /// The last one, at midnight; absent: to the end.
    pub to: Option<Moment>,
}

impl Days {
    /// Whether a call was made on one of these days. One of which nobody knows when it was made may have been.
    pub fn hold(self, record: &Record) -> bool {
        record
            .event_time
            .is_none_or(|at| self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to.plus(DAY)))
    }

    /// Whether a file can hold calls of these days, by when CloudTrail delivered it. A file of another layout can.
    pub fn may_stand_in(self, path: &Path) -> bool {
        // Most scans are of all days, and need not look at names.
        if self == Self::default() {
            return true;
        }
        delivered(path).is_none_or(|day| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to.plus(LATE * DAY))
        })
    }
}

impl fmt::Display for Days {
    /// `2026-03-01..2026-03-31`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Option<Moment>| day.map(Moment::day).unwrap_or_default();
        write!(f, "{}..{}", day(self.from), day(self.to))
    }
}

/// The day on which CloudTrail delivered a file: of its name `ACCOUNT_CloudTrail_REGION_20260301T1220Z_….json.gz`, else of
/// its folder `…/CloudTrail/REGION/2026/03/01/`.
fn delivered(path: &Path) -> Option<Moment> {
    let name = path.file_name()?.to_string_lossy();
    of_name(&name).or_else(|| of_folder(path.parent()?))
}

fn of_name(name: &str) -> Option<Moment> {
    let mut parts = name.split('_').skip_while(|part| *part != "CloudTrail").skip(2);
    let (day, time) = parts.next()?.split_once('T')?;
    let is_time = time.len() == 5 && time.ends_with('Z');
    (is_time && day.len() == 8).then(|| date(day.get(..4)?, day.get(4..6)?, day.get(6..)?))?
}

fn of_folder(folder: &Path) -> Option<Moment> {
    let parts: Vec<_> = folder
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str().unwrap_or_default(),
            _ => "",
        })
        .collect();
    parts.windows(5).rev().find_map(|five| match five {
        ["CloudTrail", _, year, month, day] => date(year, month, day),
        _ => None,
    })
}

fn date(year: &str, month: &str, day: &str) -> Option<Moment> {
    let fits = (year.len(), month.len(), day.len()) == (4, 2, 2);
    fits.then(|| Moment::from_date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: Moment::parse(from), to: Moment::parse(to) }
    }

    #[test]
    fn names_and_folders_of_cloudtrail_say_when_a_file_was_delivered() {
        let day = Moment::parse("2026-03-01");
        for path in [
            "111122223333_CloudTrail_eu-west-1_20260301T1220Z_x.json.gz",
            "copies/of/1999/01/01/111122223333_CloudTrail_eu-west-1_20260301T0000Z_x.json",
            "t/AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/2026/03/01/renamed.json.gz",
            "/CloudTrail/eu-west-1/2026/03/01/sorted/by/hour/renamed.json.gz",
        ] {
            assert_eq!(delivered(Path::new(path)), day, "{path}");
        }
        for path in [
            "backup/2026/03/01/everything.json",
            "CloudTrail/2026/03/01/x.json",
            "CloudTrail/eu-west-1/2026/3/1/x.json",
            "CloudTrail/eu-west-1/2026/13/01/x.json",
            "a_CloudTrail_b_20260301_x.json",
            "a_CloudTrail_b_2026é01T1220Z_x.json",
            "",
        ] {
            assert_eq!(delivered(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_file_that_came_late_may_hold_calls_of_the_last_day_and_none_before_the_first() {
        let may = |days: Days, day: &str| days.may_stand_in(Path::new(&format!("CloudTrail/eu-west-1/{day}/x.json")));
        let march = days("2026-03-01", "2026-03-31");
        let asked = [
            ("2026/02/28", false),
            ("2026/03/01", true),
            ("2026/03/31", true),
            ("2026/04/01", true),
            ("2026/04/30", true),
            ("2026/05/01", false),
        ];
        for (day, expected) in asked {
            assert_eq!(may(march, day), expected, "{day}");
        }
        assert!(may(days("2026-03-01", ""), "2030/01/01") && !may(days("2026-03-01", ""), "2026/02/28"));
        assert!(may(days("", "2026-03-01"), "1999/01/01") && !may(days("", "2026-03-01"), "2026/05/01"));
        assert!(may(Days::default(), "1999/01/01"));
    }

    #[test]
    fn a_call_counts_by_its_own_time() {
        let at = |time: &str| Record::parse(&format!(r#"{{"eventName":"A","eventTime":"{time}"}}"#)).unwrap();
        let march = days("2026-03-01", "2026-03-31");
        for (time, expected) in [
            ("2026-02-28T23:59:59Z", false),
            ("2026-03-01T00:00:00Z", true),
            ("2026-03-31T23:59:59", true),
            ("2026-04-01T00:00:00Z", false),
            ("some day", true),
        ] {
            assert_eq!(march.hold(&at(time)), expected, "{time}");
        }
        assert_eq!(march.to_string(), "2026-03-01..2026-03-31");
        assert_eq!(Days::default().to_string(), "..");
    }
}

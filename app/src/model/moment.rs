//! A point in time: milliseconds since 1970-01-01T00:00:00Z, written as RFC 3339.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time with millisecond precision. In JSON it is an RFC 3339 text in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

/// Milliseconds in a second, a minute, an hour and a day.
pub const SECOND: i64 = 1_000;
/// See [`SECOND`].
pub const MINUTE: i64 = 60 * SECOND;
/// See [`SECOND`].
pub const HOUR: i64 = 60 * MINUTE;
/// See [`SECOND`].
pub const DAY: i64 = 24 * HOUR;

impl Moment {
    /// The moment this many milliseconds later (earlier, if negative).
    pub fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Year, month, day of the UTC calendar.
    pub fn date(self) -> (i64, u32, u32) {
        // Howard Hinnant's days-to-civil algorithm: eras of 400 years, which begin in March.
        let z = self.0.div_euclid(DAY) + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
    }

    /// Midnight UTC of a calendar day; `None` if there is no such day.
    pub fn from_date(year: i64, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
            return None;
        }
        let (month, day) = (i64::from(month), i64::from(day));
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = (month + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self((era * 146_097 + day_of_era - 719_468) * DAY))
    }

    /// `2026-11-21`
    pub fn day(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// `2026-11-21 14:03:09 UTC`, for people.
    pub fn exact(self) -> String {
        let ms = self.0.rem_euclid(DAY);
        format!("{} {:02}:{:02}:{:02} UTC", self.day(), ms / HOUR, ms / MINUTE % 60, ms / SECOND % 60)
    }

    /// `2026-11-21T14:03:09Z`, with milliseconds only where there are some.
    pub fn rfc3339(self) -> String {
        let ms = self.0.rem_euclid(DAY);
        let fraction = if ms % SECOND == 0 { String::new() } else { format!(".{:03}", ms % SECOND) };
        format!("{}T{:02}:{:02}:{:02}{fraction}Z", self.day(), ms / HOUR, ms / MINUTE % 60, ms / SECOND % 60)
    }

    /// As short as a form can show it and [`Moment::parse`] can read it: `2027-03-01` at midnight UTC, else
    /// `2027-03-01 14:03Z`, without its seconds.
    pub fn short(self) -> String {
        let ms = self.0.rem_euclid(DAY);
        if ms == 0 { self.day() } else { format!("{} {:02}:{:02}Z", self.day(), ms / HOUR, ms / MINUTE % 60) }
    }

    /// Reads an RFC 3339 time, a calendar day, or CloudTrail's time without a zone (then it is UTC).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = match text.split_once(['T', 't', ' ']) {
            Some((date, rest)) => (date, rest),
            None => (text, ""),
        };
        let mut parts = date.splitn(3, '-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2)?;
        let day = digits(parts.next()?, 2)?;
        let midnight = Self::from_date(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        if rest.is_empty() {
            return (date.len() == text.len()).then_some(midnight);
        }
        let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at_checked(zone_at)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let mut parts = clock.splitn(3, ':');
        let hour = digits(parts.next()?, 2)?;
        let minute = digits(parts.next()?, 2)?;
        let second = parts.next().map_or(Some(0), |text| digits(text, 2))?;
        if hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let milliseconds = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
        let offset = match zone {
            "" | "Z" | "z" => 0,
            _ => {
                let sign = if zone.starts_with('-') { -1 } else { 1 };
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                sign * (hours * HOUR + minutes * MINUTE)
            }
        };
        Some(midnight.plus(hour * HOUR + minute * MINUTE + second.min(59) * SECOND + milliseconds - offset))
    }

    /// How far away `now` is, in words that need no clock to be read: `3 minutes ago`, `in 6 days`.
    pub fn relative(self, now: Self) -> String {
        let apart = now.since(self);
        let (size, future) = (apart.abs(), apart < 0);
        let (count, unit) = match size {
            s if s < 45 * SECOND => return if future { "in a moment".into() } else { "just now".into() },
            s if s < 90 * SECOND => (1, "minute"),
            s if s < 55 * MINUTE => ((s + MINUTE / 2) / MINUTE, "minute"),
            s if s < 23 * HOUR => (((s + HOUR / 2) / HOUR).max(1), "hour"),
            s if s < 60 * DAY => (((s + DAY / 2) / DAY).max(1), "day"),
            s if s < 700 * DAY => ((s + 15 * DAY) / (30 * DAY), "month"),
            s => ((s + 182 * DAY) / (365 * DAY), "year"),
        };
        let plural = if count == 1 { "" } else { "s" };
        if future { format!("in {count} {unit}{plural}") } else { format!("{count} {unit}{plural} ago") }
    }
}

fn days_in(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is no time; expected RFC 3339, such as 2026-11-21T14:03:00Z"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_what_it_wrote() {
        for ms in [0, 1, 951_782_400_000, 1_709_210_096_789, 4_102_444_799_999, -1] {
            assert_eq!(Moment::parse(&Moment(ms).rfc3339()), Some(Moment(ms)));
        }
    }

    #[test]
    fn what_a_form_shows_can_be_read_again() {
        for (text, short) in [("2027-03-01", "2027-03-01"), ("2027-03-01T14:03:59.123Z", "2027-03-01 14:03Z")] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!(moment.short(), short);
            assert!(moment.since(Moment::parse(short).unwrap()) < MINUTE);
        }
    }

    #[test]
    fn cloudtrail_times_without_a_zone_are_utc() {
        assert_eq!(Moment::parse("2023-07-10T11:54:33"), Moment::parse("2023-07-10T11:54:33Z"));
        assert_eq!(Moment::parse("2023-07-10T13:54:33.000+02:00"), Moment::parse("2023-07-10T11:54:33Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "2023-13-01",
            "2023-02-29",
            "2023-07-10T25:00:00Z",
            "2023-07-10T11:54:33+1:00",
            "2023-07-1",
            "é023-07-10",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn relative_times_read_as_people_say_them() {
        let now = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        assert_eq!(now.plus(-3 * MINUTE).relative(now), "3 minutes ago");
        assert_eq!(now.plus(6 * DAY).relative(now), "in 6 days");
        assert_eq!(now.plus(-5).relative(now), "just now");
        assert_eq!(now.plus(-HOUR).relative(now), "1 hour ago");
        assert_eq!(now.plus(180 * DAY - 5).relative(now), "in 6 months");
        assert_eq!(now.plus(730 * DAY).relative(now), "in 2 years");
    }
}

//! How eagerly a destination hears: at once, in digests, and not at night.

use super::{
    alert::AlertKind,
    ids::{IncidentId, TokenId},
    moment::Moment,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::ops::RangeInclusive;

/// How eagerly a destination hears. The order is from the most to the least eager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each alert at once.
    Every,
    /// The first one of an incident at once, and what is new about it; the rest in digests, one each quiet time.
    #[default]
    Incident,
    /// Everything in one digest a day.
    Daily,
}

impl Pace {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Incident, Self::Every, Self::Daily];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Incident => "incident",
            Self::Daily => "daily",
        }
    }

    /// Reads [`Pace::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.word() == word)
    }

    /// What it is called on a page.
    pub fn text(self) -> &'static str {
        match self {
            Self::Every => "Every alert",
            Self::Incident => "First, then digests",
            Self::Daily => "Once a day",
        }
    }

    /// What it means, in one sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::Every => "Each one at once, however many there are: for programs that count them.",
            Self::Incident => {
                "The first use at once, and whenever something about it is new; the rest counted in a digest each time the quiet time is over."
            }
            Self::Daily => "All of a day counted in one digest: for those who look back rather than jump up.",
        }
    }
}

/// How many minutes it is quiet where nobody chose.
pub const QUIET: i64 = 15;

/// How many minutes it may be quiet.
pub const QUIET_RANGE: RangeInclusive<i64> = 1..=24 * 60;

/// How many minutes forms offer.
pub const QUIET_CHOICES: [i64; 5] = [5, 15, 30, 60, 240];

/// So many minutes in words: `15 minutes`, `1 hour`.
pub fn lasting(minutes: i64) -> String {
    match (minutes % 60, minutes / 60) {
        (_, _) if minutes == 1 => "1 minute".to_owned(),
        (0, 1) => "1 hour".to_owned(),
        (0, hours) if hours > 0 => format!("{hours} hours"),
        _ => format!("{minutes} minutes"),
    }
}

/// A pace in a few words, for lists: `First, then digests every 15 minutes`.
pub fn paced(pace: Pace, quiet_minutes: i64) -> String {
    match pace {
        Pace::Incident => {
            let lasting = lasting(quiet_minutes);
            format!("{} every {}", pace.text(), lasting.strip_prefix("1 ").unwrap_or(&lasting))
        }
        Pace::Every | Pace::Daily => pace.text().to_owned(),
    }
}

/// The kinds of news that one can subscribe to, in the order in which they are offered.
pub const KINDS: [AlertKind; 10] = [
    AlertKind::Hit,
    AlertKind::UnloggedUse,
    AlertKind::Exposed,
    AlertKind::Tampered,
    AlertKind::Expiring,
    AlertKind::Expired,
    AlertKind::Minted,
    AlertKind::Drill,
    AlertKind::Failing,
    AlertKind::Audit,
];

/// The kinds that a subscription hears of where nobody chose.
pub const USUAL: [AlertKind; 6] = [
    AlertKind::Hit,
    AlertKind::UnloggedUse,
    AlertKind::Exposed,
    AlertKind::Tampered,
    AlertKind::Expiring,
    AlertKind::Expired,
];

/// What shall change about a subscription; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionChange {
    /// The kinds of news that it hears of; at least one.
    pub kinds: Option<Vec<AlertKind>>,
    /// How eagerly.
    pub pace: Option<Pace>,
    /// At the pace `incident`: how many minutes it is quiet after an alert, from 1 to 1,440.
    #[serde(deserialize_with = "quiet_minutes")]
    #[cfg_attr(feature = "ssr", schema(minimum = 1, maximum = 1440))]
    pub quiet_minutes: Option<i64>,
}

/// Reads minutes. What they are asked for beside does not name the field that is wrong, so this does.
///
/// # Errors
/// Where it is no whole number.
pub(super) fn quiet_minutes<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(from).map_err(|error| D::Error::custom(format_args!("quiet_minutes: {error}")))
}

/// What a destination will hear of in its next digests: one entry per incident and kind of news.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The token.
    pub token_id: TokenId,
    /// Where it was put, or its key id.
    pub about: String,
    /// The incident, where the news belongs to one.
    pub incident_id: Option<IncidentId>,
    /// What sort of news.
    pub kind: AlertKind,
    /// How many are held.
    pub count: i64,
    /// When the digest goes out.
    pub due_at: Moment,
}

/// The hours in which somebody does not want to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When they begin, on the wall: minutes since midnight.
    pub from: i64,
    /// When they end; a smaller number than `from` is on the next day.
    pub to: i64,
    /// Whose wall: a zone's name, such as `Europe/Berlin`.
    pub zone: String,
    /// Whether news that a key is public comes through all the same.
    pub exposed: bool,
}

/// `22:00`
pub fn wall(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// Reads what a time field sends: `22:00`, with or without seconds.
pub fn parse_wall(text: &str) -> Option<i64> {
    let mut parts = text.trim().splitn(3, ':');
    let number = |part: Option<&str>, below: i64| {
        let part = part.filter(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i64>().ok().filter(|number| *number < below)
    };
    Some(number(parts.next(), 24)? * 60 + number(parts.next(), 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_ordered_by_eagerness() {
        assert!(Pace::Every < Pace::Incident && Pace::Incident < Pace::Daily);
        assert!(Pace::ALL.into_iter().all(|pace| Pace::parse(pace.word()) == Some(pace)));
    }

    #[test]
    fn a_quiet_time_is_said_in_words() {
        let said = [1, 5, 15, 60, 61, 90, 240, 1_440].map(lasting);
        let words = "1 minute, 5 minutes, 15 minutes, 1 hour, 61 minutes, 90 minutes, 4 hours, 24 hours";
        assert_eq!(said.join(", "), words);
        assert_eq!(paced(Pace::Incident, QUIET), "First, then digests every 15 minutes");
        assert_eq!(paced(Pace::Incident, 60), "First, then digests every hour");
        assert_eq!(paced(Pace::Incident, 1), "First, then digests every minute");
        assert_eq!(paced(Pace::Daily, 5), "Once a day");
        assert!(QUIET_CHOICES.contains(&QUIET) && QUIET_CHOICES.iter().all(|minutes| QUIET_RANGE.contains(minutes)));
    }

    #[test]
    fn a_time_on_the_wall_is_read_and_written() {
        assert_eq!(parse_wall("22:05"), Some(22 * 60 + 5));
        assert_eq!(parse_wall(" 7:30:00 "), Some(450));
        assert_eq!(wall(450), "07:30");
        for odd in ["", "24:00", "7", "7:60", "-1:00", "a:b", "+7:00"] {
            assert_eq!(parse_wall(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_usual_can_be_chosen() {
        assert!(USUAL.iter().all(|kind| KINDS.contains(kind)));
        assert!(!KINDS.contains(&AlertKind::Digest) && !KINDS.contains(&AlertKind::Test));
    }
}

//! Reading what people type into the form of a token.

use app::model::{
    fault::{Fault, FieldFault},
    moment::{DAY, Moment},
    token::OnHit,
};

/// The facts of a token that people choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Who looks after the place.
    pub owner: String,
    /// Where it is put.
    pub location: String,
    /// What a responder needs to know.
    pub notes: String,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// When it is to be disabled.
    pub expires_at: Option<Moment>,
    /// What happens at a hit.
    pub on_hit: OnHit,
}

/// Collects what is wrong with several fields, so that people see all of it at once.
#[derive(Default)]
pub struct Wrong(Vec<FieldFault>);

impl Wrong {
    /// Takes a field's value, or notes what is wrong with it.
    pub fn take<T: Default>(&mut self, read: Result<T, Fault>) -> Result<T, Fault> {
        match read {
            Ok(value) => Ok(value),
            Err(fault) if !fault.fields.is_empty() => {
                self.0.extend(fault.fields);
                Ok(T::default())
            }
            Err(fault) => Err(fault),
        }
    }

    /// Notes one more.
    pub fn add(&mut self, field: &str, message: &str) {
        self.0.push(FieldFault { field: field.to_owned(), message: message.to_owned() });
    }

    /// Refuses, if anything was wrong.
    ///
    /// # Errors
    /// `Invalid`, with every field.
    pub fn finish(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::invalid(self.0)) }
    }
}

/// One line or paragraph of text, trimmed.
///
/// # Errors
/// `Invalid`, where it is too long, has control characters, or is missing.
pub fn text(field: &str, value: &str, longest: usize, required: bool) -> Result<String, Fault> {
    let value = value.trim().replace("\r\n", "\n");
    let length = value.chars().count();
    if required && length == 0 {
        Err(Fault::field(field, "this cannot be empty"))
    } else if length > longest {
        Err(Fault::field(field, format!("expected at most {longest} characters; this has {length}")))
    } else if value.chars().any(|c| c.is_control() && !(c == '\n' || c == '\t')) {
        Err(Fault::field(field, "this holds characters that cannot be shown"))
    } else {
        Ok(value)
    }
}

/// Labels, separated by commas or white space.
///
/// # Errors
/// `Invalid`, where there are too many or one is too long.
pub fn labels(value: &str) -> Result<Vec<String>, Fault> {
    let mut labels: Vec<String> = Vec::new();
    for label in value.split(|c: char| c == ',' || c.is_whitespace()).filter(|label| !label.is_empty()) {
        if label.chars().count() > 64 || label.chars().any(char::is_control) {
            return Err(Fault::field("labels", "expected labels of at most 64 characters each"));
        }
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    if labels.len() > 20 {
        return Err(Fault::field("labels", format!("expected at most 20 labels; these are {}", labels.len())));
    }
    Ok(labels)
}

/// When a token expires: a day, an RFC 3339 time, a number of days, or nothing for never.
///
/// # Errors
/// `Invalid`, where it is none of these, or not in the future.
pub fn expires(value: &str, now: Moment) -> Result<Option<Moment>, Fault> {
    let value = value.trim();
    if value.is_empty() || value.eq_ignore_ascii_case("never") {
        return Ok(None);
    }
    let words = value.to_lowercase();
    let number = words.strip_prefix("in ").unwrap_or(&words).trim();
    let number = ["days", "day", "d"].iter().find_map(|unit| number.strip_suffix(unit)).unwrap_or(number).trim();
    let end = match number.parse::<i64>() {
        Ok(days) if (1..=36_500).contains(&days) => now.plus(days * DAY),
        Ok(_) => return Err(Fault::field("expires", "expected 1 to 36500 days")),
        Err(_) => Moment::parse(value).ok_or_else(|| {
            Fault::field(
                "expires",
                format!("`{value}` is no day and no number of days; expected such as 2027-03-01 or 90"),
            )
        })?,
    };
    if end <= now {
        return Err(Fault::field("expires", format!("{} is over already; expected a day in the future", end.day())));
    }
    Ok(Some(end))
}

/// What happens at a hit.
///
/// # Errors
/// `Invalid`, where it is none of the choices.
pub fn on_hit(value: &str) -> Result<OnHit, Fault> {
    OnHit::try_from(value.trim().to_owned()).map_err(|message| Fault::field("on_hit", message))
}

/// The facts that minting and adopting share.
///
/// # Errors
/// `Invalid`, with every field that is not acceptable.
pub fn facts(
    form: &app::model::token::TokenForm,
    viewer: &str,
    now: Moment,
    wrong: &mut Wrong,
) -> Result<Facts, Fault> {
    let owner = if form.owner.trim().is_empty() { viewer } else { &form.owner };
    Ok(Facts {
        owner: wrong.take(text("owner", owner, 200, false))?,
        location: wrong.take(text("location", &form.location, 500, true))?,
        notes: wrong.take(text("notes", &form.notes, 4_000, false))?,
        labels: wrong.take(labels(&form.labels))?,
        expires_at: wrong.take(expires(&form.expires, now))?,
        on_hit: wrong.take(on_hit(&form.on_hit))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_as_people_write_it() {
        let now = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        for text in ["90", "90 days", "in 90 days", "90d", " In 90 Days "] {
            assert_eq!(expires(text, now).unwrap(), Some(now.plus(90 * DAY)), "{text}");
        }
        assert_eq!(expires("2027-03-01", now).unwrap(), Moment::parse("2027-03-01"));
        assert_eq!(expires("", now).unwrap(), None);
        for text in ["soon", "0", "-3", "2026-11-20", "in a week", "99999999999999999999"] {
            assert!(expires(text, now).unwrap_err().of("expires").is_some(), "{text}");
        }
    }

    #[test]
    fn labels_are_split_and_kept_once() {
        assert_eq!(labels("ci, prod  ci\nenv:x").unwrap(), ["ci", "prod", "env:x"]);
        assert!(labels(&"x".repeat(65)).is_err());
    }
}

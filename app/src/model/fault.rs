//! Why something was not done: one type for rooms, server functions, pages, the REST API and the command line.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// What sort of refusal it is. It decides the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 422: a value is not acceptable; `fields` says which.
    Invalid,
    /// 400: the request cannot be read at all.
    Malformed,
    /// 413: the request is larger than what is taken.
    TooLarge,
    /// 401: nobody is signed in.
    Unauthenticated,
    /// 403: signed in, but not allowed.
    Forbidden,
    /// 403: allowed, but only to somebody who has shown a moment ago that it is them.
    Stale,
    /// 404: there is no such thing, or not for this viewer.
    NotFound,
    /// 409: it clashes with what is already there.
    Conflict,
    /// 429: too many attempts.
    TooMany,
    /// 503: something that Aviary depends on does not answer.
    Unavailable,
    /// 500: our fault; the log has the rest.
    Internal,
}

/// What is wrong with one field of a form or of a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// The field's name, as in the form and in the API.
    pub field: String,
    /// What was expected, for people.
    pub message: String,
}

/// A refusal with its reason in plain words. It never carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The sort of refusal.
    pub kind: FaultKind,
    /// The reason, one sentence for people.
    pub message: String,
    /// The fields that are at fault, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFault>,
    /// After how many seconds it can be tried again, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
}

impl Fault {
    /// A refusal of this kind.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), retry_after: None }
    }

    /// One field is not acceptable.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldFault { field: field.to_owned(), message: message.into() }])
    }

    /// Several fields are not acceptable.
    pub fn invalid(fields: Vec<FieldFault>) -> Self {
        let message = match fields.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("{} fields need another look.", many.len()),
        };
        Self { kind: FaultKind::Invalid, message, fields, retry_after: None }
    }

    /// There is no such thing, or not for this viewer: the two must look alike.
    pub fn not_found(what: &str) -> Self {
        Self::new(FaultKind::NotFound, format!("There is no such {what}, or you may not see it."))
    }

    /// Not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Forbidden, message)
    }

    /// Only whoever made a thing may do that with it, and admins.
    pub fn only_of(owner: &str) -> Self {
        Self::forbidden(format!("Only {owner} and admins may do this."))
    }

    /// Allowed, but only to somebody who has shown a moment ago that it is them.
    pub fn stale() -> Self {
        Self::new(
            FaultKind::Stale,
            "This needs to be you for certain, and you last showed that more than ten minutes ago. What you typed stays.",
        )
    }

    /// Too many tries; the next one is taken after this many seconds.
    pub fn wait(seconds: i64) -> Self {
        let seconds = seconds.max(1);
        let says = format!("Too many tries. Try again in {}.", span(seconds));
        Self { retry_after: Some(seconds), ..Self::new(FaultKind::TooMany, says) }
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(FaultKind::Unauthenticated, "Sign in first.")
    }

    /// It clashes with what is there.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, message)
    }

    /// Our fault; the caller has logged the cause.
    pub fn internal() -> Self {
        Self::new(FaultKind::Internal, "Something went wrong on our side. The server's log says what.")
    }

    /// The message for one field, if it is at fault.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.field == field).map(|f| f.message.as_str())
    }

    /// The HTTP status of this refusal.
    pub fn status(&self) -> u16 {
        match self.kind {
            FaultKind::Invalid => 422,
            FaultKind::Malformed => 400,
            FaultKind::TooLarge => 413,
            FaultKind::Unauthenticated => 401,
            FaultKind::Forbidden | FaultKind::Stale => 403,
            FaultKind::NotFound => 404,
            FaultKind::Conflict => 409,
            FaultKind::TooMany => 429,
            FaultKind::Unavailable => 503,
            FaultKind::Internal => 500,
        }
    }
}

/// A wait in words, never shorter than it is.
fn span(seconds: i64) -> String {
    match seconds {
        1 => "a second".to_owned(),
        s if s <= 90 => format!("{s} seconds"),
        s if s <= 90 * 60 => format!("{} minutes", (s + 59) / 60),
        s => format!("{} hours", (s + 3_599) / 3_600),
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            // What the caller sent, and not the way there.
            ServerFnErrorErr::Args(why) => {
                Self::new(FaultKind::Malformed, format!("This request cannot be read: {why}"))
            }
            ServerFnErrorErr::MissingArg(name) => {
                Self::new(FaultKind::Malformed, format!("This request cannot be read: `{name}` is missing"))
            }
            other => Self::new(FaultKind::Unavailable, format!("The server could not be asked: {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_wait_is_never_said_to_be_shorter_than_it_is() {
        for (seconds, said) in
            [(1, "a second"), (30, "30 seconds"), (91, "2 minutes"), (3_600, "60 minutes"), (5_401, "2 hours")]
        {
            assert_eq!(span(seconds), said);
        }
    }
}

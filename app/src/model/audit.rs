//! The audit log: who did what, on what, when, from where, and what it was before and after.

mod acts;

pub use acts::{GROUPS, meaning};

use super::{moment::Moment, viewer::Actor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry of the audit log. It never carries a secret. The names of the fields are part of the API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AuditEntry {
    /// Its place in the log: 1 for the first one, without gaps.
    pub seq: i64,
    /// Its identifier.
    pub id: String,
    /// When.
    pub at: Moment,
    /// What sort of somebody did it: `person`, `api_key`, `link`, `jira`, `destination`, `command_line`, `system` or
    /// `nobody`; empty where an older Aviary wrote the entry.
    pub actor_kind: String,
    /// The identifier of who did it.
    pub actor_id: String,
    /// Who did it: a mail address, an API key's name, `sweep`, `command line`.
    pub actor: String,
    /// What: `token.mint`, `token.reveal`, `person.invite`, …
    pub act: String,
    /// What sort of thing it was done to: `token`, `person`, `destination`, …
    pub subject_kind: String,
    /// The thing's identifier; empty where it has none.
    pub subject_id: String,
    /// The thing, by a name that people recognise.
    pub subject: String,
    /// More about it, in words.
    pub detail: String,
    /// The facts that changed, as they were before; absent where there was no before.
    pub before: Option<BTreeMap<String, serde_json::Value>>,
    /// The facts that changed, as they are since; absent where there is no after.
    pub after: Option<BTreeMap<String, serde_json::Value>>,
    /// From which network address.
    pub address: Option<String>,
    /// The request's identifier, which is in the answer (`x-request-id`) and in the server's log, too.
    pub request_id: Option<String>,
    /// What the client called itself (`User-Agent`). From outside and not to be trusted.
    pub agent: Option<String>,
    /// HMAC-SHA256 over all of the above and the hash of the entry before, in hexadecimal.
    pub hash: String,
}

impl AuditEntry {
    /// Names, and the values before and after, of all facts that changed.
    pub fn changes(&self) -> Vec<(&str, Option<&serde_json::Value>, Option<&serde_json::Value>)> {
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        let mut names: Vec<&String> = before.into_iter().chain(after).flat_map(BTreeMap::keys).collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|name| {
                (name.as_str(), before.and_then(|facts| facts.get(name)), after.and_then(|facts| facts.get(name)))
            })
            .collect()
    }

    /// `person.role`'s meaning and who did it, for a line that stands alone: `A role was changed by ana@example.com: …`
    pub fn sentence(&self) -> String {
        let what = meaning(&self.act).unwrap_or(&self.act);
        let on = if self.subject.is_empty() { String::new() } else { format!(": {}", self.subject) };
        format!("{what} by {}{on}", if self.actor.is_empty() { "somebody" } else { &self.actor })
    }
}

/// A fact as people read it: texts without quotation marks, lists with commas.
pub fn shown(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The word for a sort of somebody.
pub fn actor_kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::Person(_) => "person",
        Actor::ApiKey(_) => "api_key",
        Actor::System(name) => match name.as_str() {
            "link" => "link",
            "jira" => "jira",
            "the destination" => "destination",
            "command line" => "command_line",
            "nobody" => "nobody",
            _ => "system",
        },
    }
}

/// Which entries a list shows. All fields empty: every one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Only this act, such as `token.reveal`; `token.*` for all that begin so.
    pub act: String,
    /// Only of somebody whose name has this in it, or who has this identifier.
    pub who: String,
    /// Only where the thing's name or the details have this in them, or the thing has this identifier.
    pub subject: String,
    /// Only from this address, or from those that begin so.
    pub address: String,
    /// Only since then: a day, or an RFC 3339 time.
    pub from: String,
    /// Only until then: a day, which counts as a whole, or an RFC 3339 time.
    pub to: String,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}

impl AuditQuery {
    /// Whether anything narrows it down.
    pub fn is_narrow(&self) -> bool {
        [&self.act, &self.who, &self.subject, &self.address, &self.from, &self.to].iter().any(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_by_name_with_both_values() {
        let facts = |pairs: &[(&str, &str)]| {
            Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect())
        };
        let entry = AuditEntry {
            before: facts(&[("owner", "ana"), ("team", "Web")]),
            after: facts(&[("owner", "ben"), ("label", "ci")]),
            ..AuditEntry::default()
        };
        let changes = entry.changes();
        let names: Vec<_> = changes.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["label", "owner", "team"]);
        assert!(changes[0].1.is_none() && changes[2].2.is_none());
    }

    #[test]
    fn a_value_is_shown_as_people_write_it() {
        assert_eq!(shown(&serde_json::json!(["ci", "laptop"])), "ci, laptop");
        assert_eq!((shown(&serde_json::json!(true)), shown(&serde_json::json!(null))), ("yes".into(), String::new()));
    }
}

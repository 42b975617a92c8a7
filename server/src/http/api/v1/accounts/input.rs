//! What programs send about an AWS account.

use crate::tokens::form::Wrong;
use app::model::{
    account::{AccountForm, AccountSettings},
    fault::{Fault, FaultKind},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An AWS account to mint in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct NewAccount {
    /// Twelve digits. Needed.
    pub id: String,
    /// How Aviary works there. What is left out is as in the empty form.
    #[serde(flatten)]
    pub settings: AccountSettings,
}

impl NewAccount {
    /// As the room takes it.
    ///
    /// # Errors
    /// `Invalid` where an entry of a list could not be told from two.
    pub fn form(&self) -> Result<AccountForm, Fault> {
        form(&self.id, &self.settings)
    }
}

/// The settings with some of them changed, as the room takes them.
///
/// # Errors
/// `Invalid` where a name is not known, or a value is of another type.
pub fn changed(id: &str, before: &AccountSettings, change: Map<String, Value>) -> Result<AccountForm, Fault> {
    let Ok(Value::Object(mut settings)) = serde_json::to_value(before) else {
        return Err(Fault::internal());
    };
    for (name, value) in change {
        match settings.get_mut(&name) {
            Some(known) => *known = value,
            None => return Err(Fault::field(&name, "an account has no such setting")),
        }
    }
    let settings = serde_json::from_value(Value::Object(settings)).map_err(|error| {
        Fault::new(FaultKind::Invalid, format!("The body is not the JSON that was expected: {error}."))
    })?;
    form(id, &settings)
}

/// The form has one entry per line, and a tag as `key=value`: what would be read as something else is refused.
fn form(id: &str, settings: &AccountSettings) -> Result<AccountForm, Fault> {
    let mut wrong = Wrong::default();
    let lists = [
        ("words", &settings.words),
        ("allowed_actions", &settings.allowed_actions),
        ("regions", &settings.regions),
        ("topics", &settings.topics),
    ];
    for (field, _) in lists.into_iter().filter(|(_, list)| list.iter().any(|entry| entry.contains(['\n', '\r']))) {
        wrong.add(field, "expected entries without line breaks");
    }
    if settings.tags.iter().any(|tag| tag.key.contains(['=', '\n', '\r']) || tag.value.contains(['\n', '\r'])) {
        wrong.add("tags", "expected keys without `=`, and neither keys nor values with line breaks");
    }
    wrong.finish()?;
    Ok(AccountForm::of(id, settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::account::Tag;

    fn change(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_is() {
        let before = AccountSettings { name: "Production".into(), cap: 7, ..AccountSettings::default() };
        let form = changed("123456789012", &before, change(r#"{"cap": 9, "words": ["a", "b"]}"#)).unwrap();
        assert_eq!((form.name.as_str(), form.cap.as_str(), form.words.as_str()), ("Production", "9", "a\nb"));
        assert!(changed("123456789012", &before, change(r#"{"capp": 9}"#)).unwrap_err().of("capp").is_some());
        assert!(changed("123456789012", &before, change(r#"{"cap": "nine"}"#)).is_err());
    }

    #[test]
    fn an_entry_that_would_become_two_is_refused() {
        let tag = Tag { key: "a=b".into(), value: "c".into() };
        let settings = AccountSettings { tags: vec![tag], words: vec!["a\nb".into()], ..AccountSettings::default() };
        let fault = NewAccount { id: String::new(), settings }.form().unwrap_err();
        assert!(fault.of("tags").is_some() && fault.of("words").is_some());
    }
}

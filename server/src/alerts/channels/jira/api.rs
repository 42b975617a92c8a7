//! The few calls of Jira's REST API: version 3 of Cloud, version 2 of Data Center.

use super::text;
use crate::{
    alerts::channels::{
        news::{News, setting},
        sentence, service, unsealed,
    },
    house::House,
    net::{NetError, Reply},
    store::alerts::destinations::DestinationRow,
};
use app::model::secret::Secret;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, header::AUTHORIZATION};
use serde_json::{Value, json};

/// Jira, as somebody.
pub(super) struct Api<'a> {
    house: &'a House,
    destination: &'a DestinationRow,
    /// Whether it is Cloud, where people sign in with their mail address.
    cloud: bool,
    secret: Secret,
}

/// What an answer is worth: its value, or the reply that refused it.
pub(super) trait Answer {
    /// What a success holds.
    type Value;
    /// The value.
    fn take(self) -> Result<Self::Value, Reply>;
}

impl Answer for Reply {
    type Value = Self;

    fn take(self) -> Result<Self, Self> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self) }
    }
}

/// What a search answered.
pub(super) struct Searched(Reply);

impl Answer for Searched {
    /// The identifier and the key of the issue that was found.
    type Value = Option<(String, String)>;

    fn take(self) -> Result<Self::Value, Reply> {
        let reply = self.0.take()?;
        let found: Value = serde_json::from_str(&reply.body_start).unwrap_or_default();
        // What is no answer of Jira's must not pass for "there is none".
        match found.get("issues").and_then(Value::as_array) {
            Some(issues) => Ok(issues.first().and_then(issue)),
            None => Err(Reply { status: 502, body_start: "It did not answer a search with issues.".into(), ..reply }),
        }
    }
}

/// The issue that was made: identifier and key.
pub(super) fn made(answer: &str) -> Option<(String, String)> {
    serde_json::from_str(answer).ok().as_ref().and_then(issue)
}

/// Identifier and key of an issue, if they are what Jira makes: they become part of addresses.
pub(super) fn issue(issue: &Value) -> Option<(String, String)> {
    let (id, key) = (issue.get("id")?.as_str()?, issue.get("key")?.as_str()?);
    let (project, number) = key.rsplit_once('-')?;
    let digits = |text: &str| (1..20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(id) && digits(number) && super::is_project(project)).then(|| (id.to_owned(), key.to_owned()))
}

impl<'a> Api<'a> {
    pub(super) fn of(house: &'a House, destination: &'a DestinationRow) -> Result<Self, String> {
        let secret = unsealed(house, destination)?;
        Ok(Self { house, destination, cloud: !setting(destination, "user").is_empty(), secret })
    }

    async fn call(&self, path: &str, body: Option<&Value>) -> Result<Reply, NetError> {
        let authorization = if self.cloud {
            let pair = format!("{}:{}", setting(self.destination, "user"), self.secret.expose());
            format!("Basic {}", STANDARD.encode(pair))
        } else {
            format!("Bearer {}", self.secret.expose())
        };
        // Without this header Jira may take a POST for one that a browser was tricked into.
        let no_check = (HeaderName::from_static("x-atlassian-token"), "no-check".to_owned());
        let path = format!("/rest/api/{}{path}", if self.cloud { 3 } else { 2 });
        service::call(self.house, self.destination, &path, &[(AUTHORIZATION, authorization), no_check], body).await
    }

    /// The types of issue that the project has.
    pub(super) async fn issue_types(&self) -> Result<Vec<String>, String> {
        let project = setting(self.destination, "project");
        let reply = self.call(&format!("/project/{project}"), None).await.map_err(|error| sentence(&error))?;
        match reply.status {
            200 => {}
            401 => return Err("Jira does not take the token (401).".to_owned()),
            403 | 404 => {
                return Err(format!("Jira shows whoever owns the token no project {project} ({}).", reply.status));
            }
            status => {
                let said: String = reply.body_start.chars().take(200).collect();
                return Err(format!("Jira answered {status} when asked for the project {project}: {said}"));
            }
        }
        let answer: Value = serde_json::from_str(&reply.body_start).unwrap_or_default();
        let types = answer.get("issueTypes").and_then(Value::as_array);
        let types = types.ok_or("What answered there is not Jira: it named no types of issue.")?;
        let issues = types.iter().filter(|one| one.get("subtask") != Some(&Value::Bool(true)));
        Ok(issues.filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect())
    }

    /// The issue with this label in the project. Cloud no longer has the search of version 2
    /// (<https://developer.atlassian.com/changelog/#CHANGE-2046>); the one that it has answers with identifiers alone
    /// unless fields are asked for, and learns of new issues with a delay, which its `reconcileIssues` shortens only for
    /// issues whose identifiers are known.
    pub(super) async fn search(&self, label: &str) -> Result<Searched, NetError> {
        let jql = format!("project = \"{}\" AND labels = \"{label}\"", setting(self.destination, "project"));
        let body = json!({ "jql": jql, "maxResults": 1, "fields": ["summary"] });
        self.call(if self.cloud { "/search/jql" } else { "/search" }, Some(&body)).await.map(Searched)
    }

    /// Makes an issue.
    pub(super) async fn create(&self, news: &News<'_>) -> Result<Reply, NetError> {
        let fields = json!({
            "project": { "key": setting(self.destination, "project") },
            "issuetype": { "name": setting(self.destination, "issue_type") },
            "summary": text::summary(news),
            "description": self.body(&text::description(news)),
            "labels": ["aviary", text::label(news.thread())],
        });
        self.call("/issue", Some(&json!({ "fields": fields }))).await
    }

    /// Writes a comment; `last` says that no further ones follow.
    pub(super) async fn comment(&self, key: &str, news: &News<'_>, last: bool) -> Result<Reply, NetError> {
        let body = json!({ "body": self.body(&text::comment(news, last)) });
        self.call(&format!("/issue/{key}/comment"), Some(&body)).await
    }

    fn body(&self, parts: &[text::Part]) -> Value {
        if self.cloud { text::document(parts) } else { text::wiki(parts).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_issue_of_jiras_never_becomes_part_of_an_address() {
        let read = |id: &str, key: &str| issue(&json!({ "id": id, "key": key }));
        assert_eq!(read("10001", "SEC-7"), Some(("10001".into(), "SEC-7".into())));
        for (id, key) in [("1", "SEC"), ("1", "../x-1"), ("1", "SEC-1/x"), ("x", "SEC-1"), ("1", "SEC-"), ("1", "-1")] {
            assert_eq!(read(id, key), None, "{key}");
        }
    }

    #[test]
    fn a_login_page_is_no_empty_search() {
        let searched = |body: &str| Searched(Reply { status: 200, retry_after: None, body_start: body.into() }).take();
        assert!(searched("<html>").is_err());
        assert_eq!(searched(r#"{"issues":[]}"#).unwrap(), None);
        assert_eq!(searched(r#"{"issues":[{"id":"1","key":"A-1"}]}"#).unwrap(), Some(("1".into(), "A-1".into())));
    }
}

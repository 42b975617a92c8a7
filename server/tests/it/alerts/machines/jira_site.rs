//! A Jira of the test's own: projects, searches, issues and comments, as version 2 and 3 of its API have them.

use super::serve;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::Engine as _;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub const USER: &str = "ana@example.com";
pub const TOKEN: &str = "an-api-token";

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    pub id: String,
    pub key: String,
    pub fields: Value,
    pub comments: Vec<Value>,
}

#[derive(Default)]
pub struct Site {
    pub issues: Vec<Issue>,
    pub searches: usize,
    /// The next issue is made, and nobody hears of it.
    pub lose_answer: bool,
    /// So many searches do not find yet what was made.
    pub lag: usize,
}

#[derive(Clone, Default)]
pub struct Jira(pub Arc<Mutex<Site>>);

impl Jira {
    pub async fn start(&self) -> String {
        let api = Router::new()
            .route("/project/{key}", get(project))
            .route("/search", post(search))
            .route("/search/jql", post(search))
            .route("/issue", post(create))
            .route("/issue/{key}/comment", post(comment));
        let router = Router::new().nest("/rest/api/2", api.clone()).nest("/rest/api/3", api).with_state(self.clone());
        serve(router).await
    }

    pub fn issues(&self) -> Vec<Issue> {
        self.0.lock().unwrap().issues.clone()
    }
}

type Said = (StatusCode, Json<Value>);

fn said(status: StatusCode, body: Value) -> Said {
    (status, Json(body))
}

/// Whether whoever asks is known: by mail address and token in Cloud, by token alone in Data Center.
fn known(headers: &HeaderMap) -> bool {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{TOKEN}"));
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    given == format!("Basic {basic}") || given == format!("Bearer {TOKEN}")
}

fn stranger() -> Said {
    said(StatusCode::UNAUTHORIZED, json!({ "errorMessages": ["Client must be authenticated"] }))
}

async fn project(Path(key): Path<String>, headers: HeaderMap) -> Said {
    if !known(&headers) {
        return stranger();
    }
    if key != "SEC" {
        let none = format!("No project could be found with key '{key}'.");
        return said(StatusCode::NOT_FOUND, json!({ "errorMessages": [none] }));
    }
    let types = json!([
        { "id": "1", "name": "Task", "subtask": false },
        { "id": "2", "name": "Incident", "subtask": false },
        { "id": "3", "name": "Sub-task", "subtask": true },
    ]);
    said(StatusCode::OK, json!({ "id": "10000", "key": key, "description": "x".repeat(20_000), "issueTypes": types }))
}

async fn search(State(jira): State<Jira>, headers: HeaderMap, Json(asked): Json<Value>) -> Said {
    if !known(&headers) {
        return stranger();
    }
    let mut site = jira.0.lock().unwrap();
    site.searches += 1;
    let jql = asked["jql"].as_str().unwrap();
    let label = jql.split("labels = \"").nth(1).unwrap().trim_end_matches('"');
    let found =
        site.issues.iter().find(|issue| issue.fields["labels"].as_array().unwrap().iter().any(|one| one == label));
    let found = found.map(|issue| json!({ "id": issue.id, "key": issue.key }));
    let found = if site.lag > 0 && found.is_some() { None } else { found };
    site.lag = site.lag.saturating_sub(1);
    said(StatusCode::OK, json!({ "issues": found.into_iter().collect::<Vec<_>>() }))
}

async fn create(State(jira): State<Jira>, headers: HeaderMap, Json(asked): Json<Value>) -> Said {
    if !known(&headers) {
        return stranger();
    }
    let mut site = jira.0.lock().unwrap();
    let number = site.issues.len() + 1;
    let (id, key) = (format!("1000{number}"), format!("SEC-{number}"));
    site.issues.push(Issue { id: id.clone(), key: key.clone(), fields: asked["fields"].clone(), comments: Vec::new() });
    if std::mem::take(&mut site.lose_answer) {
        return said(StatusCode::GATEWAY_TIMEOUT, json!({}));
    }
    said(StatusCode::CREATED, json!({ "id": id, "key": key, "self": "https://jira.example/rest/api/3/issue/1" }))
}

async fn comment(
    State(jira): State<Jira>,
    Path(key): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Said {
    if !known(&headers) {
        return stranger();
    }
    let mut site = jira.0.lock().unwrap();
    let Some(issue) = site.issues.iter_mut().find(|issue| issue.key == key) else {
        return said(StatusCode::NOT_FOUND, json!({ "errorMessages": ["Issue does not exist"] }));
    };
    issue.comments.push(asked["body"].clone());
    said(StatusCode::CREATED, json!({ "id": "1" }))
}

//! Who may do what, walked: every page, form, server function and REST operation, as everybody there is, compared with
//! two tables: `matrix/console.txt` and `matrix/rest.txt`.
//!
//! The words of the tables:
//!
//! | word | meaning |
//! |---|---|
//! | `ok` | let through; what was sent may still be refused for what it says |
//! | `in` | sent to the page for signing in |
//! | `401`, `403` | refused, because nobody knows who asks, or because they may not |
//! | `404` | it looks as if it were not there |
//! | `open` | for everybody: whoever asks proves their right by a code, a signature or a password, or there is nothing to hide |
//!
//! The columns: nobody, and somebody whose session is over; the four roles (viewer, placer, reviewer, admin) in the team that
//! the thing belongs to, in another team, and in the whole installation; and somebody without a role. At the REST API the
//! roles are those of keys, `I` is `ingest`; besides, a key of each scope alone, for the whole installation, gets what an
//! admin gets where the row names its scope, and 403 elsewhere; and a key that is unknown, revoked, expired or misspelt gets
//! 401. A key opens no page and a session no REST operation: that is checked for each row, too.
//!
//! **A new route** fails these tests until it has a row. Add it to the table. If its address has a part in braces, say in
//! `seed.rs` (`Things::of`) which thing that is, where no thing there fits yet. If it takes a body, say in `bodies.rs` which:
//! one that changes nothing, or is refused for what it says after the right was looked at (an empty name, a confirmation that
//! does not fit). What uses its thing up for good is named in `seed.rs` (`Stage::fresh`), so that each who may do it gets a
//! thing of their own. No AWS account is there: to those who may manage accounts it looks as it is.

mod bodies;
mod routes;
mod seed;
mod table;

use app::model::viewer::{Role, Scope};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use seed::{Stage, Who};
use table::{Cells, Row, Table};
use tower::ServiceExt as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_gives_everybody_what_the_table_says() {
    let table = Table::console();
    table.must_name(&routes::console());
    let stage = Stage::set().await;
    let people = stage.people().await;
    let mut wrong = Vec::new();
    for row in &table.rows {
        let Cells::Each { cells, .. } = &row.cells else {
            wrong.extend(not_open(&stage, row).await);
            continue;
        };
        let mut answers = Vec::new();
        for (who, expected) in people.iter().zip(cells) {
            answers.push(ask(&stage, row, who, expected).await);
        }
        wrong.extend(differing(row, cells, &answers));
        let with_key = ask(&stage, row, &Who::Key(stage.admin_key()), "").await;
        wrong.extend((with_key != cells[0]).then(|| format!("{row}: a key gets {with_key}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_api_gives_each_key_what_the_table_says() {
    let table = Table::rest();
    table.must_name(&routes::rest());
    let stage = Stage::set().await;
    let (keys, alone, bad) = (stage.keys().await, stage.scopes_alone().await, stage.bad_keys().await);
    let session = stage.person("session@example.com", None, Some(Role::Admin)).await;
    let mut wrong = Vec::new();
    for row in &table.rows {
        let Cells::Each { cells, scope } = &row.cells else {
            wrong.extend(not_open(&stage, row).await);
            continue;
        };
        let mut answers = Vec::new();
        for (who, expected) in keys.iter().zip(cells) {
            answers.push(ask(&stage, row, who, expected).await);
        }
        wrong.extend(differing(row, cells, &answers));
        for (held, who) in &alone {
            let expected = if Some(*held) == *scope { cells[table::KEY_OF_ADMIN].as_str() } else { "403" };
            let answer = ask(&stage, row, who, expected).await;
            let word = held.word();
            wrong.extend((answer != expected).then(|| format!("{row}: with {word} alone: {answer}, not {expected}")));
        }
        for who in bad.iter().chain([&Who::Nobody, &session]) {
            let answer = ask(&stage, row, who, "401").await;
            wrong.extend((answer != "401").then(|| format!("{row}: {who:?} gets {answer}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_scope_but_those_of_the_console_alone_opens_something() {
    let table = Table::rest();
    let opens = |row: &Row, scope: Scope| matches!(row.cells, Cells::Each { scope: Some(it), .. } if it == scope);
    let named = |scope: Scope| table.rows.iter().any(|row| opens(row, scope));
    let closed: Vec<_> = Scope::ALL.into_iter().filter(|scope| !named(*scope)).collect();
    // What gets an operation is taken off this list.
    assert_eq!(closed, [Scope::HealthRead, Scope::PeopleWrite], "what has no REST operation yet");
}

/// The row again, if somebody got something else.
fn differing(row: &Row, expected: &[String], got: &[String]) -> Option<String> {
    (expected != got).then(|| format!("{row}\n   says {}\n   gave {}", expected.join(" "), got.join(" ")))
}

/// What is wrong with an address that is for everybody: it sends somebody away, or it is a fault of ours.
async fn not_open(stage: &Stage, row: &Row) -> Option<String> {
    let answer = ask(stage, row, &Who::Nobody, "open").await;
    (answer == "in" || answer.contains("no word")).then(|| format!("{row}: not open: {answer}"))
}

/// What somebody gets at a row's address: a word of the table, or the status that is none of them.
async fn ask(stage: &Stage, row: &Row, who: &Who, expected: &str) -> String {
    let things = stage.fresh(row, expected).await;
    let who = match who {
        // This one ends the session that comes with it.
        Who::Person { id, .. } if row.path == "/sign-out" => stage.come_in(id).await,
        who => who.clone(),
    };
    let body = bodies::of(&row.method, &row.path, &things);
    let mut request = Request::builder().method(row.method.as_str()).uri(things.fill(&row.path));
    if let Some(kind) = body.content_type() {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    match &who {
        Who::Nobody => {}
        Who::Person { cookie, .. } => request = request.header(header::COOKIE, cookie),
        Who::Key(key) => request = request.header(header::AUTHORIZATION, format!("Bearer {key}")),
    }
    let request = request.body(Body::from(body.bytes())).unwrap();
    // The body of the answer is left where it is: a live page's never ends.
    let answer = stage.router.clone().oneshot(request).await.unwrap();
    word(answer.status(), answer.headers())
}

fn word(status: StatusCode, headers: &HeaderMap) -> String {
    let to = headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap());
    if to == "/sign-in" || to.starts_with("/sign-in?next=") {
        return "in".to_owned();
    }
    match status.as_u16() {
        401 | 403 | 404 => status.as_u16().to_string(),
        405 | 500.. => format!("{status} (no word of the table)"),
        _ => "ok".to_owned(),
    }
}

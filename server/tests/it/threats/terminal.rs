//! Records that try to speak to the terminal of whoever looks at them.

use super::forged;
use crate::house::TestHouse;
use app::model::viewer::Role;
use aviary::hits::record::misleads;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Clears the screen, sets its title, turns the direction of writing, and begins a line.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r\nowned";

#[tokio::test]
async fn no_command_prints_what_a_terminal_obeys() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let adopted = json!({ "access_key_id": "AKIAWATCHED000000001", "location": "tray \u{202e}2", "owner": "ana" });
    let adopted = house.api().json(Method::POST, "/tokens/adopt", &adopted).await;
    assert_eq!(adopted.status, StatusCode::CREATED, "{}", adopted.text);
    let file = house.folder.path().join("log\u{1b}[2J.json");
    let record = forged("AKIAWATCHED000000001", "e-1", EVIL);
    std::fs::write(&file, json!({ "Records": [record, EVIL] }).to_string()).unwrap();
    let file = file.to_str().unwrap();

    for (arguments, shows) in [
        (vec!["scan", file], "[2J"),
        (vec!["scan", "--json", file], "owned"),
        (vec!["token", "list"], "tray"),
        (vec!["token", "list", "--json"], "tray"),
        (vec!["user", "list"], "ana@example.com"),
        (vec!["api-key", "list"], "test"),
        (vec!["doctor"], ""),
        (vec!["sweep", "--dry-run"], ""),
        (vec!["token", "revoke", EVIL], ""),
    ] {
        let out = house.command(&arguments).await;
        let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
        assert!(said.contains(shows), "{arguments:?}: {said}");
        let odd = said.chars().find(|c| misleads(*c) && !"\n\t".contains(*c));
        assert_eq!(odd, None, "{arguments:?}: {said:?}");
        assert!(!said.contains("\nowned"), "{arguments:?} prints a line of somebody else's: {said}");
    }
    let out = house.command(&["scan", "--json", file]).await;
    let said = String::from_utf8(out.stdout).unwrap();
    let found: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(found["file"], file, "programs are told the same as ever");
}

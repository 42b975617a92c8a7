//! A stolen database: what is in its file opens nothing.

use crate::{
    alerts::receiver::Receiver,
    house::{Folder, PASSWORD, TestHouse, beginning},
};
use app::model::{
    fault::FaultKind,
    ids::TokenId,
    viewer::{Role, Viewer},
};
use aviary::{
    store::{connect::Flavour, dump},
    tokens,
};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a thief has: SQLite's files as they lie there, or what PostgreSQL tells.
async fn loot(house: &TestHouse) -> Vec<u8> {
    let mut all = Vec::new();
    if house.house.store.flavour() == Flavour::Postgres {
        dump::write(&house.house.store, &mut all).await.unwrap();
        return all;
    }
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("aviary.db") {
            all.extend(std::fs::read(&path).unwrap());
        }
    }
    assert!(all.len() > 100_000, "the database and its log are {} bytes", all.len());
    all
}

fn has(loot: &[u8], needle: &str) -> bool {
    loot.windows(needle.len()).any(|some| some == needle.as_bytes())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stolen_database_file_is_useless_without_the_key() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let api = house.api();
    let token = house.mint("wiki").await;
    let id = text(&token["id"]);
    let rotated = api.json(Method::POST, &format!("/tokens/{id}/rotate"), &json!({})).await;
    assert!(rotated.status.is_success(), "{}", rotated.text);
    let receiver = Receiver::start().await;
    let hook = json!({ "kind": "webhook", "address": receiver.url, "name": "hook" });
    let hook = api.json(Method::POST, "/destinations", &hook).await.body();
    let invited = ana.form("/settings/people/invite", &[("email", "ben@example.com"), ("role", "viewer")]).await;
    let invitation = invited.link("/join/")["/join/".len()..].to_owned();

    let secrets = [
        ("the token's secret", text(&token["secret_access_key"])),
        ("the secret of its next key", text(&rotated.body()["secret_access_key"])),
        ("the webhook's signing secret", text(&hook["secret"])),
        ("a password", PASSWORD.to_owned()),
        ("an API key", house.admin_key.clone()),
        ("a session", ana.cookie("aviary").unwrap()),
        ("an invitation", invitation),
    ];
    let loot = loot(&house).await;
    assert!(has(&loot, &id) && has(&loot, "ana@example.com"), "the search finds what is in the open");
    for (what, secret) in &secrets {
        assert!(secret.len() >= 16, "{what}: {secret}");
        assert!(!has(&loot, secret), "{what} is in the file");
        let inner = secret.trim_start_matches("whsec_").trim_start_matches("avy_");
        assert!(!has(&loot, inner), "{what} is in the file, without what it begins with");
    }
    if let Ok(key) = std::fs::read_to_string(house.folder.path().join("sealing.key")) {
        assert!(!has(&loot, key.trim()), "the key is in the file");
    }
}

#[tokio::test]
async fn every_sealed_column_has_ciphertext_and_opens_with_no_other_key() {
    let house = TestHouse::start().await;
    let token = house.mint("wiki").await;
    let rotate = format!("/tokens/{}/rotate", text(&token["id"]));
    assert!(house.api().json(Method::POST, &rotate, &json!({})).await.status.is_success());
    let receiver = Receiver::start().await;
    let hook = json!({ "kind": "webhook", "address": receiver.url, "name": "hook" });
    let hook = house.api().json(Method::POST, "/destinations", &hook).await.body();
    let rotate = format!("/destinations/{}/rotate-secret", text(&hook["id"]));
    assert!(house.api().json(Method::POST, &rotate, &json!({})).await.status.is_success());

    let mut file = Vec::new();
    dump::write(&house.house.store, &mut file).await.unwrap();
    let mut seen = BTreeMap::<String, usize>::new();
    for line in String::from_utf8(file.clone()).unwrap().lines().skip(1) {
        let line: Value = serde_json::from_str(line).unwrap();
        for (column, value) in line["row"].as_object().unwrap() {
            if let (true, Some(sealed)) = (column.starts_with("sealed"), value.as_str()) {
                assert!(sealed.starts_with(&house.house.sealer.mark()), "{line}");
                *seen.entry(format!("{}.{column}", text(&line["table"]))).or_default() += 1;
            }
        }
    }
    let expected = [
        "destinations.sealed_address",
        "destinations.sealed_old_secret",
        "destinations.sealed_secret",
        "former_keys.sealed_secret",
        "sandbox_keys.sealed_secret",
        "tokens.sealed_secret",
    ];
    assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), expected);

    // The thief runs an Aviary of their own over it.
    let folder = Folder::new();
    let (thief, _) = TestHouse::build(&folder, &[], beginning()).await;
    dump::read(&thief.store, file.as_slice()).await.unwrap();
    let system = Viewer::system("thief");
    let id = TokenId(text(&token["id"]));
    let refused = tokens::reveal::reveal(&thief, &system, &id, "to see it", true).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::Internal, "{refused}");
    assert!(!refused.message.contains(&text(&token["secret_access_key"])));
}

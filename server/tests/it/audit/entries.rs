//! What stands in an entry: who, what, on what, before and after, from where, by which request. And what never does.

use super::entries;
use crate::house::{PASSWORD, TestHouse};
use app::model::{
    audit::meaning,
    viewer::{Role, Viewer},
};
use aviary::{people::persons, store::dump};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_change_says_what_it_was_before_and_after_and_by_which_request() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop").await;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    let body = json!({ "owner": "ben", "labels": "ci, prod", "location": "laptop" }).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("user-agent", "terraform/1.9")];
    let answer = house.api().send(Method::PATCH, &path, &headers, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);

    let edits = entries(&house, "token.edit").await;
    let edit = &edits[0];
    assert_eq!(edit["before"], json!({ "labels": [], "owner": "ana" }));
    assert_eq!(edit["after"], json!({ "labels": ["ci", "prod"], "owner": "ben" }));
    assert_eq!((&edit["actor_kind"], &edit["actor"]), (&json!("api_key"), &json!("test")));
    assert_eq!((&edit["subject_kind"], &edit["subject_id"]), (&json!("token"), &token["id"]));
    assert_eq!((&edit["address"], &edit["agent"]), (&json!("127.0.0.1"), &json!("terraform/1.9")));
    assert_eq!(edit["request_id"], answer.header("x-request-id"));

    let minted = &entries(&house, "token.mint").await[0];
    assert!(minted["before"].is_null() && minted["after"]["location"] == "laptop", "{minted}");
    assert_eq!(
        house.api().send(Method::POST, &format!("{path}/disable"), &[], Vec::new()).await.status,
        StatusCode::OK
    );
    let disabled = &entries(&house, "token.disable").await[0];
    assert_eq!(
        (&disabled["before"], &disabled["after"]),
        (&json!({ "key_active": true }), &json!({ "key_active": false }))
    );
}

#[tokio::test]
async fn roles_and_accounts_of_people_are_told_with_what_they_were() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("ben@example.com", "Security", Role::Viewer).await;
    let ben = house.id_of("ben@example.com").await;
    persons::set_role(&house.house, &system, &ben, "Security", Some(Role::Placer)).await.unwrap();
    persons::set_disabled(&house.house, &system, &ben, true).await.unwrap();
    let role = &entries(&house, "person.role").await[0];
    assert_eq!((&role["subject"], &role["subject_id"]), (&json!("ben@example.com"), &json!(ben.as_str())));
    assert_eq!(role["before"]["roles"], json!(["viewer in Security"]));
    assert_eq!(role["after"]["roles"], json!(["placer in Security"]));
    let off = &entries(&house, "person.disable").await[0];
    assert_eq!((&off["before"], &off["after"]), (&json!({ "disabled": false }), &json!({ "disabled": true })));
}

#[tokio::test]
async fn what_is_made_and_taken_away_is_told_with_all_that_it_was() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    ana.form("/settings/teams/new", &[("name", "Blue")]).await;
    let team = &entries(&house, "team.create").await[0];
    assert_eq!((&team["before"], &team["after"]), (&Value::Null, &json!({ "name": "Blue" })));

    let invited = [("email", "ben@example.com"), ("role", "placer"), ("team", "Blue")];
    ana.form("/settings/people/invite", &invited).await;
    let invite = &entries(&house, "person.invite").await[0];
    let after = &invite["after"];
    assert_eq!(
        (&after["email"], &after["role"], &after["team"]),
        (&json!("ben@example.com"), &json!("placer"), &json!("Blue"))
    );
    assert!(invite["before"].is_null() && after["expires_at"].is_string(), "{invite}");
    let id = invite["subject_id"].as_str().unwrap();
    ana.form(&format!("/settings/invites/{id}/remove"), &[]).await;
    let taken = &entries(&house, "person.uninvite").await[0];
    assert_eq!((&taken["before"], &taken["after"]), (after, &Value::Null));

    let fields = [("name", "ci"), ("role", "placer"), ("team", "Blue"), ("scopes", "tokens:read")];
    ana.form("/settings/api-keys/new", &fields).await;
    let made = &entries(&house, "api_key.create").await[0];
    let id = made["subject_id"].as_str().unwrap();
    ana.form(&format!("/settings/api-keys/{id}/revoke"), &[]).await;
    let revoked = &entries(&house, "api_key.revoke").await[0];
    assert_eq!((&revoked["before"], &revoked["after"]), (&made["after"], &Value::Null));
    let before = &revoked["before"];
    assert_eq!((&before["name"], &before["role"], &before["team"]), (&json!("ci"), &json!("placer"), &json!("Blue")));
    assert_eq!(before["scopes"], "tokens:read", "{revoked}");
}

#[tokio::test]
async fn a_session_that_a_new_sign_in_replaces_is_told_as_that_and_from_where() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Viewer).await;
    house.person("ben@example.com", "", Role::Viewer).await;
    let browser = house.signed_in("ana@example.com").await;
    let fields = [("email", "ben@example.com"), ("password", PASSWORD)];
    let answer = browser.form_with("/sign-in", &fields, &[("user-agent", "Firefox")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let ended = entries(&house, "session.end").await;
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!((&ended[0]["subject"], &ended[0]["address"]), (&json!("ana@example.com"), &json!("127.0.0.1")));
    assert_eq!(
        (&ended[0]["agent"], &ended[0]["request_id"]),
        (&json!("Firefox"), &json!(answer.header("x-request-id")))
    );
    assert!(ended[0]["detail"].as_str().unwrap().contains("replaced by a new sign-in"), "{ended:?}");
    browser.form("/sign-out", &[]).await;
    let ended = entries(&house, "session.end").await;
    assert_eq!((&ended[0]["subject"], &ended[0]["detail"]), (&json!("ben@example.com"), &json!("signed out")));
}

#[tokio::test]
async fn no_secret_stands_in_the_log_and_every_act_has_a_meaning() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let token = house.mint("laptop").await;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    let mut secrets = vec![PASSWORD.to_owned(), house.admin_key.clone(), house.key("viewer", "").await];
    secrets.push(token["secret_access_key"].as_str().unwrap().to_owned());
    assert_eq!(house.api().send(Method::POST, &format!("{path}/reveal"), &[], Vec::new()).await.status, StatusCode::OK);
    let rotated = house.api().send(Method::POST, &format!("{path}/rotate"), &[], Vec::new()).await.body();
    secrets.push(rotated["secret_access_key"].as_str().unwrap().to_owned());
    ana.form(&format!("{path}/download"), &[("file", "env")]).await;

    let hook =
        json!({ "kind": "webhook", "address": "http://127.0.0.1:9/hook/pa55-in-the-path?key=s3cret", "name": "ops" });
    let made = house.api().json(Method::POST, "/destinations", &hook).await.body();
    secrets.push(made["secret"].as_str().unwrap().to_owned());
    secrets.extend(["pa55-in-the-path".to_owned(), "s3cret".to_owned()]);
    let chat = json!({ "kind": "slack", "secret": "http://127.0.0.1:9/services/hidden-in-slack", "name": "chat" });
    let chat = house.api().json(Method::POST, "/destinations", &chat).await;
    assert_eq!(chat.status, StatusCode::CREATED, "{}", chat.text);
    let reveal = format!("/destinations/{}/reveal", chat.body()["id"].as_str().unwrap());
    assert_eq!(house.api().send(Method::POST, &reveal, &[], Vec::new()).await.status, StatusCode::OK);
    secrets.push("hidden-in-slack".to_owned());
    let invited = ana.form("/settings/people/invite", &[("email", "ben@example.com"), ("role", "viewer")]).await;
    secrets.push(invited.link("/join/")["/join/".len()..].to_owned());
    house.browser().form("/sign-in", &[("email", "my secret pass phrase"), ("password", "x")]).await;
    secrets.push("my secret pass phrase".to_owned());

    let mut file = Vec::new();
    dump::write(&house.house.store, &mut file).await.unwrap();
    let text = String::from_utf8(file).unwrap();
    let log: Vec<_> = text.lines().filter(|line| line.contains("\"table\":\"audit\"")).collect();
    for secret in &secrets {
        assert!(secret.len() > 5 && !log.iter().any(|line| line.contains(secret.as_str())), "{secret}");
    }
    assert!(!log.iter().any(|line| line.contains("x1:")), "not even sealed");

    let page = house.api().get("/audit?limit=500").await.body();
    let entries = page["items"].as_array().unwrap();
    for entry in entries {
        assert!(meaning(entry["act"].as_str().unwrap()).is_some(), "no page offers {}", entry["act"]);
    }
    for act in
        ["token.reveal", "token.rotate", "destination.create", "destination.reveal", "person.invite", "person.refuse"]
    {
        assert!(entries.iter().any(|entry| entry["act"] == act), "{act} is not noted");
    }
    assert!(entries.iter().any(|entry| entry["detail"] == "downloaded as env"));
}

#[tokio::test]
async fn a_request_that_is_made_again_and_shows_the_secret_again_is_noted() {
    let house = TestHouse::start().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
    for _ in 0..2 {
        let body = json!({ "location": "laptop" }).to_string().into_bytes();
        let answer = house.api().send(Method::POST, "/tokens", &headers, body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }
    assert_eq!((entries(&house, "token.mint").await.len(), entries(&house, "token.reveal").await.len()), (1, 1));
}

#[tokio::test]
async fn the_page_and_the_api_narrow_the_log_down_alike() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let token = house.mint("a place in the wiki").await;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    ana.form(&format!("{path}/edit"), &[("owner", "somebody else"), ("location", "a place in the wiki")]).await;
    let today = house.clock_now().day();
    let (from_today, to_today) = (format!("from={today}&act=token.*"), format!("to={today}&act=token.*"));
    for (query, count) in [
        ("act=token.edit", 1),
        ("act=token.*", 2),
        ("who=ana%40", 2),
        ("who=ANA@example&act=token.*", 1),
        ("subject=in%20the%20WIKI", 2),
        ("subject=100%25", 0),
        ("address=127.0.0.", 3),
        ("address=10.", 0),
        (from_today.as_str(), 2),
        (to_today.as_str(), 2),
        ("to=2020-01-01", 0),
        ("from=2999-01-01", 0),
    ] {
        let found = house.api().get(&format!("/audit?{query}")).await.body();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}: {found}");
        let page = ana.get(&format!("/settings/audit?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(page.text.matches("<tr class=\"more\"").count(), count, "{query}");
    }
    let edit = ana.get("/settings/audit?act=token.edit").await.text;
    assert!(edit.contains("Changed: owner") && edit.contains("somebody else"), "{edit}");
    assert!(edit.contains(&format!("href=\"{path}\"")), "the entry leads to its token");
    let wrong = house.api().get("/audit?from=soon").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.body()["errors"][0]["field"], "from");

    let first = house.api().get("/audit?limit=2").await.body();
    let next = house.api().get(&format!("/audit?limit=2&after={}", first["next"].as_str().unwrap())).await.body();
    let place = |page: &serde_json::Value, at: usize| page["items"][at]["seq"].as_i64().unwrap();
    assert_eq!(place(&first, 1) - 1, place(&next, 0), "the next page goes on where the first one ended");
}

#[tokio::test]
async fn only_admins_of_the_installation_read_the_log() {
    let house = TestHouse::start().await;
    house.person("vic@example.com", "Security", Role::Admin).await;
    let vic = house.signed_in("vic@example.com").await;
    for path in ["/settings/audit", "/settings/audit.csv", "/settings/audit.jsonl"] {
        assert_eq!(vic.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for role in ["viewer", "reviewer", "ingest"] {
        let key = house.key(role, "").await;
        assert_eq!(house.api_as(&key).get("/audit").await.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert!(entries(&house, "audit.export").await.is_empty());
}

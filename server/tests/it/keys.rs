//! API keys: what each is for, until when, and that a revoked one opens nothing any more.

use crate::house::TestHouse;
use app::model::{
    moment::DAY,
    person::{ApiKey, ApiKeyForm},
    viewer::{Role, Viewer},
};
use aviary::{
    house::ChanceExt as _,
    people::{api_keys, code_hash},
    store,
};
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::process::Command;

async fn key(house: &TestHouse, role: &str, scopes: &[&str], expires: &str) -> (ApiKey, String) {
    let form = ApiKeyForm {
        name: "program".into(),
        role: role.into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires: expires.into(),
        ..ApiKeyForm::default()
    };
    let made = api_keys::make(&house.house, &Viewer::system("test"), &form).await.unwrap();
    (made.key, made.secret.expose().to_owned())
}

#[tokio::test]
async fn a_key_for_minting_mints_and_sees_nothing() {
    let house = TestHouse::start().await;
    let (_, secret) = key(&house, "", &["tokens:write"], "").await;
    let api = house.api_as(&secret);
    let minted = api.json(Method::POST, "/tokens", &json!({ "location": "a runner", "owner": "ci" })).await;
    assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
    let path = format!("/tokens/{}", minted.body()["id"].as_str().unwrap());
    let refused = api.get(&path).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("does not have the scope tokens:read"), "{}", refused.text);
    assert_eq!(api.get("/tokens").await.status, StatusCode::FORBIDDEN);
    // It looks after what it may change, without seeing the rest.
    assert_eq!(api.json(Method::PATCH, &path, &json!({ "notes": "x" })).await.status, StatusCode::OK);
    let again = api.send(Method::POST, &format!("{path}/reveal"), &[], Vec::new()).await;
    assert_eq!(again.status, StatusCode::OK, "what it minted itself: {}", again.text);
    let other = house.mint("elsewhere").await;
    let path = format!("/tokens/{}/reveal", other["id"].as_str().unwrap());
    let refused = api.send(Method::POST, &path, &[], Vec::new()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
}

#[tokio::test]
async fn the_page_makes_a_key_that_may_do_a_part_of_its_role() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let form =
        [("name", "SIEM"), ("team", "Security"), ("role", "reviewer"), ("scopes", "hits:read"), ("expires", "10d")];
    let page = ana.form("/settings/api-keys/new", &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let at = page.text.find("avy_").unwrap();
    let secret: String = page.text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let api = house.api_as(&secret);
    assert_eq!(api.get("/hits").await.status, StatusCode::OK);
    assert_eq!(api.get("/tokens").await.status, StatusCode::FORBIDDEN);

    let page = ana.get("/settings/api-keys").await.text;
    assert!(page.contains("Part of Reviewer") && page.contains("Team Security"), "{page}");
    assert!(page.contains("Ends soon") && page.contains("1 key ends within two weeks"), "{page}");
    house.clock.advance(11 * DAY);
    let ana = house.signed_in("ana@example.com").await;
    let page = ana.get("/settings/api-keys").await.text;
    assert!(page.contains("Expired") && !page.contains("Ends soon"), "{page}");

    for (fields, says) in [
        ([("name", "x"), ("role", "viewer"), ("scopes", "tokens:write")], "does not have the scope tokens:write"),
        ([("name", "x"), ("role", "none"), ("scopes", "")], "Choose a role, or at least one scope"),
        ([("name", ""), ("role", "viewer"), ("scopes", "")], "Expected a name"),
        ([("name", "x"), ("role", "viewer"), ("expires", "2001-01-01")], "is over already"),
    ] {
        let refused = ana.form("/settings/api-keys/new", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(says), "{says}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_key_that_ran_out_or_is_misspelt_is_told_why() {
    let house = TestHouse::start().await;
    let (made, secret) = key(&house, "viewer", &[], "90d").await;
    assert_eq!(made.expires_at, Some(house.clock_now().plus(90 * DAY)));
    house.clock.advance(90 * DAY - 1);
    assert_eq!(house.api_as(&secret).get("/tokens").await.status, StatusCode::OK);
    house.clock.advance(1);
    let over = house.api_as(&secret).get("/tokens").await;
    assert_eq!((over.status, over.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer realm=\"aviary\""));
    assert!(over.text.contains("ran out at"), "{}", over.text);

    let cut = &secret[..secret.len() - 1];
    let broken = house.api_as(cut).get("/tokens").await;
    assert_eq!(broken.status, StatusCode::UNAUTHORIZED);
    assert!(broken.text.contains("not a whole Aviary API key"), "{}", broken.text);
    let none = house.api_as("something else").get("/tokens").await;
    assert!(none.text.contains("Send an API key"), "{}", none.text);
}

#[tokio::test]
async fn a_key_from_before_there_was_a_checksum_goes_on() {
    let house = TestHouse::start().await;
    let (made, _) = key(&house, "viewer", &[], "").await;
    let before = format!("avy_{}", house.house.chance.code());
    let row = store::people::api_keys::ApiKeyRow { key: ApiKey { id: "before".into(), ..made }, team_id: None };
    let mut tx = house.house.store.begin().await.unwrap();
    store::people::api_keys::insert(&mut tx, &row, &code_hash(&before), "ana").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.api_as(&before).get("/tokens").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_the_connection_that_it_opened() {
    let house = TestHouse::start().await;
    let (made, secret) = key(&house, "viewer", &[], "").await;
    let address = house.url.strip_prefix("http://").unwrap();
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut open, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut ask = async || {
        open.ready().await.unwrap();
        let request = Request::get("/api/v1/tokens")
            .header(header::HOST, address)
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .body(Empty::<axum::body::Bytes>::new())
            .unwrap();
        let answer = open.send_request(request).await.unwrap();
        let status = answer.status();
        answer.into_body().collect().await.unwrap();
        status
    };
    assert_eq!(ask().await, StatusCode::OK);
    api_keys::revoke(&house.house, &Viewer::system("test"), &made.id).await.unwrap();
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn somebody_without_a_role_sees_whom_to_ask_and_nothing_else() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("new@example.com", "Security", Role::Viewer).await;
    let token = house.mint("laptop").await;
    let system = Viewer::system("test");
    let id = house.id_of("new@example.com").await;
    aviary::people::persons::set_role(&house.house, &system, &id, "Security", None).await.unwrap();

    let new = house.signed_in("new@example.com").await;
    let home = new.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.text.contains("You are in no team yet") && home.text.contains("ana@example.com"), "{}", home.text);
    for path in ["/tokens", "/incidents", "/destinations", &format!("/tokens/{}", token["id"].as_str().unwrap())] {
        let page = new.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.text.contains("Whom to ask") && !page.text.contains("laptop"), "{path}: {}", page.text);
    }
    assert_eq!(new.get("/settings").await.status, StatusCode::OK, "their own account is there");
}

#[tokio::test]
async fn the_people_page_shows_the_table_that_decides() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let page = house.signed_in("ana@example.com").await.get("/settings/people").await.text;
    for act in app::model::viewer::Act::ALL {
        let row = act.row();
        // As HTML has it.
        let says = row.says.replace('\'', "&#x27;");
        assert!(page.contains(&says[1..]) || page.contains(&row.says[1..]), "{}", row.says);
        assert!(page.contains(row.scope.word()), "{}", row.scope.word());
    }
}

#[tokio::test]
async fn the_command_line_prints_a_key_alone() {
    let folder = crate::house::Folder::new();
    let aviary = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command.env_clear().env("AVIARY_DATA_DIR", folder.path()).args(words);
        command.output().unwrap()
    };
    let made = aviary(&["api-key", "create", "--name", "ci", "--scope", "tokens:write", "--expires", "90d"]);
    let printed = String::from_utf8(made.stdout).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let secret = printed.trim_end();
    assert_eq!(api_keys::text::form(secret), api_keys::text::Form::Whole, "{printed}");
    assert!(aviary(&["api-key", "create", "--name", "tour", "--role", "admin"]).status.success());
    let listed = String::from_utf8(aviary(&["api-key", "list"]).stdout).unwrap();
    assert!(listed.contains("(none)\t(everything)\tci\ttokens:write\t") && listed.contains("admin"), "{listed}");
    let neither = aviary(&["api-key", "create", "--name", "x"]);
    assert!(!neither.status.success() && String::from_utf8_lossy(&neither.stderr).contains("--role"));
}

//! Tokens through the API and the command's rooms: mint, adopt, edit, reveal, disable, revoke, list.

use crate::house::TestHouse;
use app::model::viewer::Role;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_minted_token_has_every_field_and_its_secret_once() {
    let house = TestHouse::start().await;
    let minted = house.mint("Jenkins credentials store").await;
    for field in [
        "id",
        "account",
        "access_key_id",
        "secret_access_key",
        "user_name",
        "arn",
        "team",
        "owner",
        "location",
        "notes",
        "labels",
        "state",
        "on_hit",
        "created_at",
        "expires_at",
        "last_hit_at",
        "hit_count",
    ] {
        assert!(minted.get(field).is_some(), "{field} is missing in {minted}");
    }
    assert_eq!(minted["state"], "armed");
    assert_eq!(minted["account"], "sandbox");
    let read = house.api().get(&format!("/tokens/{}", minted["id"].as_str().unwrap())).await.body();
    assert!(read.get("secret_access_key").is_none());
    assert_eq!(read["access_key_id"], minted["access_key_id"]);

    let revealed = house
        .api()
        .send(Method::POST, &format!("/tokens/{}/reveal", minted["id"].as_str().unwrap()), &[], Vec::new())
        .await;
    assert_eq!(revealed.body()["secret_access_key"], minted["secret_access_key"]);
    house.person("ana@example.com", "", Role::Admin).await;
    let audit = house.signed_in("ana@example.com").await.get("/settings/audit").await.text;
    assert!(audit.contains("token.reveal") || audit.contains("Revealed"), "the reveal is in the audit log");
    assert!(!audit.contains(minted["secret_access_key"].as_str().unwrap()));
}

#[tokio::test]
async fn a_secret_is_nowhere_in_the_data_folder() {
    let house = TestHouse::start().await;
    let secret = house.mint("x").await["secret_access_key"].as_str().unwrap().to_owned();
    for entry in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn wrong_input_names_every_field() {
    let house = TestHouse::start().await;
    let answer = house
        .api()
        .json(
            Method::POST,
            "/tokens",
            &json!({ "location": " ", "expires_at": "2020-01-01", "on_hit": "explode", "team": "Nobody" }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let fields: Vec<_> =
        answer.body()["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect();
    for field in ["location", "expires_at", "on_hit", "team"] {
        assert!(fields.iter().any(|f| f == field), "{field} in {fields:?}");
    }
    let labels = house.api().json(Method::POST, "/tokens", &json!({ "location": "x", "labels": 7 })).await;
    assert_eq!(labels.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(labels.text.contains("expected a list of texts"), "{}", labels.text);
    let malformed = house.api().send(Method::POST, "/tokens", &[], b"{".to_vec()).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert!(malformed.body()["detail"].as_str().unwrap().contains("line 1"));
}

#[tokio::test]
async fn the_same_idempotency_key_mints_once() {
    let house = TestHouse::start().await;
    let send = async |key: &str, location: &str| {
        let body = json!({ "location": location }).to_string().into_bytes();
        house
            .api()
            .send(Method::POST, "/tokens", &[("idempotency-key", key), ("content-type", "application/json")], body)
            .await
    };
    let (first, again) = (send("a", "here").await, send("a", "here").await);
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body(), again.body());
    assert_eq!(send("a", "there").await.status, StatusCode::CONFLICT);
    assert_ne!(send("b", "here").await.body()["id"], first.body()["id"]);
    assert_eq!(house.api().get("/tokens").await.body()["items"].as_array().unwrap().len(), 2);

    let refused = send("c", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("c", "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "what made nothing can be sent again");
}

#[tokio::test]
async fn a_list_is_read_on_with_its_cursor_and_filtered_by_field() {
    let house = TestHouse::start().await;
    for number in 0..7 {
        let labels = if number % 2 == 0 { json!(["even"]) } else { json!(["odd", "prime"]) };
        let body = json!({ "location": format!("Shelf-{number}"), "owner": "ana", "labels": labels, "expires_in_days": 30 + number });
        assert_eq!(house.api().json(Method::POST, "/tokens", &body).await.status, StatusCode::CREATED);
    }
    for sort in ["created", "last_hit", "expires"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = house.api().get(&format!("/tokens?limit=3&sort={sort}{after}")).await.body();
            seen.extend(page["items"].as_array().unwrap().iter().map(|t| t["location"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 7, "{sort}: {seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{sort}");
    }
    let count = async |query: &str| {
        house.api().get(&format!("/tokens?{query}")).await.body()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("label=even").await, 4);
    // A figure alone would also be found in account numbers.
    assert_eq!(count("q=ANA+shelf-3").await, 1);
    assert_eq!(count("q=100%25").await, 0);
    assert_eq!(count("state=armed&owner=ana").await, 7);
    assert_eq!(count("state=revoked").await, 0);
    assert_eq!(house.api().get("/tokens?after=nonsense").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_adopted_key_is_watched_and_not_ours_to_revoke() {
    let house = TestHouse::start().await;
    let body = json!({ "access_key_id": "AKIAIOSFODNN7EXAMPLE", "arn": "arn:aws:iam::123456789012:user/ci/old", "location": "old runbook" });
    let adopted = house.api().json(Method::POST, "/tokens/adopt", &body).await;
    assert_eq!(adopted.status, StatusCode::CREATED, "{}", adopted.text);
    let token = adopted.body();
    assert_eq!(
        (token["state"].as_str(), token["account"].as_str(), token["user_name"].as_str()),
        (Some("arming"), Some("123456789012"), Some("old"))
    );
    assert_eq!(house.api().json(Method::POST, "/tokens/adopt", &body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    let refused = house.api().send(Method::DELETE, &path, &[], Vec::new()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body()["detail"].as_str().unwrap().contains("made elsewhere"));
    let reveal = house.api().send(Method::POST, &format!("{path}/reveal"), &[], Vec::new()).await;
    assert_eq!(reveal.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_token_can_be_changed_disabled_and_revoked_and_stays() {
    let house = TestHouse::start().await;
    let minted = house.mint("here").await;
    let path = format!("/tokens/{}", minted["id"].as_str().unwrap());
    let patch = |body: Value| {
        let (api, path) = (house.api(), path.clone());
        async move { api.json(Method::PATCH, &path, &body).await }
    };
    let changed = patch(json!({ "location": "there", "labels": ["ci"], "expires_at": "2099-01-01" })).await.body();
    assert_eq!((changed["location"].as_str(), changed["owner"].as_str()), (Some("there"), Some("ana")));
    assert_eq!(changed["expires_at"], "2099-01-01T00:00:00Z");
    assert_eq!(patch(json!({ "expires_at": null })).await.body()["expires_at"], Value::Null);
    assert_eq!(patch(json!({ "key_active": false })).await.body()["key_active"], false);
    assert_eq!(patch(json!({ "key_active": true })).await.body()["key_active"], true);
    assert_eq!(
        patch(json!({ "state": "armed" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what cannot be changed is refused"
    );

    let revoked = house.api().send(Method::DELETE, &path, &[], Vec::new()).await.body();
    assert_eq!((revoked["state"].as_str(), revoked["key_active"].as_bool()), (Some("revoked"), Some(false)));
    assert_eq!(house.api().get(&path).await.body()["location"], "there");
    assert_eq!(patch(json!({ "key_active": true })).await.status, StatusCode::CONFLICT);
    assert_eq!(patch(json!({ "notes": "was in the old wiki" })).await.body()["notes"], "was in the old wiki");
}

#[tokio::test]
async fn another_teams_tokens_look_as_if_they_were_not_there() {
    let house = TestHouse::start().await;
    aviary::people::teams::create(&house.house, &app::model::viewer::Viewer::system("test"), "Other").await.unwrap();
    let body = json!({ "location": "here", "team": "Security" });
    let token = house.api().json(Method::POST, "/tokens", &body).await.body();
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    let other = house.api_as(&house.key("placer", "Other").await);
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.json(Method::PATCH, &path, &json!({ "notes": "x" })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.send(Method::DELETE, &path, &[], Vec::new()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/tokens").await.body()["items"], json!([]));
    assert_eq!(other.json(Method::POST, "/tokens", &body).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let viewer = house.api_as(&house.key("viewer", "Security").await);
    assert_eq!(viewer.get(&path).await.status, StatusCode::OK);
    assert_eq!(
        viewer.send(Method::POST, &format!("{path}/reveal"), &[], Vec::new()).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(viewer.send(Method::DELETE, &path, &[], Vec::new()).await.status, StatusCode::FORBIDDEN);
    let ingest = house.api_as(&house.key("ingest", "").await);
    let refused = ingest.get(&path).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("tokens:read"), "{}", refused.text);
    assert_eq!(house.api_as("avy_nothing").get(&path).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_house_needs_no_admin_before_its_first_token() {
    let folder = crate::house::Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], crate::house::beginning()).await;
    let operator = app::model::viewer::Viewer::system("test");
    let form = app::model::token::TokenForm { location: "a laptop".into(), ..Default::default() };
    let minted = aviary::tokens::mint::mint(&house, &operator, &form).await.unwrap();
    assert_eq!(minted.token.team, "Security");
    let form = app::model::token::TokenForm { access_key_id: "AKIAMADEELSEWHERE001".into(), ..form };
    assert_eq!(aviary::tokens::adopt::adopt(&house, &operator, &form).await.unwrap().team, "Security");
}

#[tokio::test]
async fn who_may_not_see_a_secret_cannot_make_themselves_its_owner() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "Security", Role::Placer).await;
    house.person("mallory@example.com", "Security", Role::Placer).await;
    let body = json!({ "location": "here", "owner": "ana@example.com" });
    let minted = house.api().json(Method::POST, "/tokens", &body).await;
    let id = minted.body()["id"].as_str().unwrap().to_owned();
    let (mallory, ana) = (house.signed_in("mallory@example.com").await, house.signed_in("ana@example.com").await);
    let edit = format!("/tokens/{id}/edit");
    let take = [("owner", "mallory@example.com"), ("location", "here"), ("on_hit", "keep")];
    let refused = mallory.form(&edit, &take).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("may hand it to somebody else"), "{}", refused.text);
    assert_eq!(house.api().get(&format!("/tokens/{id}")).await.body()["owner"], "ana@example.com");
    // Everything else is theirs to change; and the owner may hand the token on.
    let moved = [("owner", "ana@example.com"), ("location", "there"), ("on_hit", "keep")];
    assert_eq!(mallory.form(&edit, &moved).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ana.form(&edit, &take).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.api().get(&format!("/tokens/{id}")).await.body()["owner"], "mallory@example.com");
}

#[tokio::test]
async fn a_key_that_was_switched_on_again_counts_its_hits_from_there() {
    let house = TestHouse::start().await;
    let body = json!({ "location": "here", "on_hit": "disable_after:2" });
    let minted = house.api().json(Method::POST, "/tokens", &body).await.body();
    let (id, key) = (minted["id"].as_str().unwrap(), minted["access_key_id"].as_str().unwrap());
    let active = async || house.api().get(&format!("/tokens/{id}")).await.body()["key_active"] == true;
    let mut n = 0;
    let mut hit = async || {
        n += 1;
        let record = json!({
            "eventVersion": "1.11", "eventID": format!("e-{n}"), "eventTime": "2026-11-21T10:00:00Z",
            "eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.7", "userIdentity": { "type": "IAMUser", "accessKeyId": key }
        });
        let answer = house.api().json(Method::POST, "/ingest/cloudtrail", &record).await;
        assert_eq!(answer.body()["new"], 1, "{}", answer.text);
        aviary::sweep::run_once(&house.house, false).await.unwrap();
    };
    hit().await;
    assert!(active().await);
    hit().await;
    assert!(!active().await, "the second hit is the limit");
    let patch = json!({ "key_active": true });
    assert_eq!(house.api().json(Method::PATCH, &format!("/tokens/{id}"), &patch).await.status, StatusCode::OK);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    assert!(active().await, "somebody wants it to listen on");
    hit().await;
    assert!(active().await);
    hit().await;
    assert!(!active().await, "and again two are the limit");
}

#[tokio::test]
async fn a_request_that_was_cut_off_can_be_made_again_under_its_name() {
    let house = TestHouse::start().await;
    let body = json!({ "location": "here" });
    let mint = async || {
        let headers = [("idempotency-key", "deploy-7"), ("content-type", "application/json")];
        house.api().send(Method::POST, "/tokens", &headers, body.to_string().into_bytes()).await
    };
    assert_eq!(mint().await.status, StatusCode::CREATED);
    // As a process leaves it behind that was killed in the middle.
    let mut tx = house.house.store.begin().await.unwrap();
    aviary::store::tokens::forget_idempotency(&mut tx, house.clock_now(), house.clock_now().plus(1)).await.unwrap();
    let actor = aviary::store::people::api_keys::list(&mut tx).await.unwrap()[0].key.id.0.clone();
    aviary::store::tokens::take_idempotency(&mut tx, &actor, "deploy-7", "hash", house.clock_now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(mint().await.status, StatusCode::CONFLICT);
    house.clock.advance(app::model::moment::HOUR);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!(mint().await.status, StatusCode::CREATED);
}

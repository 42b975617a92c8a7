//! AWS accounts, drills and rotation as programs reach them.

use crate::house::TestHouse;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn programs_add_change_and_remove_accounts() {
    let house = TestHouse::start().await;
    let api = house.api();
    let new = json!({
        "id": "111122223333", "name": "Production", "region": "eu-central-1", "external_id": "k3",
        "role_arn": "arn:aws:iam::111122223333:role/automation", "words": ["ledger", "batch"],
        "policy": { "kind": "decoy_reader", "bucket": "example-exports" }, "tags": [{ "key": "team", "value": "sec" }],
    });
    let made = api.json(Method::POST, "/accounts", &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.body();
    assert_eq!((&made["words"], &made["policy"]), (&new["words"], &new["policy"]));
    assert_eq!(made["external_id"], "k3");

    let again = api.json(Method::POST, "/accounts", &new).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    let changed = api.json(Method::PATCH, "/accounts/111122223333", &json!({ "cap": 9 })).await.body();
    assert_eq!((&changed["cap"], &changed["tags"]), (&json!(9), &new["tags"]));
    for (change, field) in [(json!({ "capp": 9 }), "capp"), (json!({ "path": "/canary/" }), "path")] {
        let refused = api.json(Method::PATCH, "/accounts/111122223333", &change).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body()["errors"][0]["field"], field);
    }

    let listed = api.get("/accounts").await.body();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let placer = house.api_as(&house.key("placer", "Security").await);
    for path in ["/accounts", "/accounts/111122223333"] {
        assert_eq!(placer.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let gone = api.send(Method::DELETE, "/accounts/111122223333", &[], Vec::new()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get("/accounts/111122223333").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn programs_drill_and_read_the_proof() {
    let house = TestHouse::start().await;
    let api = house.api();
    let token = house.mint("build server").await;
    let path = format!("/tokens/{}", id_of(&token));
    let asked = api.send(Method::POST, &format!("{path}/drill"), &[], Vec::new()).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    house
        .until("the drill is heard", async || {
            api.get(&format!("{path}/proof")).await.body()["ways"].as_array().is_some_and(|ways| !ways.is_empty())
        })
        .await;
    let proof = api.get(&format!("{path}/proof")).await.body();
    assert_eq!((&proof["ways"][0]["source"], &proof["missing"]), (&json!("sandbox"), &json!([])));
    let token = api.get(&path).await.body();
    assert_eq!((&token["proven_at"], &token["hit_count"]), (&proof["proven_at"], &json!(0)));

    let listed =
        async |query: &str| api.get(&format!("/tokens?{query}")).await.body()["items"].as_array().unwrap().len();
    assert_eq!((listed("proven=true").await, listed("proven=false").await), (1, 0));
    let hits = async |query: &str| api.get(&format!("/hits?{query}")).await.body()["items"].as_array().unwrap().len();
    assert_eq!((hits("kind=drill").await, hits("no_drills=true").await), (1, 0));

    let nowhere = api.json(Method::POST, &format!("{path}/drill"), &json!({ "through": "none" })).await;
    assert_eq!(nowhere.body()["errors"][0]["field"], "through");
}

#[tokio::test]
async fn programs_rotate_disable_and_enable() {
    let house = TestHouse::start().await;
    let api = house.api();
    let token = house.mint("build server").await;
    let path = format!("/tokens/{}", id_of(&token));
    let post = async |verb: &str| api.send(Method::POST, &format!("{path}/{verb}"), &[], Vec::new()).await;

    let rotated = post("rotate").await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    let rotated = rotated.body();
    assert_ne!(rotated["access_key_id"], token["access_key_id"]);
    assert_eq!(rotated["secret_access_key"].as_str().unwrap().len(), 40);
    assert_eq!(post("disable").await.body()["key_active"], false);
    assert_eq!(post("drill").await.status, StatusCode::CONFLICT, "a key that is off proves nothing");
    assert_eq!(post("enable").await.body()["key_active"], true);
}

fn id_of(token: &Value) -> &str {
    token["id"].as_str().unwrap_or_else(|| panic!("{token}"))
}

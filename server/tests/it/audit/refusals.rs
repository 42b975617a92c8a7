//! Whoever was not let in stands in the log, and cannot fill it.

use super::entries;
use crate::house::TestHouse;
use app::model::{moment::MINUTE, viewer::Role};
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn sign_ins_that_were_refused_are_noted_ten_times_and_counted_from_then_on() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    for n in 0..25 {
        let email = format!("guess-{n}@example.com");
        let answer = house.browser().form("/sign-in", &[("email", &email), ("password", "wrong wrong wrong")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let refused = entries(&house, "person.refuse").await;
    assert_eq!(refused.len(), 10);
    assert_eq!((&refused[9]["subject"], &refused[9]["actor_kind"]), (&json!("guess-0@example.com"), &json!("nobody")));
    assert!(refused[0]["detail"].as_str().unwrap().contains("further ones from there are only counted until"));
    assert_eq!(refused[0]["address"], "127.0.0.1");

    house.clock.advance(16 * MINUTE);
    house.browser().form("/sign-in", &[("email", "ana@example.com"), ("password", "wrong wrong wrong")]).await;
    let refused = entries(&house, "person.refuse").await;
    assert_eq!(refused.len(), 11);
    let detail = refused[0]["detail"].as_str().unwrap();
    assert_eq!(detail, "wrong address or password; 15 refusals before this one were not written down");
}

#[tokio::test]
async fn a_key_that_is_no_longer_good_is_noted_by_its_first_letters() {
    let house = TestHouse::start().await;
    let key = house.key("viewer", "").await;
    let keys = house.api().get("/audit?act=api_key.create").await.body();
    let id = keys["items"][0]["subject_id"].as_str().unwrap().to_owned();
    let system = app::model::viewer::Viewer::system("test");
    aviary::people::api_keys::revoke(&house.house, &system, &id.as_str().into()).await.unwrap();
    assert_eq!(house.api_as(&key).get("/tokens").await.status, StatusCode::UNAUTHORIZED);
    let refused = entries(&house, "api_key.refuse").await;
    assert_eq!(refused[0]["subject"], key[..10]);
    assert_eq!(house.api_as("nothing of ours").get("/tokens").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(entries(&house, "api_key.refuse").await.len(), 1, "what is no key of ours says nothing");
}

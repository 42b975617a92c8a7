//! The one character that PostgreSQL keeps in no text: it is refused at the door, and nowhere the cause of a fault.

use crate::house::TestHouse;
use app::model::viewer::Role;
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_nul_character_is_refused_wherever_it_comes_in() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let (api, ana) = (house.api(), house.signed_in("ana@example.com").await);
    for path in ["/tokens?q=a%00b", "/tokens/%00", "/hits?source_ip=%00", "/incidents?after=%00"] {
        assert_eq!(api.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(ana.get("/tokens?q=%00").await.status, StatusCode::BAD_REQUEST);
    for body in [json!({ "location": "a\u{0}b" }), json!({ "location": "x", "owner": "\u{0}" })] {
        assert_eq!(api.json(Method::POST, "/tokens", &body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let strange = house.browser().form("/sign-in", &[("email", "a\u{0}@example.com"), ("password", "x")]).await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    // In a record it stands escaped, is kept so, and loses nothing.
    let token = house.mint("wiki").await;
    let record = super::forged(token["access_key_id"].as_str().unwrap(), "e-1", "a\u{0}b");
    let taken = api.json(Method::POST, "/ingest/cloudtrail", &json!([record, "\u{0}"])).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let taken = taken.body();
    assert_eq!((taken["new"].as_i64(), taken["quarantined"].as_i64()), (Some(1), Some(1)));
}

//! Which headers of a proxy are believed: the audit log says from where somebody came, and each answer has an identifier.

use crate::house::{PASSWORD, TestHouse};
use app::model::{
    audit::AuditQuery,
    viewer::{Role, Viewer},
};
use axum::http::{Method, StatusCode};

/// From where the latest sign-in came.
async fn came_from(house: &TestHouse) -> String {
    let query = AuditQuery { act: "person.sign_in".into(), ..AuditQuery::default() };
    let page = aviary::audit::list(&house.house, &Viewer::system("test"), &query).await.unwrap();
    page.items[0].address.clone().unwrap()
}

async fn sign_in(house: &TestHouse, forwarded: &str) {
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let done = house.browser().form_with("/sign-in", &fields, &[("x-forwarded-for", forwarded)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
}

/// The identifier in the answer to a request with this one.
async fn answered(house: &TestHouse, id: &str) -> String {
    let answer = house.browser().send(Method::GET, "/sign-in", &[("x-request-id", id)], Vec::new()).await;
    answer.header("x-request-id").to_owned()
}

#[tokio::test]
async fn a_trusted_proxy_says_whose_request_it_is() {
    let house = TestHouse::with(&[("AVIARY_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    sign_in(&house, "198.51.100.9, 203.0.113.7, 10.1.2.3").await;
    assert_eq!(came_from(&house).await, "203.0.113.7");
    sign_in(&house, "[2001:db8::7]:4711").await;
    assert_eq!(came_from(&house).await, "2001:db8::7");
    sign_in(&house, "nonsense").await;
    assert_eq!(came_from(&house).await, "127.0.0.1");

    assert_eq!(answered(&house, "edge-7.a_b").await, "edge-7.a_b");
    let long = "a".repeat(65);
    for made_up in ["a b", "a;b", "", long.as_str()] {
        let id = answered(&house, made_up).await;
        assert!(id != made_up && id.len() == 36, "{made_up} became {id}");
    }
}

#[tokio::test]
async fn a_stranger_says_nothing_that_is_believed() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    sign_in(&house, "203.0.113.7").await;
    assert_eq!(came_from(&house).await, "127.0.0.1");
    let (first, second) = (answered(&house, "mine").await, answered(&house, "mine").await);
    assert!(first.len() == 36 && second.len() == 36 && first != second, "{first} {second}");
}

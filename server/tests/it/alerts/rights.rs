//! Who sees which destination, and who may do what with it.

use super::{
    delivered, destination, hit,
    receiver::{Receiver, status},
    subscribe, text,
};
use crate::house::TestHouse;
use app::model::viewer::{Role, Viewer};
use aviary::people::{persons, teams};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

async fn items(answer: crate::house::Answer) -> Vec<Value> {
    answer.body()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_team_sees_its_destinations_with_shortened_addresses_and_others_see_none() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let owner = house.api_as(&house.key("placer", "Security").await);
    let mate = house.api_as(&house.key("viewer", "Security").await);
    let stranger = house.api_as(&house.key("admin", "Web").await);

    let body = json!({ "kind": "webhook", "address": receiver.url });
    let made = owner.json(Method::POST, "/destinations", &body).await.body();
    assert_eq!((text(&made["team"]), text(&made["address"])), ("Security", receiver.url.as_str()));
    let path = format!("/destinations/{}", text(&made["id"]));

    let seen = mate.get(&path).await.body();
    assert_eq!((seen["mine"].as_bool(), text(&seen["name"])), (Some(false), "127.0.0.1"));
    assert!(text(&seen["address"]).ends_with("/…") && !text(&seen["address"]).contains("s3cret"));
    assert_eq!(mate.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(mate.json(Method::POST, &format!("{path}/test"), &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(items(mate.get("/destinations").await).await.len(), 1);

    for answer in [stranger.get(&path).await, stranger.json(Method::DELETE, &path, &json!({})).await] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert!(items(stranger.get("/destinations").await).await.is_empty());
    let body = json!({ "destination_id": made["id"], "scope": "team", "team": "Web" });
    assert_eq!(stranger.json(Method::POST, "/subscriptions", &body).await.status, StatusCode::NOT_FOUND);
    assert!(items(stranger.get("/deliveries").await).await.is_empty());

    // An admin of the installation sees and may do all of it.
    assert_eq!(house.api().get(&path).await.body()["address"], receiver.url);
    assert_eq!(house.api().json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn only_who_may_test_a_destination_sends_there_again() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let owner = house.api_as(&house.key("placer", "Security").await);
    let mate = house.api_as(&house.key("placer", "Security").await);
    let body = json!({ "kind": "webhook", "address": receiver.url });
    let made = owner.json(Method::POST, "/destinations", &body).await.body();
    receiver.next([status(410)]);
    let test = format!("/destinations/{}/test", text(&made["id"]));
    let sent = owner.json(Method::POST, &test, &json!({})).await.body();
    let dead = delivered(&house, &made, "dead", 1).await;
    assert_eq!(sent["delivery_id"], dead["id"]);
    let retry = format!("/deliveries/{}/retry", text(&dead["id"]));
    // Who may not is not offered it.
    let life = format!("/deliveries/{}", text(&dead["id"]));
    assert_eq!(
        (&owner.get(&life).await.body()["mine"], &mate.get(&life).await.body()["mine"]),
        (&json!(true), &json!(false))
    );
    house.person("mate@example.com", "Security", Role::Reviewer).await;
    house.person("root@example.com", "", Role::Admin).await;
    let (reader, root) = (house.signed_in("mate@example.com").await, house.signed_in("root@example.com").await);
    for page in [life.as_str(), "/deliveries?state=dead", &format!("/destinations/{}", text(&made["id"]))] {
        let offered = format!("/deliveries/{}/retry", text(&dead["id"]));
        assert!(root.get(page).await.text.contains(&offered), "an admin may: {page}");
        let seen = reader.get(page).await.text;
        assert!(seen.contains("A test") && !seen.contains(&offered), "{page}: {seen}");
    }
    assert_eq!(mate.json(Method::POST, &retry, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(owner.json(Method::POST, &retry, &json!({})).await.status, StatusCode::OK);
    delivered(&house, &made, "sent", 2).await;
}

#[tokio::test]
async fn nobody_subscribes_to_what_they_may_not_see() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let token = house.api().json(Method::POST, "/tokens", &json!({ "location": "l", "team": "Web" })).await.body();
    let caller = house.api_as(&house.key("admin", "Security").await);
    let body = json!({ "kind": "webhook", "address": receiver.url });
    let made = caller.json(Method::POST, "/destinations", &body).await.body();
    for (scope, status) in [
        (json!({ "scope": "token", "token_id": token["id"] }), StatusCode::NOT_FOUND),
        (json!({ "scope": "team", "team": "Web" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "scope": "everything" }), StatusCode::FORBIDDEN),
        (json!({ "scope": "team", "team": "Security" }), StatusCode::CREATED),
        (json!({ "scope": "sometimes" }), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let mut body = scope.clone();
        body["destination_id"] = made["id"].clone();
        let answer = caller.json(Method::POST, "/subscriptions", &body).await;
        assert_eq!(answer.status, status, "{scope}: {}", answer.text);
    }
    // Twice is once.
    let body = json!({ "destination_id": made["id"], "scope": "team", "team": "security" });
    let second = caller.json(Method::POST, "/subscriptions", &body).await.body();
    let all = items(caller.get("/subscriptions").await).await;
    assert_eq!((all.len(), &all[0]["id"]), (1, &second["id"]));

    let path = format!("/subscriptions/{}", text(&second["id"]));
    let mate = house.api_as(&house.key("viewer", "Security").await);
    assert_eq!(mate.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(caller.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert!(items(caller.get("/subscriptions").await).await.is_empty());
}

#[tokio::test]
async fn who_left_the_team_does_not_hear_about_its_tokens_any_more() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("bo@example.com", "Security", Role::Viewer).await;
    let bo = house.signed_in("bo@example.com").await;
    let token = house.mint("laptop").await;
    let fields = [("kind", "webhook"), ("address", &receiver.url), ("token", text(&token["id"]))];
    let page = bo.form("/destinations/new", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("whsec_"));
    hit(&house, &token, "e-1").await;
    house.until("the hit arrives", || async { receiver.seen().len() == 1 }).await;

    let system = Viewer::system("test");
    let id = house.id_of("bo@example.com").await;
    persons::set_role(&house.house, &system, &id, "Security", None).await.unwrap();
    hit(&house, &token, "e-2").await;
    let all = items(house.api().get("/deliveries").await).await;
    assert_eq!(all.len(), 1, "{all:?}");
}

#[tokio::test]
async fn forms_lead_back_and_refusals_stand_beside_their_field() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let refused = ana.form("/destinations/new", &[("kind", "webhook"), ("address", "here"), ("name", "On-call")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("begins with https://") && refused.text.contains("On-call"));

    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    let id = text(&made["id"]);
    let back = format!("/destinations/{id}");
    let fields = [("destination_id", id), ("scope", "everything"), ("back", &back)];
    let answer = ana.form("/subscriptions/new", &fields).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, &*format!("{back}?done=subscribed"))
    );
    subscribe(&house, &made, &token).await;
    let answer = ana.form(&format!("{back}/test"), &[]).await;
    let to = answer.header("location");
    assert!(to.starts_with("/deliveries/") && to.ends_with("?done=tested"), "it leads to what was answered: {to}");
    house.until("the test arrives", || async { receiver.seen().len() == 1 }).await;
    let page = ana.get(&back).await;
    assert!(page.text.contains("A test: alerts arrive at the webhook"), "{}", page.text);
    let answer = ana.form(&format!("{back}/remove"), &[]).await;
    assert_eq!(answer.header("location"), "/destinations?done=removed");
    assert_eq!(ana.get(&back).await.status, StatusCode::NOT_FOUND);
}

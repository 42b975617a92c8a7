//! What a destination hears about: labels, kinds, and changing one's mind.

use super::{deliveries, destination, exposure, hit, receiver::Receiver, subscribe_to, text, used};
use crate::house::{Caller, TestHouse};
use app::model::viewer::{Role, Viewer};
use aviary::people::teams;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

async fn mint(caller: &Caller, team: &str, labels: &[&str]) -> Value {
    let body = json!({ "location": format!("a place of {team}"), "team": team, "labels": labels });
    let answer = caller.json(Method::POST, "/tokens", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

#[tokio::test]
async fn a_label_is_heard_within_a_team_or_everywhere() {
    let house = TestHouse::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let api = house.api();
    let ours = mint(&api, "Security", &["ci", "prod"]).await;
    let plain = mint(&api, "Security", &["ci/cd", "%"]).await;
    let theirs = mint(&api, "Web", &["ci"]).await;
    let (of_team, of_all) = (Receiver::start().await, Receiver::start().await);
    let narrow = destination(&house, "webhook", &of_team.url).await;
    let wide = destination(&house, "webhook", &of_all.url).await;
    let made = subscribe_to(&house, &narrow, &json!({ "scope": "label", "label": "ci", "team": "Security" })).await;
    assert_eq!((&made["label"], &made["team"], &made["about"]), (&json!("ci"), &json!("Security"), &json!("ci")));
    let made = subscribe_to(&house, &wide, &json!({ "scope": "label", "label": "ci" })).await;
    assert_eq!(made.get("team"), None);
    for (n, token) in [&ours, &plain, &theirs].into_iter().enumerate() {
        hit(&house, token, &format!("e-{n}")).await;
    }
    let heard = async |made: &Value| {
        let all = deliveries(&house, made).await;
        all.iter().map(|one| one["token_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(heard(&narrow).await, [ours["id"].clone()]);
    assert_eq!(heard(&wide).await, [ours["id"].clone(), theirs["id"].clone()]);
    // Who hears about a token is told with its labels' subscriptions.
    let path = format!("/subscriptions?token_id={}", text(&ours["id"]));
    assert_eq!(api.get(&path).await.body()["items"].as_array().unwrap().len(), 2);
    let path = "/subscriptions?scope=label";
    assert_eq!(api.get(path).await.body()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_label_in_all_teams_is_for_those_who_see_all_teams() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let caller = house.api_as(&house.key("admin", "Security").await);
    let body = json!({ "kind": "webhook", "address": receiver.url });
    let made = caller.json(Method::POST, "/destinations", &body).await.body();
    for (scope, status) in [
        (json!({ "scope": "label", "label": "ci" }), StatusCode::FORBIDDEN),
        (json!({ "scope": "label", "label": "ci", "team": "" }), StatusCode::FORBIDDEN),
        (json!({ "scope": "label", "label": "ci", "team": "Web" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "scope": "label", "label": "two words", "team": "Security" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "scope": "label", "label": " ", "team": "Security" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "scope": "label", "label": "ci", "team": "Security" }), StatusCode::CREATED),
    ] {
        let mut body = scope.clone();
        body["destination_id"] = made["id"].clone();
        let answer = caller.json(Method::POST, "/subscriptions", &body).await;
        assert_eq!(answer.status, status, "{scope}: {}", answer.text);
    }
}

#[tokio::test]
async fn only_the_kinds_that_were_chosen_are_told() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let team = json!({ "scope": "team", "team": "Security", "kinds": ["minted", "exposed"] });
    let subscribed = subscribe_to(&house, &made, &team).await;
    assert_eq!(subscribed["kinds"], json!(["exposed", "minted"]));
    let token = house.mint("laptop").await;
    hit(&house, &token, "e-0").await;
    used(&house, &token, "e-1", &exposure(&token)).await;
    let told: Vec<_> = deliveries(&house, &made).await.iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(told, ["minted", "exposed"]);
    assert_eq!(deliveries(&house, &made).await[0]["summary"], "The key in laptop was minted by test");

    for kinds in [json!([]), json!(["test"]), json!(["pigeon"])] {
        let mut body = team.clone();
        (body["destination_id"], body["kinds"]) = (made["id"].clone(), kinds.clone());
        let refused = house.api().json(Method::POST, "/subscriptions", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kinds}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_subscription_can_be_changed_by_its_address_or_by_asking_again() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let scope = json!({ "scope": "team", "team": "Security" });
    let first = subscribe_to(&house, &made, &scope).await;
    let path = format!("/subscriptions/{}", text(&first["id"]));
    let changed = house.api().json(Method::PATCH, &path, &json!({ "pace": "daily" })).await;
    assert_eq!((changed.status, &changed.body()["pace"]), (StatusCode::OK, &json!("daily")));
    assert_eq!(changed.body()["kinds"], first["kinds"], "what is left out stays");
    // Asking again without a word about it leaves it alone; with a word it changes.
    assert_eq!(subscribe_to(&house, &made, &scope).await["pace"], "daily");
    let again = json!({ "scope": "team", "team": "Security", "pace": "every", "kinds": ["hit"] });
    let again = subscribe_to(&house, &made, &again).await;
    assert_eq!((&again["id"], &again["pace"], &again["kinds"]), (&first["id"], &json!("every"), &json!(["hit"])));

    for (body, status) in [
        (json!({ "pace": "often" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "kinds": [] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "scope": "everything" }), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(house.api().json(Method::PATCH, &path, &body).await.status, status, "{body}");
    }
    // Neither a stranger nor a mate who made nothing of it may change it.
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let (mate, stranger) = (house.key("viewer", "Security").await, house.key("admin", "Web").await);
    let body = json!({ "pace": "daily" });
    assert_eq!(house.api_as(&stranger).json(Method::PATCH, &path, &body).await.status, StatusCode::NOT_FOUND);
    let status = house.api_as(&mate).json(Method::PATCH, &path, &body).await.status;
    assert!(status == StatusCode::NOT_FOUND || status == StatusCode::FORBIDDEN, "{status}");
}

#[tokio::test]
async fn a_mate_may_subscribe_a_destination_of_the_team_but_not_quieten_it() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let owner = house.api_as(&house.key("placer", "Security").await);
    let mate = house.api_as(&house.key("viewer", "Security").await);
    let body = json!({ "kind": "webhook", "address": receiver.url, "team": "Security" });
    let made = owner.json(Method::POST, "/destinations", &body).await.body();
    let body = json!({ "destination_id": made["id"], "scope": "team", "team": "Security", "pace": "every" });
    assert_eq!(owner.json(Method::POST, "/subscriptions", &body).await.status, StatusCode::CREATED);
    assert_eq!(mate.json(Method::POST, "/subscriptions", &body).await.status, StatusCode::CREATED, "nothing changes");
    let quieter = json!({ "destination_id": made["id"], "scope": "team", "team": "Security", "pace": "daily" });
    assert_eq!(mate.json(Method::POST, "/subscriptions", &quieter).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forms_choose_what_about_how_often_and_of_which_kinds() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let back = format!("/destinations/{}", text(&made["id"]));
    let label =
        [("destination_id", text(&made["id"])), ("back", &back), ("scope", "label"), ("label", "ci"), ("team", "")];
    let none = [&label[..], &[("pace", "daily"), ("kinds", "")]].concat();
    let refused = ana.form("/subscriptions/new", &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Choose at least one kind of news"), "{}", refused.text);
    assert!(refused.text.contains("value=\"ci\""), "what was typed is still there: {}", refused.text);

    let some = [&label[..], &[("pace", "daily"), ("kinds", ""), ("kinds", "hit"), ("kinds", "drill")]].concat();
    let done = ana.form("/subscriptions/new", &some).await;
    assert_eq!(done.header("location"), format!("{back}?done=subscribed"), "{}", done.text);
    let page = ana.get(&back).await.text;
    assert!(page.contains("Label ci") && page.contains("Once a day; hit, drill."), "{page}");
    let one = house.api().get("/subscriptions").await.body()["items"][0].clone();
    let change = format!("/subscriptions/{}/change", text(&one["id"]));
    let done = ana.form(&change, &[("back", &back), ("pace", "every"), ("kinds", ""), ("kinds", "hit")]).await;
    assert_eq!(done.header("location"), format!("{back}?done=saved"), "{}", done.text);
    let one = house.api().get("/subscriptions").await.body()["items"][0].clone();
    assert_eq!((&one["pace"], &one["kinds"]), (&json!("every"), &json!(["hit"])));

    // A new token takes the same choices.
    let fields = [("location", "laptop"), ("destinations", text(&made["id"])), ("pace", "daily"), ("kinds", "")];
    let refused = ana.form("/tokens/new", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let fields = [&fields[..], &[("kinds", "exposed")]].concat();
    assert_eq!(ana.form("/tokens/new", &fields).await.status, StatusCode::OK);
    let all = house.api().get("/subscriptions?scope=token").await.body();
    assert_eq!((&all["items"][0]["pace"], &all["items"][0]["kinds"]), (&json!("daily"), &json!(["exposed"])));
}

#[tokio::test]
async fn drills_are_told_to_those_who_asked_for_drills() {
    let house = TestHouse::start().await;
    let (asked, usual) = (Receiver::start().await, Receiver::start().await);
    let (asked, usual) =
        (destination(&house, "webhook", &asked.url).await, destination(&house, "webhook", &usual.url).await);
    subscribe_to(&house, &asked, &json!({ "scope": "everything", "kinds": ["drill"] })).await;
    subscribe_to(&house, &usual, &json!({ "scope": "everything" })).await;
    let token = house.mint("laptop").await;
    let drill = format!("/tokens/{}/drill", text(&token["id"]));
    let answer = house.api().json(Method::POST, &drill, &json!({})).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    house.until("the drill is told", || async { deliveries(&house, &asked).await.len() == 1 }).await;
    assert_eq!(deliveries(&house, &asked).await[0]["kind"], "drill");
    assert!(deliveries(&house, &usual).await.is_empty());
}

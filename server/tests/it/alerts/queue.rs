//! The queue: order, crashes, and what is left when a destination goes.

use super::{
    delivered, deliveries, destination, hit,
    receiver::{Answer, Receiver, status},
    subscribe, text,
};
use crate::house::{Folder, TestHouse, beginning};
use app::model::{
    alert::{AlertKind, DeliveryQuery, DeliveryState, DestinationForm},
    ids::{DeliveryId, DestinationId},
    moment::MINUTE,
    viewer::Viewer,
};
use aviary::{
    alerts::{self, worker},
    store::alerts::queue::{self, AlertRow, News},
};
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn what_was_sent_but_not_written_down_is_sent_again_under_the_same_identifier() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let system = Viewer::system("test");
    let form = DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..DestinationForm::default() };
    let made = alerts::create_destination(&house, &system, &form).await.unwrap().destination;
    alerts::test(&house, &system, &made.id).await.unwrap();

    // The worker dies while it waits for the answer to what has arrived already.
    receiver.next([Answer::Silence]);
    let dying = tokio::spawn({
        let house = house.clone();
        async move { worker::work_once(&house).await }
    });
    while receiver.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());

    assert_eq!(worker::work_once(&house).await.unwrap(), 0, "the lease of the dead one holds");
    clock.advance(4 * MINUTE);
    assert_eq!(worker::work_once(&house).await.unwrap(), 1);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].id, seen[1].id);
    let all = alerts::deliveries(&house, &system, &DeliveryQuery::default()).await.unwrap().items;
    assert_eq!((all[0].state, all[0].attempts.len()), (DeliveryState::Sent, 1));
    assert_eq!(worker::work_once(&house).await.unwrap(), 0);
}

#[tokio::test]
async fn two_workers_send_each_alert_once_and_in_order() {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let system = Viewer::system("test");
    let mut receivers = Vec::new();
    for _ in 0..3 {
        let receiver = Receiver::start().await;
        let form =
            DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..DestinationForm::default() };
        let made = alerts::create_destination(&house, &system, &form).await.unwrap().destination;
        for _ in 0..40 {
            alerts::test(&house, &system, &made.id).await.unwrap();
        }
        receivers.push((receiver, made));
    }
    loop {
        let (one, other) = tokio::join!(worker::work_once(&house), worker::work_once(&house));
        if one.unwrap() + other.unwrap() == 0 {
            break;
        }
    }
    for (receiver, made) in &receivers {
        let query = DeliveryQuery { destination_id: Some(made.id.clone()), limit: 100, ..DeliveryQuery::default() };
        let mut caused: Vec<_> = alerts::deliveries(&house, &system, &query).await.unwrap().items;
        caused.reverse();
        assert!(caused.iter().all(|delivery| delivery.state == DeliveryState::Sent));
        let seen: Vec<_> = receiver.seen().into_iter().map(|seen| seen.id).collect();
        assert_eq!(seen, caused.into_iter().map(|delivery| delivery.id.0).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_waits_for_a_destination_ends_with_it_and_stays_in_the_log() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    receiver.next([status(500)]);
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "waiting", 1).await;

    let path = format!("/destinations/{}", text(&made["id"]));
    assert_eq!(house.api().json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.api().get(&path).await.status, StatusCode::NOT_FOUND);
    let dead = delivered(&house, &made, "dead", 2).await;
    assert_eq!(dead["attempts"][1]["detail"], "The destination was removed.");
    let retry = format!("/deliveries/{}/retry", text(&dead["id"]));
    assert_eq!(house.api().json(Method::POST, &retry, &json!({})).await.status, StatusCode::CONFLICT);
    hit(&house, &token, "e-2").await;
    assert_eq!(deliveries(&house, &made).await.len(), 1);
}

#[tokio::test]
async fn what_comes_to_a_destination_just_while_it_is_removed_is_given_up_by_the_next_sweep() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let id = DestinationId(text(&made["id"]).to_owned());
    alerts::remove(&house.house, &Viewer::system("test"), &id).await.unwrap();
    // Whoever files a hit has read already who hears, and writes after the removal.
    let late = AlertRow {
        id: house.house.new_id(),
        kind: AlertKind::Hit,
        token_id: None,
        hit_id: None,
        summary: "late".into(),
        payload: "{}".into(),
        created_at: house.clock_now(),
    };
    let mut tx = house.house.store.begin().await.unwrap();
    let to = vec![(DeliveryId(house.house.new_id()), id)];
    queue::insert(&mut tx, &[News { alert: late, to }]).await.unwrap();
    tx.commit().await.unwrap();
    delivered(&house, &made, "waiting", 0).await;

    aviary::sweep::run_once(&house.house, false).await.unwrap();
    let dead = delivered(&house, &made, "dead", 1).await;
    assert_eq!(dead["attempts"][0]["detail"], "The destination was removed.");
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn the_log_of_deliveries_is_paged_and_filtered() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    for n in 0..5 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    let first = house.api().get("/deliveries?limit=3").await.body();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let rest = house.api().get(&format!("/deliveries?limit=3&after={}", text(&first["next"]))).await.body();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["next"].is_null()), (2, true));
    let about = house.api().get(&format!("/deliveries?token_id={}", text(&token["id"]))).await.body();
    assert_eq!(about["items"].as_array().unwrap().len(), 5);
    assert!(house.api().get("/deliveries?state=dead").await.body()["items"].as_array().unwrap().is_empty());
    assert_eq!(house.api().get("/deliveries?after=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

//! Runs: many deliveries under one lease, what breaks in the middle of them, and destinations that hang.

use super::{
    again, delivered, destination, hit, later,
    receiver::{Answer, Receiver, Seen, status},
    subscribe, text,
};
use crate::house::{Folder, TestHouse, beginning};
use app::model::{
    alert::{Delivery, DeliveryQuery, DeliveryState, DestinationForm},
    ids::DestinationId,
    moment::{MINUTE, SECOND},
    viewer::Viewer,
};
use aviary::{
    alerts::{self, worker},
    house::House,
    store::alerts::leases,
};
use serde_json::Value;
use std::sync::Arc;

/// A destination on which so many tests wait, in a house whose worker is run by hand.
async fn waiting(house: &House, receiver: &Receiver, tests: usize) -> DestinationId {
    let system = Viewer::system("test");
    let form = DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..DestinationForm::default() };
    let made = alerts::create_destination(house, &system, &form).await.unwrap().destination;
    for _ in 0..tests {
        alerts::test(house, &system, &made.id).await.unwrap();
    }
    made.id
}

/// The deliveries to a destination, the oldest first.
async fn log(house: &House, destination: &DestinationId) -> Vec<Delivery> {
    let query = DeliveryQuery { destination_id: Some(destination.clone()), limit: 500, ..DeliveryQuery::default() };
    let mut items = alerts::deliveries(house, &Viewer::system("test"), &query).await.unwrap().items;
    items.reverse();
    items
}

fn states(log: &[Delivery]) -> Vec<(DeliveryState, usize)> {
    log.iter().map(|delivery| (delivery.state, delivery.attempts.len())).collect()
}

fn ids(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.id.as_str()).collect()
}

#[tokio::test]
async fn a_run_hands_over_everything_that_waits_in_order() {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 150).await;
    assert_eq!(worker::work_once(&house).await.unwrap(), 150);
    let log = log(&house, &made).await;
    assert!(states(&log).iter().all(|one| *one == (DeliveryState::Sent, 1)), "{:?}", states(&log));
    assert_eq!(ids(&receiver.seen()), log.iter().map(|delivery| delivery.id.as_str()).collect::<Vec<_>>());
    assert_eq!(worker::work_once(&house).await.unwrap(), 0);
}

#[tokio::test]
async fn a_run_that_breaks_in_the_middle_records_what_was_sent_and_the_rest_goes_later_in_order() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 5).await;
    let fine = || Answer::Status(200, "", "thanks".into());
    receiver.next([fine(), fine(), status(500)]);
    assert_eq!(worker::work_once(&house).await.unwrap(), 3);
    let (sent, waits) = (DeliveryState::Sent, DeliveryState::Waiting);
    assert_eq!(states(&log(&house, &made).await), [(sent, 1), (sent, 1), (waits, 1), (waits, 0), (waits, 0)]);

    assert_eq!(worker::work_once(&house).await.unwrap(), 0, "the others wait behind the failed one");
    clock.advance(10 * SECOND);
    assert_eq!(worker::work_once(&house).await.unwrap(), 3);
    let log = log(&house, &made).await;
    assert_eq!(states(&log), [(sent, 1), (sent, 1), (sent, 2), (sent, 1), (sent, 1)]);
    let order: Vec<_> = [0, 1, 2, 2, 3, 4].iter().map(|index: &usize| log[*index].id.as_str()).collect();
    assert_eq!(ids(&receiver.seen()), order);
}

#[tokio::test]
async fn what_asks_for_a_pause_gets_it_for_everything_until_somebody_asks_by_hand() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 2).await;
    receiver.next([Answer::Status(503, "retry-after: 3600\r\n", String::new())]);
    assert_eq!(worker::work_once(&house).await.unwrap(), 1);
    clock.advance(59 * MINUTE);
    assert_eq!(worker::work_once(&house).await.unwrap(), 0);
    alerts::test(&house, &Viewer::system("test"), &made).await.unwrap();
    assert_eq!(worker::work_once(&house).await.unwrap(), 3);
    let log = log(&house, &made).await;
    let order: Vec<_> = [0, 0, 1, 2].iter().map(|index: &usize| log[*index].id.as_str()).collect();
    assert_eq!(ids(&receiver.seen()), order);
}

#[tokio::test]
async fn after_a_crash_in_the_middle_only_what_was_not_written_down_is_sent_again() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 5).await;
    let fine = || Answer::Status(200, "", "thanks".into());
    receiver.next([fine(), fine(), Answer::Silence]);
    let dying = tokio::spawn({
        let house = Arc::clone(&house);
        async move { worker::work_once(&house).await }
    });
    // While the third one hangs, the two before it are written down: they do not wait for the end of the run.
    let (sent, waits) = (DeliveryState::Sent, DeliveryState::Waiting);
    let broken = [(sent, 1), (sent, 1), (waits, 0), (waits, 0), (waits, 0)];
    while receiver.seen().len() < 3 || states(&log(&house, &made).await) != broken {
        tokio::task::yield_now().await;
    }
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());

    assert_eq!(worker::work_once(&house).await.unwrap(), 0, "the lease of the dead one holds");
    clock.advance(2 * MINUTE);
    assert_eq!(worker::work_once(&house).await.unwrap(), 3);
    let log = log(&house, &made).await;
    assert!(states(&log).iter().all(|one| *one == (sent, 1)));
    let order: Vec<_> = [0, 1, 2, 2, 3, 4].iter().map(|index: &usize| log[*index].id.as_str()).collect();
    assert_eq!(ids(&receiver.seen()), order);
}

#[tokio::test]
async fn a_lease_is_renewed_by_who_holds_it_alone() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 1).await;
    let (now, flavour) = (house.now(), house.store.flavour());
    let mut tx = house.store.begin().await.unwrap();
    let lease = async |tx: &mut _, now, until| {
        leases::lease(tx, flavour, leases::Lane::Sound, (now, until), &[], 9).await.unwrap().len()
    };
    let until = now.plus(MINUTE);
    assert_eq!(lease(&mut tx, now, until).await, 1);
    assert_eq!(lease(&mut tx, now, until).await, 0);
    let longer = now.plus(2 * MINUTE);
    // Of a renewal that was cut off it is not known whether it was committed: either time is ours.
    assert!(leases::renew(&mut tx, &made, [now, until], longer).await.unwrap());
    assert!(leases::renew(&mut tx, &made, [longer, until], longer).await.unwrap());
    assert_eq!(lease(&mut tx, now.plus(MINUTE + 1), now.plus(5 * MINUTE)).await, 0, "it was renewed in time");
    let others = now.plus(9 * MINUTE);
    assert_eq!(lease(&mut tx, now.plus(3 * MINUTE), others).await, 1);
    assert!(
        !leases::renew(&mut tx, &made, [longer, until], now.plus(4 * MINUTE)).await.unwrap(),
        "it is somebody else's"
    );
    tx.commit().await.unwrap();
    clock.advance(4 * MINUTE);
    assert_eq!(worker::work_once(&house).await.unwrap(), 0);
}

#[tokio::test]
async fn what_cannot_be_read_lets_its_destination_rest_for_a_moment_and_no_longer() {
    let folder = Folder::new();
    let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
    let receiver = Receiver::start().await;
    let made = waiting(&house, &receiver, 1).await;
    let set = async |kind: &'static str| {
        let mut tx = house.store.begin().await.unwrap();
        sqlx::query("UPDATE alerts SET kind = $1").bind(kind).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    set("nonsense").await;
    worker::work_once(&house).await.unwrap_err();
    set("test").await;
    assert_eq!(worker::work_once(&house).await.unwrap(), 0, "it would fail again and again at once");
    clock.advance(6 * SECOND);
    assert_eq!(worker::work_once(&house).await.unwrap(), 1);
    assert_eq!(states(&log(&house, &made).await), [(DeliveryState::Sent, 1)]);
}

/// A destination at each of these receivers, which hears about the token.
async fn hearing(house: &TestHouse, token: &Value, receivers: &[Receiver]) -> Vec<Value> {
    let mut made = Vec::new();
    for receiver in receivers {
        let one = destination(house, "webhook", &receiver.url).await;
        subscribe(house, &one, token).await;
        made.push(one);
    }
    made
}

#[tokio::test]
async fn a_destination_that_hangs_delays_no_other() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop").await;
    let (hanging, fine) = (Receiver::start().await, Receiver::start().await);
    hanging.next(std::iter::repeat_n(Answer::Silence, 9));
    let receivers = [hanging, fine];
    let made = hearing(&house, &token, &receivers).await;
    for n in 1..=5 {
        hit(&house, &token, &format!("e-{n}")).await;
        house.until("the healthy one hears of it", || async { receivers[1].seen().len() == n }).await;
    }
    delivered(&house, &made[1], "sent", 1).await;
    assert_eq!(receivers[0].seen().len(), 1, "it still hangs at the first one");
    assert_eq!(again(&house, &made[1]).await["last_error"], Value::Null);
}

#[tokio::test]
async fn even_more_that_hang_than_are_served_at_once_delay_no_other() {
    let house = TestHouse::start().await;
    let (lost, found) = (house.mint("laptop").await, house.mint("server").await);
    let mut receivers = Vec::new();
    for _ in 0..70 {
        receivers.push(Receiver::start().await);
    }
    hearing(&house, &lost, &receivers).await;
    // All of them fail, so that from now on they are looked at with doubt; then they hang.
    for receiver in &receivers {
        receiver.next([status(500), Answer::Silence, Answer::Silence]);
    }
    hit(&house, &lost, "e-1").await;
    let seen = || receivers.iter().map(|receiver| receiver.seen().len()).sum::<usize>();
    house.until("all of them fail", || async { seen() == 70 }).await;
    house
        .until("that is written down", || async {
            let all = alerts::destinations(&house.house, &Viewer::system("test")).await.unwrap();
            all.len() == 70 && all.iter().all(|one| one.last_error.as_deref() == Some("It answered 500."))
        })
        .await;
    later(&house, 10 * SECOND);
    house.until("as many hang as are served at once", || async { seen() == 70 + 64 }).await;

    let fine = [Receiver::start().await];
    hearing(&house, &found, &fine).await;
    hit(&house, &found, "e-2").await;
    house.until("the healthy one hears of it", || async { fine[0].seen().len() == 1 }).await;
    assert_eq!(text(&fine[0].seen()[0].json()["data"]["hit"]["event_id"]), "e-2");
    assert_eq!(seen(), 70 + 64, "the others still hang");
}

//! Many destinations at one host: not too many at the same time, and none at the cost of others.

use super::{
    destination, hit,
    receiver::{Answer, Receiver},
    subscribe,
};
use crate::house::TestHouse;

#[tokio::test]
async fn a_host_that_hangs_is_asked_eight_times_at_once_and_delays_no_other() {
    let house = TestHouse::start().await;
    let (hanging, fine) = (Receiver::start().await, Receiver::start().await);
    let token = house.mint("laptop").await;
    for _ in 0..20 {
        let made = destination(&house, "webhook", &hanging.url).await;
        subscribe(&house, &made, &token).await;
    }
    let made = destination(&house, "webhook", &fine.url).await;
    subscribe(&house, &made, &token).await;
    hanging.next(std::iter::repeat_n(Answer::Silence, 20));
    for n in 1..=3 {
        hit(&house, &token, &format!("e-{n}")).await;
        house.until("the other one hears of it", || async { fine.seen().len() == n }).await;
    }
    house.until("as many hang as may", || async { hanging.seen().len() == 8 }).await;
    hit(&house, &token, "e-4").await;
    house.until("the other one hears of it", || async { fine.seen().len() == 4 }).await;
    assert_eq!(hanging.seen().len(), 8);
}

#[tokio::test]
async fn all_destinations_at_one_host_get_their_turn() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let token = house.mint("laptop").await;
    for _ in 0..20 {
        let made = destination(&house, "webhook", &receiver.url).await;
        subscribe(&house, &made, &token).await;
    }
    hit(&house, &token, "e-1").await;
    house.until("all of them hear of it", || async { receiver.seen().len() == 20 }).await;
}

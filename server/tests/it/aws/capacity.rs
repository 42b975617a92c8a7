//! How full an account is: counted by the house itself, again and again.

use super::{
    emulator::{ACCOUNT, Emulator, form},
    proxy::{Proxy, Spoil},
};
use crate::house::{Folder, TestHouse, beginning};
use app::model::{
    account::{AccountForm, AccountStatus},
    health::Light,
    moment::MINUTE,
    viewer::Viewer,
};
use aviary::accounts;

#[tokio::test(flavor = "multi_thread")]
async fn the_house_counts_the_users_by_itself_and_keeps_the_count() {
    let Some(aws) = Emulator::start("counting users").await else { return };
    let (proxy, iam, admin) = (Proxy::before(&aws.url).await, aws.iam().await, Viewer::system("test"));
    for name in ["ana", "ben"] {
        iam.create_user().user_name(name).send().await.unwrap();
    }
    let folder = Folder::new();
    let (house, clock) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(Some(&proxy.url))).await;
    accounts::add(&house, &admin, &form()).await.unwrap();
    let house = TestHouse::run(house, clock, folder).await;
    let status = async || accounts::get(&house.house, &admin, ACCOUNT).await.unwrap().status;
    let counted = |status: &AccountStatus| (status.users, status.counted_at);
    let first = house.clock_now();
    house.until("nobody tests it, and it is counted", async || status().await.looked_at.is_some()).await;
    let now = status().await;
    assert_eq!((counted(&now), now.tested_at), ((2, Some(first)), None));
    assert!(now.users_quota > 0, "{now:?}");

    let renamed = AccountForm { name: "Renamed".into(), ..form() };
    accounts::edit(&house.house, &admin, ACCOUNT, &renamed).await.unwrap();
    let now = status().await;
    assert_eq!((counted(&now), now.users_quota > 0, now.looked_at), ((2, Some(first)), true, None));

    house.clock.advance(11 * MINUTE);
    iam.create_user().user_name("eve").send().await.unwrap();
    accounts::look_at_all(&house.house).await.unwrap();
    let second = house.clock_now();
    assert_eq!(counted(&status().await), (3, Some(second)));

    // What cannot be counted is said to be old, and is not forgotten.
    house.clock.advance(11 * MINUTE);
    proxy.spoil("GetAccountSummary", Spoil::Refuse(403, "AccessDenied"));
    accounts::look_at_all(&house.house).await.unwrap();
    let now = status().await;
    assert_eq!(counted(&now), (3, Some(second)));
    let says = now.ears.iter().find(|check| check.name == "Capacity").unwrap();
    assert!(says.light == Light::Look && says.says.contains("iam:GetAccountSummary"), "{says:?}");
}

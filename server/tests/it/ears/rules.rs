//! The rules of EventBridge, as the look at an account finds them.

use super::{account, queue::Queue};
use crate::{
    aws::emulator::{ACCOUNT, Emulator},
    house::TestHouse,
};
use app::model::{
    account::AccountForm,
    health::{Check, Light},
    viewer::Viewer,
};
use aviary::accounts;
use aws_sdk_eventbridge::{
    Client,
    types::{RuleState, Target},
};
use serde_json::json;

/// The path under which the tests' account has its users.
pub const PATH: &str = "/ci/";

/// Makes a rule that looks for the users of the tests' account.
pub async fn ours(events: &Client, name: &str, state: RuleState) {
    let arn = json!([{ "prefix": format!("arn:aws:iam::{ACCOUNT}:user{PATH}") }]);
    let pattern = json!({ "detail": { "userIdentity": { "arn": arn } } }).to_string();
    events.put_rule().name(name).event_pattern(pattern).state(state).send().await.unwrap();
}

/// Lets a rule send to a queue.
pub async fn aim(events: &Client, rule: &str, queue: &Queue) {
    let target = Target::builder().id("queue").arn(&queue.arn).build().unwrap();
    events.put_targets().rule(rule).targets(target).send().await.unwrap();
}

#[tokio::test]
async fn a_rule_is_found_behind_a_hundred_others_and_must_send_to_somebody() {
    let Some(aws) = Emulator::start("many rules").await else { return };
    let events = Client::new(&aws.admin().await);
    for n in 0..105 {
        let pattern = json!({ "source": [format!("shop-{n}")] }).to_string();
        events.put_rule().name(format!("a-{n:03}")).event_pattern(pattern).send().await.unwrap();
    }
    let page = events.list_rules().send().await.unwrap();
    assert!(page.next_token().is_some() && page.rules().len() == 100, "the emulator gives no pages any more");

    let queue = Queue::new(&aws, 3).await;
    let house = TestHouse::with_aws(aws.clients(None)).await;
    let form = AccountForm { path: PATH.into(), events_queue: queue.url.clone(), ..account() };
    accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
    let look = async || -> Check {
        let issuer = house.house.issuers.aws_of(ACCOUNT).unwrap();
        let checks = accounts::inspect(&house.house, &issuer).await.unwrap();
        checks.into_iter().find(|check| check.name == "Rule in us-east-1").unwrap()
    };
    let none = look().await;
    assert!(none.light == Light::Bad && none.says.contains("No rule looks for users"), "{none:?}");

    ours(&events, "zz-complete", RuleState::EnabledWithAllCloudtrailManagementEvents).await;
    let nowhere = look().await;
    assert_eq!(nowhere.light, Light::Bad, "{nowhere:?}");
    assert!(nowhere.says.starts_with("zz-complete ") && nowhere.says.contains("nothing anywhere"), "{nowhere:?}");

    aim(&events, "zz-complete", &queue).await;
    let good = look().await;
    assert!(good.light == Light::Good && good.says.contains(&queue.arn), "{good:?}");

    // One that sends nothing does no harm beside one that does.
    ours(&events, "zz-another", RuleState::EnabledWithAllCloudtrailManagementEvents).await;
    assert_eq!(look().await, good);
}

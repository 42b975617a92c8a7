//! What `aviary doctor` says, as an operator sees it.

use super::{ARN, Listening, account, adopt, queue::Queue, rights::Account, rules};
use crate::{
    aws::emulator::Emulator,
    house::{Folder, TestHouse, beginning},
};
use app::model::{
    account::{AccountForm, AccountStatus},
    drill::{Drill, DrillState},
    health::{Check, Light},
    ids::TokenId,
    viewer::Viewer,
};
use aviary::{
    accounts,
    store::{self, drills::DrillRow},
};
use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount;
use std::{path::Path, process::Command};

/// Whether it ended well, and what it said.
async fn doctor(folder: &Path, variables: Vec<(String, String)>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
    command.arg("doctor").env_clear().env("AVIARY_DATA_DIR", folder).env("AVIARY_LOG", "error").envs(variables);
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap())
}

fn says(text: &str, line: &str) -> bool {
    text.lines().any(|one| one.trim_start().starts_with(line))
}

#[tokio::test]
async fn the_doctor_ends_with_one_when_something_is_broken_and_says_what() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let Some(aws) = Emulator::start("the doctor").await else { return };
    let folder = Folder::new();
    let (house, _) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    let (code, text) = doctor(folder.path(), Vec::new()).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(says(&text, "good  Database: ") && says(&text, "good  Sandbox: Configured to listen"), "{text}");

    let events = Queue::new(&aws, 5).await;
    let form = AccountForm {
        name: "Workloads".into(),
        events_queue: events.url.clone(),
        files_queue: format!("{}/123456789012/nowhere", aws.url),
        ..account()
    };
    accounts::add(&house, &Viewer::system("test"), &form).await.unwrap();
    events.sqs.send_message().queue_url(&events.dead).message_body("lost").send().await.unwrap();
    let (code, text) = doctor(folder.path(), aws.variables(&aws.url)).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.lines().any(|line| line == "Workloads (123456789012)"), "{text}");
    for line in [
        "BAD   Trail: The account has no trail",
        "BAD   Rule in us-east-1: No rule looks for users",
        "good  Queue of events: 0 messages wait, 0 are being worked on",
        "BAD   Queue of events: put aside: 1 messages lie in ",
        "BAD   Queue of files: sqs:GetQueueAttributes",
        "look  Drill in us-east-1: No token was drilled here yet.",
        "look  Records: Nothing was heard",
    ] {
        assert!(says(&text, line), "{line}\n{text}");
    }
    house.store.close().await;
}

#[tokio::test]
async fn the_doctor_ends_with_one_when_a_right_to_hear_is_missing_and_touches_no_message() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let Some(aws) = Emulator::start("the doctor and rights").await else { return };
    let here = Account::new(&aws).await;
    let folder = Folder::new();
    let (house, _) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    accounts::add(&house, &Viewer::system("test"), &here.form).await.unwrap();
    here.events.send("untouched").await;
    let look = async |missing: &[&str]| {
        here.without(missing).await;
        let mut variables = aws.variables(&aws.url);
        for (name, value) in &mut variables {
            match name.as_str() {
                "AWS_ACCESS_KEY_ID" => value.clone_from(&here.key.0),
                "AWS_SECRET_ACCESS_KEY" => value.clone_from(&here.key.1),
                _ => {}
            }
        }
        doctor(folder.path(), variables).await
    };
    let (code, text) = look(&[]).await;
    assert_eq!(code, Some(0), "{text}");
    for line in [
        "good  Rule in us-east-1: activity sends every management event of the users to arn:aws:sqs:",
        "good  Log files: s3:GetObject: Needed to read the trail's log files",
        "look  Queue of events: sqs:ReceiveMessage: Needed to fetch messages from the queue of events. AWS did not refuse",
        "good  Queue of events: sqs:ChangeMessageVisibility: ",
        "good  Queue of files: sqs:DeleteMessage: ",
    ] {
        assert!(says(&text, line), "{line}\n{text}");
    }
    for action in ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"] {
        let (code, text) = look(&[action]).await;
        assert_eq!(code, Some(1), "{text}");
        for queue in ["events", "files"] {
            let line =
                format!("BAD   Queue of {queue}: {action}: {action} is missing in the role's policy; it is needed");
            assert!(says(&text, &line), "{line}\n{text}");
        }
        assert_eq!(text.matches("BAD ").count(), 2, "{text}");
    }
    let (code, text) = look(&["s3:GetObject"]).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(says(&text, "BAD   Log files: s3:GetObject: s3:GetObject is missing"), "{text}");

    // What the server's reader met is believed, where AWS says nothing.
    let fetch =
        |light, says: &str| Check { name: "Queue of events: sqs:ReceiveMessage".into(), light, says: says.into() };
    for (light, word, ends) in [(Light::Good, "good", Some(0)), (Light::Bad, "BAD ", Some(1))] {
        let ears = vec![fetch(light, "As the reader met it.")];
        let status = AccountStatus { ears, looked_at: Some(house.now()), ..AccountStatus::default() };
        let mut tx = house.store.begin().await.unwrap();
        store::accounts::set_status(&mut tx, crate::aws::emulator::ACCOUNT, &status).await.unwrap();
        tx.commit().await.unwrap();
        let (code, text) = look(&[]).await;
        assert_eq!(code, ends, "{text}");
        let line =
            format!("{word}  Queue of events: sqs:ReceiveMessage: As the reader met it. So the server found at ");
        assert!(says(&text, &line), "{line}\n{text}");
    }
    // Nobody has met the message, for all of that.
    let asked = here.events.sqs.receive_message().queue_url(&here.events.url);
    let asked = asked.message_system_attribute_names(ApproximateReceiveCount);
    let taken = asked.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(taken.body.as_deref(), Some("untouched"));
    assert_eq!(taken.attributes.unwrap()[&ApproximateReceiveCount], "1");
    house.store.close().await;
}

#[tokio::test]
async fn a_rule_that_sends_nothing_anywhere_is_broken_to_the_doctor() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let Some(aws) = Emulator::start("the doctor and rules").await else { return };
    let here = Account::new(&aws).await;
    let folder = Folder::new();
    let (house, _) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    accounts::add(&house, &Viewer::system("test"), &here.form).await.unwrap();
    let bridge = aws_sdk_eventbridge::Client::new(&aws.admin().await);
    bridge.remove_targets().rule("activity").ids("queue").send().await.unwrap();
    let (code, text) = doctor(folder.path(), aws.variables(&aws.url)).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(says(&text, "BAD   Rule in us-east-1: activity takes every management event"), "{text}");
    rules::aim(&bridge, "activity", &here.events).await;
    rules::ours(&bridge, "activity", RuleState::Disabled).await;
    let (code, text) = doctor(folder.path(), aws.variables(&aws.url)).await;
    assert_eq!((code, says(&text, "BAD   Rule in us-east-1: activity is disabled.")), (Some(1), true), "{text}");
    house.store.close().await;
}

#[tokio::test]
async fn the_last_drill_of_each_region_and_the_age_of_messages_are_told() {
    let Some(aws) = Emulator::start("a look at an account").await else { return };
    let listening = Listening::new(&aws).await;
    let house = &listening.house;
    let form =
        AccountForm { regions: "us-east-1\neu-west-1".into(), events_queue: listening.events.url.clone(), ..account() };
    accounts::edit(&house.house, &Viewer::system("test"), crate::aws::emulator::ACCOUNT, &form).await.unwrap();
    let token = adopt(house, "AKIAWATCHED000000009", &format!("{ARN}-9")).await;
    let mut tx = house.house.store.begin().await.unwrap();
    for (region, state) in
        [("us-east-1", DrillState::Failed), ("us-east-1", DrillState::Silent), ("ap-south-1", DrillState::Silent)]
    {
        let drill = Drill {
            id: house.house.new_id(),
            token_id: TokenId(token["id"].as_str().unwrap().to_owned()),
            region: region.into(),
            state: DrillState::Due,
            asked_by: "test".into(),
            asked_at: house.clock_now().plus(3_600_000),
            called_at: None,
            heard: Vec::new(),
            error: None,
        };
        let row = DrillRow { drill, mark: String::new(), event_id: None, through: String::new(), tries: 0 };
        store::drills::insert(&mut tx, &row).await.unwrap();
        store::drills::end(&mut tx, &row.drill.id, state, None, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    listening.events.send("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\"}").await;
    let ears = &house.house.ears;
    super::eventually("it is fetched", async || ears.queues.age(&listening.events.url).is_some()).await;
    let issuer = house.house.issuers.aws_of(crate::aws::emulator::ACCOUNT).unwrap();
    let checks = accounts::inspect(&house.house, &issuer).await.unwrap();
    let of = |name: &str| checks.iter().find(|check| check.name == name).map(|check| check.says.as_str()).unwrap();
    assert!(of("Drill in us-east-1").contains("never came back"), "{checks:?}");
    assert_eq!(of("Drill in eu-west-1"), "No token was drilled here yet.");
    assert!(of("Queue of events").contains(" had waited "), "{checks:?}");
    assert_eq!(of("Queue of events: put aside"), "Nothing.");
    // Without a queue of events the rules are looked at as well; that there is none is no fault then.
    let form = AccountForm { events_queue: String::new(), ..form };
    accounts::edit(&house.house, &Viewer::system("test"), crate::aws::emulator::ACCOUNT, &form).await.unwrap();
    let issuer = house.house.issuers.aws_of(crate::aws::emulator::ACCOUNT).unwrap();
    let checks = accounts::inspect(&house.house, &issuer).await.unwrap();
    let rule = checks.iter().find(|check| check.name == "Rule in eu-west-1").unwrap();
    assert!(rule.says.contains("No queue of events is set"), "{rule:?}");
    assert_eq!(rule.light, app::model::health::Light::Look);
}

//! SNS, SQS and EventBridge through an account's role, and mail by SES, in an emulator.

use super::{super::*, confirmed, make};
use crate::{
    aws::emulator::{self, ACCOUNT, Emulator},
    ears::queue::Queue,
    house::Caller,
};
use aws_sdk_sqs::types::QueueAttributeName as Name;

/// The bodies of the messages that are on a queue, taken off it.
async fn take(sqs: &aws_sdk_sqs::Client, url: &str) -> Vec<Value> {
    let got =
        sqs.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(2).send().await.unwrap();
    let mut bodies = Vec::new();
    for message in got.messages() {
        bodies.push(serde_json::from_str(message.body().unwrap()).unwrap());
        sqs.delete_message().queue_url(url).receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    }
    bodies
}

/// Mints a token in the sandbox, where there is another account too.
async fn sandboxed(house: &TestHouse, location: &str) -> Value {
    let asked = json!({ "account": "sandbox", "location": location, "owner": "ana" });
    let answer = house.api().json(Method::POST, "/tokens", &asked).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

#[tokio::test]
async fn a_hit_is_a_message_on_a_queue() {
    let Some(aws) = Emulator::start("a destination on a queue").await else { return };
    let house = emulator::house_with(&aws, None, &emulator::form()).await;
    let queue = Queue::new(&aws, 5).await;
    let made = confirmed(&house, "sqs", &queue.url, "", json!({ "account": "Workloads" })).await;
    assert_eq!(take(&queue.sqs, &queue.url).await[0]["type"], "test");
    let token = sandboxed(&house, "laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    let sent = delivered(&house, &made, "sent", 1).await;
    let bodies = take(&queue.sqs, &queue.url).await;
    assert_eq!((bodies.len(), &bodies[0]["id"]), (1, &sent["id"]));
    assert_eq!(bodies[0]["data"]["hit"]["source_ip"], "203.0.113.7");

    let gone = make(&house, "sqs", &format!("{}-gone", queue.url), "", json!({ "account": ACCOUNT })).await;
    assert!(text(&gone["last_error"]).contains("sqs:SendMessage"), "{gone}");
    let nobody = make(&house, "sqs", &queue.url, "", json!({ "account": "Elsewhere" })).await;
    assert_eq!(text(&nobody["last_error"]), "There is no AWS account called Elsewhere.");
}

#[tokio::test]
async fn a_queue_that_keeps_the_order_gets_the_hits_of_an_incident_in_one_group() {
    let Some(aws) = Emulator::start("a destination on a queue in order").await else { return };
    let house = emulator::house_with(&aws, None, &emulator::form()).await;
    let sqs = aws_sdk_sqs::Client::new(&aws.admin().await);
    let queue = sqs.create_queue().queue_name("alerts.fifo").attributes(Name::FifoQueue, "true").send().await.unwrap();
    let url = queue.queue_url.unwrap();
    let made = confirmed(&house, "sqs", &url, "", json!({ "account": "Workloads" })).await;
    take(&sqs, &url).await;
    let token = sandboxed(&house, "laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    hit(&house, &token, "e-2").await;
    house.until("both", || async { deliveries(&house, &made).await.iter().all(|one| one["state"] == "sent") }).await;
    let mut events = Vec::new();
    while events.len() < 2 {
        let bodies = take(&sqs, &url).await;
        assert!(!bodies.is_empty(), "only {events:?} came");
        events.extend(bodies.iter().map(|body| body["data"]["hit"]["event_id"].clone()));
    }
    assert_eq!(events, ["e-1", "e-2"]);
}

#[tokio::test]
async fn a_hit_is_published_to_a_topic_and_put_on_a_bus() {
    let Some(aws) = Emulator::start("destinations on a topic and a bus").await else { return };
    let house = emulator::house_with(&aws, None, &emulator::form()).await;
    let config = aws.admin().await;
    let (from_topic, from_bus) = (Queue::new(&aws, 5).await, Queue::new(&aws, 5).await);
    let sns = aws_sdk_sns::Client::new(&config);
    let topic = sns.create_topic().name("alerts").send().await.unwrap().topic_arn.unwrap();
    sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(&from_topic.arn).send().await.unwrap();
    let events = aws_sdk_eventbridge::Client::new(&config);
    events.create_event_bus().name("alerts").send().await.unwrap();
    let pattern = r#"{"source":["aviary"]}"#;
    events.put_rule().name("all").event_bus_name("alerts").event_pattern(pattern).send().await.unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder().id("q").arn(&from_bus.arn).build().unwrap();
    events.put_targets().rule("all").event_bus_name("alerts").targets(target).send().await.unwrap();

    let account = json!({ "account": "Workloads" });
    let bus = format!("arn:aws:events:us-east-1:{ACCOUNT}:event-bus/alerts");
    let topic = confirmed(&house, "sns", &topic, "", account.clone()).await;
    let bus = confirmed(&house, "eventbridge", &bus, "", account).await;
    take(&from_topic.sqs, &from_topic.url).await;
    take(&from_bus.sqs, &from_bus.url).await;
    let token = sandboxed(&house, "Schlüssel").await;
    subscribe(&house, &topic, &token).await;
    subscribe(&house, &bus, &token).await;
    hit(&house, &token, "e-1").await;
    let published = delivered(&house, &topic, "sent", 1).await;
    let put = delivered(&house, &bus, "sent", 1).await;
    let envelope = &take(&from_topic.sqs, &from_topic.url).await[0];
    let body: Value = serde_json::from_str(text(&envelope["Message"])).unwrap();
    assert_eq!((&body["id"], &body["data"]["hit"]["event_id"]), (&published["id"], &json!("e-1")));
    assert_eq!(text(&envelope["Subject"]), "The key in Schl?ssel was used: GetCallerIdentity from 203.0.113.7");
    let event = &take(&from_bus.sqs, &from_bus.url).await[0];
    assert_eq!((text(&event["source"]), text(&event["detail-type"])), ("aviary", "Aviary alert: hit"));
    assert_eq!((&event["detail"]["id"], &event["detail"]["data"]["hit"]["event_id"]), (&put["id"], &json!("e-1")));
}

#[tokio::test]
async fn mail_goes_through_ses_where_the_operator_says_so() {
    let Some(aws) = Emulator::start("mail by SES").await else { return };
    let variables = [("AVIARY_MAIL_VIA", "ses:us-east-1"), ("AVIARY_MAIL_FROM", "Aviary <aviary@example.com>")];
    let ses = aws_sdk_sesv2::Client::new(&aws.admin().await);
    ses.create_email_identity().email_identity("aviary@example.com").send().await.unwrap();
    let house = TestHouse::with_ears(aws.clients(None), Default::default(), &variables).await;
    let made = destination(&house, "email", "ops@example.com").await;
    assert_eq!((text(&made["state"]), &made["last_error"]), ("unconfirmed", &Value::Null), "{made}");
    let kept = Caller::at(&aws.url).get("/_ministack/ses/messages").await;
    assert!(
        kept.text.contains("ops@example.com") && kept.text.contains("Confirm this address for alerts"),
        "{}",
        kept.text
    );
}

//! The rights that hearing needs, tried out by the test of an account on an AWS that checks policies.

use super::{account, queue::Queue, rules, trail::Trail};
use crate::{
    aws::{
        emulator::{ACCOUNT, Emulator},
        proxy::{Proxy, Spoil},
    },
    house::TestHouse,
};
use app::model::{
    account::AccountForm,
    health::{Check, Light},
    secret::Secret,
    viewer::Viewer,
};
use aviary::{accounts, issuers::aws::AwsClients};
use aws_sdk_eventbridge::types::RuleState;
use serde_json::json;

/// An account in which everything is as it should be, and the user as whom Aviary acts there.
pub struct Account {
    pub events: Queue,
    pub form: AccountForm,
    pub key: (String, String),
    iam: aws_sdk_iam::Client,
}

impl Account {
    pub async fn new(aws: &Emulator) -> Self {
        let (events, files, trail) = (Queue::new(aws, 3).await, Queue::new(aws, 3).await, Trail::new(aws).await);
        let cloudtrail = aws_sdk_cloudtrail::Client::new(&aws.admin().await);
        let made = cloudtrail.create_trail().name("all").s3_bucket_name(&trail.bucket).is_multi_region_trail(true);
        made.send().await.unwrap();
        cloudtrail.start_logging().name("all").send().await.unwrap();
        let bridge = aws_sdk_eventbridge::Client::new(&aws.admin().await);
        rules::ours(&bridge, "activity", RuleState::EnabledWithAllCloudtrailManagementEvents).await;
        rules::aim(&bridge, "activity", &events).await;
        let iam = aws.iam().await;
        iam.create_user().user_name("console").send().await.unwrap();
        let made = iam.create_access_key().user_name("console").send().await.unwrap().access_key.unwrap();
        let form = AccountForm {
            path: rules::PATH.into(),
            events_queue: events.url.clone(),
            files_queue: files.url.clone(),
            ..account()
        };
        let key = (made.access_key_id, made.secret_access_key);
        let account = Self { events, form, key, iam };
        account.without(&[]).await;
        account
    }

    /// Lets Aviary do everything but this.
    pub async fn without(&self, actions: &[&str]) {
        let mut statements = vec![json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })];
        if !actions.is_empty() {
            statements.push(json!({ "Effect": "Deny", "Action": actions, "Resource": "*" }));
        }
        let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let put = self.iam.put_user_policy().user_name("console").policy_name("work").policy_document(document);
        put.send().await.unwrap();
    }

    async fn house(&self, address: &str) -> TestHouse {
        let clients = AwsClients::at(address, &self.key.0, &Secret::new(self.key.1.clone()));
        let house = TestHouse::with_aws(clients).await;
        accounts::add(&house.house, &Viewer::system("test"), &self.form).await.unwrap();
        house
    }
}

async fn test(house: &TestHouse) -> Vec<Check> {
    accounts::test(&house.house, &Viewer::system("test"), ACCOUNT).await.unwrap().status.checks
}

/// The names of those that are not good, in order.
fn not_good(checks: &[Check]) -> Vec<(&str, Light)> {
    let mut names: Vec<_> = checks.iter().filter(|check| check.light != Light::Good).collect();
    names.sort_by(|one, other| one.name.cmp(&other.name));
    names.into_iter().map(|check| (check.name.as_str(), check.light)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_an_account_names_what_hearing_lacks() {
    let Some(aws) = Emulator::start("the rights that hearing needs").await else { return };
    let here = Account::new(&aws).await;
    let proxy = Proxy::before(&aws.url).await;
    let house = here.house(&proxy.url).await;

    let good = test(&house).await;
    assert_eq!(not_good(&good), [], "{good:?}");
    for (action, times) in [
        ("sqs:GetQueueAttributes", 2),
        ("sqs:ReceiveMessage", 2),
        ("sqs:ChangeMessageVisibility", 2),
        ("sqs:DeleteMessage", 2),
        ("s3:GetObject", 1),
        ("events:ListRules", 1),
        ("events:ListTargetsByRule", 1),
    ] {
        assert_eq!(good.iter().filter(|check| check.name == action).count(), times, "{action}: {good:?}");
    }

    here.without(&["sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "s3:GetObject", "events:ListTargetsByRule"])
        .await;
    let found = test(&house).await;
    let bad = |name| (name, Light::Bad);
    let wanted = [
        bad("events:ListTargetsByRule"),
        bad("s3:GetObject"),
        bad("sqs:ChangeMessageVisibility"),
        bad("sqs:ChangeMessageVisibility"),
        bad("sqs:DeleteMessage"),
        bad("sqs:DeleteMessage"),
    ];
    assert_eq!(not_good(&found), wanted, "{found:?}");
    for says in [
        "sqs:DeleteMessage is missing in the role's policy; it is needed to delete messages from the queue of files once",
        "sqs:ChangeMessageVisibility is missing in the role's policy; it is needed to keep messages of the queue of events",
        "s3:GetObject is missing in the role's policy; it is needed to read the trail's log files in ",
    ] {
        assert!(found.iter().any(|check| check.says.starts_with(says)), "{says}: {found:?}");
    }
    // The health page says the same.
    let issuer = house.house.issuers.aws_of(ACCOUNT).unwrap();
    let looked = accounts::inspect(&house.house, &issuer).await.unwrap();
    let of = |name: &str| looked.iter().find(|check| check.name == name).unwrap();
    for name in ["Queue of events: sqs:DeleteMessage", "Queue of files: sqs:DeleteMessage", "Log files: s3:GetObject"] {
        assert_eq!(of(name).light, Light::Bad, "{looked:?}");
    }
    assert_eq!(of("Queue of events: sqs:ReceiveMessage").light, Light::Good, "{looked:?}");
    let rule = of("Rule in us-east-1");
    assert!(rule.light == Light::Look && rule.says.contains("where to is not known"), "{rule:?}");

    // Without a word which right is missing, S3's refusal may mean either of two.
    here.without(&[]).await;
    proxy.spoil("GetObject", Spoil::Refuse(403, "AccessDenied"));
    let found = test(&house).await;
    assert_eq!(not_good(&found), [("s3:GetObject", Light::Look)], "{found:?}");
    let files = found.iter().find(|check| check.name == "s3:GetObject").unwrap();
    assert!(files.says.contains("two possibilities") && files.says.contains("s3:ListBucket"), "{files:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_may_not_fetch_is_the_proof() {
    let Some(aws) = Emulator::start("a reader without its right").await else { return };
    let here = Account::new(&aws).await;
    here.without(&["sqs:ReceiveMessage"]).await;
    let house = here.house(&aws.url).await;
    let found = test(&house).await;
    assert_eq!(not_good(&found), [("sqs:ReceiveMessage", Light::Bad); 2], "{found:?}");
    let says = "sqs:ReceiveMessage is missing in the role's policy; it is needed to fetch messages from the queue of ";
    let told =
        found.iter().filter(|check| check.says.starts_with(says) && check.says.contains("has been refused since"));
    assert_eq!(told.count(), 2, "{found:?}");
}

//! The AWS of a story that asks for nothing but what AWS itself does. It runs in the emulator, and, where
//! `AVIARY_TEST_AWS_PROFILE` names a profile of `~/.aws/config`, in that real account instead. Stories that spoil calls,
//! count them, or look at all users of an account begin with the emulator: no real AWS does that for a test.
//!
//! In a real account the profile may do what the role of `deploy/` may under the path `/service/ci/`, and `iam:ListUsers`
//! and `iam:ListUserTags` besides. Each story has a path of its own below, and what it leaves there is taken away.

use super::emulator::{ACCOUNT, Emulator};
use crate::{ears::queue::unique, house::TestHouse};
use app::model::{
    account::{AccountForm, AccountSettings},
    drill::DrillState,
    health::Light,
    hit::Source,
    ids::TokenId,
    secret::Secret,
    token::TokenState,
    viewer::Viewer,
};
use aviary::{
    accounts, drills, intake,
    issuers::aws::{AwsClients, Clients},
    store, tokens,
};
use aws_config::SdkConfig;
use aws_types::app_name::AppName;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const REGION: &str = "us-east-1";
/// How long is waited between two looks, in milliseconds.
const LOOK: i64 = 250;

/// An account in which a story plays.
pub struct Account {
    /// Its twelve digits.
    pub id: String,
    /// The path of the story's users.
    pub path: String,
    way: Arc<Clients>,
    house: AwsClients,
    real: Option<String>,
    _emulator: Option<Emulator>,
}

impl Account {
    /// The real account, where one is named, else the emulator's; `None`, and a line that says so, where there is neither.
    pub async fn start(test: &str) -> Option<Self> {
        let path = format!("/service/ci/{}/", unique("run"));
        let Ok(profile) = std::env::var("AVIARY_TEST_AWS_PROFILE") else {
            let emulator = Emulator::start(test).await?;
            let house = emulator.clients(None);
            let way = way(&house);
            return Some(Self { id: ACCOUNT.into(), path, way, house, real: None, _emulator: Some(emulator) });
        };
        let house = AwsClients::profile(&profile);
        let way = way(&house);
        let identity = way.sts().await.get_caller_identity().send().await.unwrap();
        let id = identity.account().unwrap().to_owned();
        Some(Self { id, path, way, house, real: Some(profile), _emulator: None })
    }

    /// The form of the account.
    pub fn form(&self) -> AccountForm {
        AccountForm {
            id: self.id.clone(),
            name: "Workloads".into(),
            region: REGION.into(),
            path: self.path.clone(),
            tags: "team=platform".into(),
            ..AccountForm::default()
        }
    }

    /// A house that has this account.
    pub async fn house(&self, form: &AccountForm) -> TestHouse {
        let house = TestHouse::with_aws(self.house.clone()).await;
        accounts::add(&house.house, &Viewer::system("test"), form).await.unwrap();
        house
    }

    /// Asks for a token in it.
    pub async fn try_mint(&self, house: &TestHouse) -> crate::house::Answer {
        let order = json!({ "account": self.id, "location": "a test", "owner": "ana" });
        house.api().json(Method::POST, "/tokens", &order).await
    }

    /// Mints a token in it.
    pub async fn mint(&self, house: &TestHouse) -> Value {
        let answer = self.try_mint(house).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.body()
    }

    /// IAM, as the test itself.
    pub async fn iam(&self) -> aws_sdk_iam::Client {
        self.way.iam().await
    }

    /// What somebody has who holds this key.
    pub async fn thief(&self, key: &str, secret: &str) -> SdkConfig {
        let mark = AppName::new("test").unwrap();
        self.way.config_as(key, &Secret::new(secret.to_owned()), REGION, mark).await
    }

    /// Whether STS takes this key; the code of its refusal.
    pub async fn works(&self, key: &str, secret: &str) -> Result<String, String> {
        let sts = aws_sdk_sts::Client::new(&self.thief(key, secret).await);
        match sts.get_caller_identity().send().await {
            Ok(me) => Ok(me.arn().unwrap().to_owned()),
            Err(error) => Err(error.into_service_error().meta().code().unwrap_or_default().to_owned()),
        }
    }

    /// The users of this story, each with its keys, sorted.
    pub async fn users(&self) -> Vec<(String, Vec<String>)> {
        users(&self.way, &self.path).await
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let Some(profile) = self.real.take() else { return };
        let path = self.path.clone();
        // On a thread and with connections of its own: the test's may be going down.
        let cleared = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { clear(&way(&AwsClients::profile(&profile)), &path).await });
        });
        if cleared.join().is_err() {
            eprintln!("users are left under {}", self.path);
        }
    }
}

fn way(clients: &AwsClients) -> Arc<Clients> {
    clients.to(&AccountSettings { region: REGION.into(), ..AccountSettings::default() })
}

async fn users(way: &Clients, path: &str) -> Vec<(String, Vec<String>)> {
    let iam = way.iam().await;
    let mut found = Vec::new();
    for user in iam.list_users().path_prefix(path).send().await.unwrap().users() {
        let keys = iam.list_access_keys().user_name(user.user_name()).send().await.unwrap();
        let keys = keys.access_key_metadata().iter().map(|key| key.access_key_id().unwrap().to_owned()).collect();
        found.push((user.user_name().to_owned(), keys));
    }
    found.sort();
    found
}

/// Deletes every user under this path.
async fn clear(way: &Clients, path: &str) {
    let iam = way.iam().await;
    for (name, keys) in users(way, path).await {
        for key in keys {
            iam.delete_access_key().user_name(&name).access_key_id(key).send().await.unwrap();
        }
        for policy in iam.list_user_policies().user_name(&name).send().await.unwrap().policy_names() {
            iam.delete_user_policy().user_name(&name).policy_name(policy).send().await.unwrap();
        }
        iam.delete_user().user_name(&name).send().await.unwrap();
    }
}

/// Waits until this holds, for at most three minutes: IAM takes some seconds to know its own changes everywhere.
pub async fn settled<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(180);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(LOOK.unsigned_abs())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_tested_minted_in_drilled_and_left_as_it_was() {
    let Some(aws) = Account::start("an account from the first test to the last key").await else { return };
    let house = aws.house(&aws.form()).await;
    let viewer = Viewer::system("test");
    let tested = accounts::test(&house.house, &viewer, &aws.id).await.unwrap().status;
    assert!(tested.checks.iter().all(|check| check.light == Light::Good), "{:?}", tested.checks);
    settled("the test leaves nothing behind", async || aws.users().await.is_empty()).await;

    let token = aws.mint(&house).await;
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    settled("the drill's call is made", async || {
        let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
        let called = proof.drills.first().is_some_and(|drill| drill.state == DrillState::Called);
        if !called {
            // The drill tries a dozen times, ten seconds apart by the house's clock, which has to go as the true one does.
            house.clock.advance(LOOK);
        }
        called
    })
    .await;
    // No queue is set up: the test hands in what CloudTrail would write of that call.
    let mut session = house.house.store.read().await.unwrap();
    let all = store::drills::of_token(&mut session, &id, app::model::moment::Moment(0), 1).await.unwrap();
    drop(session);
    let record = json!({
        "eventID": unique("drill"), "eventTime": house.clock_text(0), "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity", "awsRegion": REGION, "userAgent": format!("aws-sdk-rust/1.3 app/{}", all[0].mark),
        "recipientAccountId": aws.id, "userIdentity": { "type": "IAMUser", "arn": token["arn"],
            "accountId": aws.id, "accessKeyId": token["access_key_id"], "userName": token["user_name"] },
    });
    let batch = intake::read::read(record.to_string().as_bytes()).unwrap();
    intake::receive(&house.house, Source::Eventbridge, batch.records).await.unwrap();
    assert_eq!(tokens::list::get(&house.house, &viewer, &id).await.unwrap().token.state, TokenState::Armed);
    tokens::change::revoke(&house.house, &viewer, &id).await.unwrap();
    settled("the user is gone", async || aws.users().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_story_leaves_in_an_account_is_taken_away_and_nothing_beside_it() {
    let Some(aws) = Account::start("what stories leave behind").await else { return };
    let house = aws.house(&AccountForm { path: format!("{}left/", aws.path), ..aws.form() }).await;
    aws.mint(&house).await;
    let beside = format!("{}beside/", aws.path);
    aws.iam().await.create_user().user_name(unique("report")).path(&beside).send().await.unwrap();
    settled("both are there", async || aws.users().await.len() == 2).await;
    clear(&aws.way, &format!("{}left/", aws.path)).await;
    settled("one is there", async || {
        let left = (users(&aws.way, &beside).await.len(), aws.users().await.len());
        left == (1, 1)
    })
    .await;
}

//! Two AWS accounts under one roof.

use super::{KEY, account, adopt, event, hits, queue::Queue, record};
use crate::{
    aws::emulator::{ACCOUNT, Emulator, form, house_with, try_mint},
    house::TestHouse,
};
use app::model::{account::AccountForm, health::Light, viewer::Viewer};
use aviary::accounts;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const OTHER: &str = "210987654321";
const OTHER_KEY: &str = "AKIAWATCHED000000002";

fn role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/service/automation")
}

/// A change of a user of an account, by this role.
fn change(id: &str, account: &str, key: &str, by: &str) -> Value {
    let mut change = record(id, "ASIASOMEBODY00000000");
    change["eventSource"] = json!("iam.amazonaws.com");
    change["eventName"] = json!("UpdateAccessKey");
    change["recipientAccountId"] = json!(account);
    change["requestParameters"] = json!({ "userName": "deploy", "accessKeyId": key, "status": "Inactive" });
    let whose = by.split(':').nth(4).unwrap();
    change["userIdentity"] = json!({ "type": "AssumedRole", "accountId": whose, "accessKeyId": "ASIASOMEBODY00000000",
        "arn": format!("arn:aws:sts::{whose}:assumed-role/automation/automation"),
        "sessionContext": { "sessionIssuer": { "type": "Role", "arn": by } } });
    change
}

#[tokio::test]
async fn what_is_own_in_one_account_is_tampering_in_the_other() {
    let house = TestHouse::start().await;
    adopt(&house, KEY, &format!("arn:aws:iam::{ACCOUNT}:user/ci/deploy")).await;
    adopt(&house, OTHER_KEY, &format!("arn:aws:iam::{OTHER}:user/ci/deploy")).await;
    for id in [ACCOUNT, OTHER] {
        let form = AccountForm { id: id.into(), role_arn: role(id), ..account() };
        accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
    }
    let send = async |record: Value| {
        house.api().send(Method::POST, "/ingest/cloudtrail", &[], record.to_string().into_bytes()).await.body()
    };
    assert_eq!(send(change("own-1", ACCOUNT, KEY, &role(ACCOUNT))).await["matched"], 0);
    assert_eq!(send(change("own-2", OTHER, OTHER_KEY, &role(OTHER))).await["matched"], 0);
    assert_eq!(hits(&house).await.len(), 0);
    send(change("cross", OTHER, OTHER_KEY, &role(ACCOUNT))).await;
    let found = hits(&house).await;
    assert_eq!((found.len(), found[0]["kind"].as_str()), (1, Some("tampered")));
    // The same name of a user is another user in the other account.
    let token = house.api().get(&format!("/tokens/{}", found[0]["token_id"].as_str().unwrap())).await.body();
    assert_eq!(token["access_key_id"], OTHER_KEY);
}

#[tokio::test]
async fn a_queue_that_two_accounts_share_is_read_once_for_both() {
    let Some(aws) = Emulator::start("a shared queue").await else { return };
    let queue = Queue::new(&aws, 3).await;
    let house = TestHouse::with_aws(aws.clients(None)).await;
    adopt(&house, KEY, &format!("arn:aws:iam::{ACCOUNT}:user/ci/deploy")).await;
    adopt(&house, OTHER_KEY, &format!("arn:aws:iam::{OTHER}:user/ci/deploy")).await;
    for id in [ACCOUNT, OTHER] {
        let form = AccountForm { id: id.into(), events_queue: queue.url.clone(), ..account() };
        accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
    }
    let mut other = record("two", OTHER_KEY);
    other["recipientAccountId"] = json!(OTHER);
    other["userIdentity"]["accountId"] = json!(OTHER);
    other["userIdentity"]["arn"] = json!(format!("arn:aws:iam::{OTHER}:user/ci/deploy"));
    queue.send_all(&[event(&record("one", KEY)), event(&other)]).await;
    super::eventually("both are hits", async || hits(&house).await.len() == 2).await;
    let checks = house.house.ears.queues.checks();
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(checks[0].light, Light::Good, "{checks:?}");
    let mut tokens: Vec<_> = hits(&house).await.iter().map(|hit| hit["token_id"].to_string()).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 2);
    // It goes on for one account when the other is taken away, whichever was the first.
    accounts::remove(&house.house, &Viewer::system("test"), ACCOUNT).await.unwrap();
    queue.send(&event(&record("three", KEY))).await;
    super::eventually("it is still heard", async || hits(&house).await.len() == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_has_a_cap_of_its_own() {
    let Some(aws) = Emulator::start("caps of two accounts").await else { return };
    let house = house_with(&aws, None, &AccountForm { cap: "1".into(), ..form() }).await;
    let other = AccountForm { id: OTHER.into(), path: "/other/".into(), ..form() };
    accounts::add(&house.house, &Viewer::system("test"), &other).await.unwrap();
    assert_eq!(try_mint(&house, "first").await.status, StatusCode::CREATED);
    let full = try_mint(&house, "second").await;
    assert_eq!(full.status, StatusCode::CONFLICT, "{}", full.text);
    assert!(full.text.contains("as many as an admin allows"), "{}", full.text);
    let order = json!({ "account": OTHER, "location": "third", "owner": "ana" });
    let minted = house.api().json(Method::POST, "/tokens", &order).await;
    assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
    assert_eq!(minted.body()["account"], OTHER);
}

//! What belongs to others: users whose names Aviary meets, keys that were made elsewhere, and Aviary's own calls.

use super::{
    either::{Account, settled},
    emulator::{ACCOUNT, Emulator, form, house_with, mint},
};
use crate::ears::queue::unique;
use app::model::{account::AccountForm, fault::FaultKind, health::Light, ids::TokenId, viewer::Viewer};
use aviary::{accounts, tokens};
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_the_account_leaves_users_of_others_alone() {
    let Some(aws) = Emulator::start("names that are taken").await else { return };
    let house = house_with(&aws, None, &AccountForm { name_template: "etl-{digits:1}".into(), ..form() }).await;
    let iam = aws.iam().await;
    let theirs: Vec<String> = (0..10).map(|n| format!("etl-{n}")).collect();
    for name in &theirs {
        iam.create_user().user_name(name).send().await.unwrap();
        let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
        let put = iam.put_user_policy().user_name(name).policy_name("restrictions").policy_document(document);
        put.send().await.unwrap();
    }
    let tested = accounts::test(&house.house, &Viewer::system("test"), ACCOUNT).await.unwrap();
    let made = tested.status.checks.iter().find(|check| check.name == "iam:CreateUser").unwrap();
    assert_eq!(made.light, Light::Bad);
    assert!(made.says.contains("taken"), "{}", made.says);
    assert_eq!(aws.users().await.len(), 10);
    for name in &theirs {
        let policies = iam.list_user_policies().user_name(name).send().await.unwrap();
        assert_eq!(policies.policy_names(), ["restrictions"], "{name} is as it was");
        assert!(iam.list_access_keys().user_name(name).send().await.unwrap().access_key_metadata().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_made_elsewhere_in_one_of_our_accounts_can_be_disabled_and_revoked() {
    let Some(aws) = Account::start("adopted keys").await else { return };
    let house = aws.house(&aws.form()).await;
    let (iam, name) = (aws.iam().await, unique("terraformed"));
    let user = iam.create_user().user_name(&name).path(&aws.path).send().await.unwrap().user.unwrap();
    settled("the user is there", async || iam.get_user().user_name(&name).send().await.is_ok()).await;
    let key = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    settled("so is its key", async || aws.users().await == [(name.clone(), vec![key.access_key_id.clone()])]).await;
    let adopt = async |key: &str, arn: &str| {
        let body = json!({ "access_key_id": key, "arn": arn, "location": "old runbook" });
        let adopted = house.api().json(Method::POST, "/tokens/adopt", &body).await;
        assert_eq!(adopted.status, StatusCode::CREATED, "{}", adopted.text);
        TokenId(adopted.body()["id"].as_str().unwrap().to_owned())
    };
    let id = adopt(&key.access_key_id, &user.arn).await;
    let admin = Viewer::system("test");
    let status = async || {
        let keys = iam.list_access_keys().user_name(&name).send().await.unwrap();
        keys.access_key_metadata().first().and_then(|key| key.status().cloned()).map(|status| status.to_string())
    };
    tokens::change::set_active(&house.house, &admin, &id, false).await.unwrap();
    settled("it is off", async || status().await.as_deref() == Some("Inactive")).await;
    tokens::change::set_active(&house.house, &admin, &id, true).await.unwrap();
    settled("it is on", async || status().await.as_deref() == Some("Active")).await;
    let fault = tokens::rotate::rotate(&house.house, &admin, &id).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    tokens::change::revoke(&house.house, &admin, &id).await.unwrap();
    // The user is not ours to delete.
    settled("the key is gone", async || aws.users().await == [(name.clone(), vec![])]).await;

    // Somebody says that a key belongs to a user to whom it does not.
    let other = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    let id = adopt("AKIAQYLPMN5HIUI65MP3", &user.arn).await;
    let fault = tokens::change::revoke(&house.house, &admin, &id).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault}");
    settled("its key stays", async || aws.users().await == [(name.clone(), vec![other.access_key_id.clone()])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_aviary_itself_never_alert_even_without_a_role() {
    let Some(aws) = Emulator::start("own calls of the default credentials").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let token = mint(&house, "vault").await;
    accounts::learn_callers(&house.house).await.unwrap();
    let own = aws_sdk_sts::Client::new(&aws.admin().await).get_caller_identity().send().await.unwrap();
    let tampering = |n: u32, arn: &str| {
        json!({
            "eventVersion": "1.11", "eventID": format!("00000000-0000-0000-0000-00000000000{n}"), "eventTime": "2026-11-21T10:00:00Z",
            "eventSource": "iam.amazonaws.com", "eventName": "UpdateAccessKey", "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.7", "recipientAccountId": ACCOUNT,
            "userIdentity": { "type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "accessKeyId": "AKIAIOSFODNN7EXAMPLE" },
            "requestParameters": { "userName": token["user_name"], "accessKeyId": token["access_key_id"], "status": "Inactive" }
        })
    };
    let receive = async |record: serde_json::Value| {
        let answer = house.api().json(Method::POST, "/ingest/cloudtrail", &record).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body()["new"].as_u64().unwrap()
    };
    let arn = own.arn().unwrap();
    assert_eq!(receive(tampering(1, arn)).await, 0, "{arn} is Aviary itself");
    // An admin changes the account; as whom Aviary acts stays known.
    let changed = AccountForm { name: "Renamed".into(), ..form() };
    accounts::edit(&house.house, &Viewer::system("test"), ACCOUNT, &changed).await.unwrap();
    assert_eq!(receive(tampering(2, arn)).await, 0);
    let other = format!("arn:aws:iam::{ACCOUNT}:user/mallory");
    assert_eq!(receive(tampering(3, &other)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_never_holds_more_than_its_cap_however_many_ask_at_once() {
    let Some(aws) = Account::start("caps").await else { return };
    let house = aws.house(&AccountForm { cap: "2".into(), ..aws.form() }).await;
    let answers = futures::future::join_all((0..6).map(|_| aws.try_mint(&house))).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let refused = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((made, refused), (2, 4));
    settled("two are there", async || aws.users().await.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_stays_while_a_mint_in_it_is_unfinished() {
    let Some(aws) = Emulator::start("accounts with unfinished mints").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let (admin, id) = (Viewer::system("test"), TokenId("unfinished".into()));
    let mut tx = house.house.store.begin().await.unwrap();
    aviary::store::tokens::begin_mint(&mut tx, &id, ACCOUNT, "half-made", house.clock_now()).await.unwrap();
    tx.commit().await.unwrap();
    let fault = accounts::remove(&house.house, &admin, ACCOUNT).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    house.clock.advance(app::model::moment::HOUR);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    accounts::remove(&house.house, &admin, ACCOUNT).await.unwrap();
}

//! Minting in AWS: what stands afterwards, and that nothing is left behind when a step fails. Where a chosen step fails, or
//! all users of the account are counted, it takes the emulator.

use super::{
    either::{Account, settled},
    emulator::{ACCOUNT, Emulator, form, house_with, mint, try_mint},
    proxy::{Proxy, Spoil},
};
use crate::house::TestHouse;
use app::model::{
    account::AccountForm,
    fault::FaultKind,
    health::Light,
    ids::TokenId,
    viewer::{Grant, Role, Viewer},
};
use aviary::{accounts, tokens};
use axum::http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_minted_key_works_is_marked_and_may_do_nothing() {
    let Some(aws) = Account::start("minting in AWS").await else { return };
    let house = aws.house(&aws.form()).await;
    let token = aws.mint(&house).await;
    let text = |name: &str| token[name].as_str().unwrap().to_owned();
    assert_eq!((text("account"), text("state")), (aws.id.clone(), "arming".into()), "nothing has proven it yet");
    assert!(text("arn").ends_with(&format!(":iam::{}:user{}{}", aws.id, aws.path, text("user_name"))), "{token}");

    let iam = aws.iam().await;
    let tags = iam.list_user_tags().user_name(text("user_name")).send().await.unwrap();
    let tags: Vec<_> = tags.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
    assert!(tags.contains(&("team", "platform")), "{tags:?}");

    let (key, secret) = (text("access_key_id"), text("secret_access_key"));
    settled("the key works", async || aws.works(&key, &secret).await == Ok(text("arn"))).await;
    let stolen = aws_sdk_iam::Client::new(&aws.thief(&key, &secret).await);
    settled("it may do nothing", async || {
        let refused = stolen.list_users().send().await.unwrap_err().into_service_error();
        refused.meta().code() == Some("AccessDenied")
    })
    .await;

    let id = TokenId(text("id"));
    let admin = Viewer::system("test");
    tokens::change::set_active(&house.house, &admin, &id, false).await.unwrap();
    let refused = Err("InvalidClientTokenId".to_owned());
    settled("it is off", async || aws.works(&key, &secret).await == refused).await;
    tokens::change::set_active(&house.house, &admin, &id, true).await.unwrap();
    settled("it is on", async || aws.works(&key, &secret).await.is_ok()).await;
    tokens::change::revoke(&house.house, &admin, &id).await.unwrap();
    settled("the user is gone", async || aws.users().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_aws_refuses_leaves_no_user_behind() {
    let Some(aws) = Account::start("mints that are undone").await else { return };
    // It denies, so Aviary takes it; IAM asks for a resource.
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*"}]}"#;
    let form = AccountForm { policy: "custom".into(), document: document.into(), ..aws.form() };
    let house = aws.house(&form).await;
    let answer = aws.try_mint(&house).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    let words = ["iam:PutUserPolicy", "MalformedPolicyDocument", "Nothing was left behind"];
    assert!(words.iter().all(|words| answer.text.contains(words)), "{}", answer.text);
    settled("the user is gone", async || aws.users().await.is_empty()).await;
    assert!(intents(&house).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_leaves_nothing_behind() {
    let Some(aws) = Emulator::start("failing mints").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &form()).await;
    for (step, code, words) in [
        ("CreateUser", "AccessDenied", "iam:CreateUser is not allowed to Aviary's role"),
        ("CreateUser", "LimitExceeded", "reached a limit of AWS"),
        ("PutUserPolicy", "AccessDenied", "iam:PutUserPolicy is not allowed"),
        ("CreateAccessKey", "LimitExceeded", "reached a limit of AWS"),
        ("ListAccessKeys", "AccessDenied", "iam:ListAccessKeys is not allowed"),
    ] {
        proxy.spoil(step, Spoil::Refuse(403, code));
        let answer = try_mint(&house, "nowhere").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{step}: {}", answer.text);
        assert!(answer.text.contains(words) && answer.text.contains("Nothing was left behind"), "{}", answer.text);
        assert_eq!(aws.users().await, [], "after {step}");
        assert!(intents(&house).await.is_empty(), "{step} is settled");
    }
    mint(&house, "and then it works").await;
}

/// Mints and rotations that are not settled.
pub async fn intents(house: &TestHouse) -> Vec<String> {
    let mut session = house.house.store.read().await.unwrap();
    let all = aviary::store::tokens::unfinished_mints(&mut session, house.clock_now().plus(1)).await.unwrap();
    all.into_iter().map(|(id, ..)| id.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_throttling_make_one_user_with_one_key() {
    let Some(aws) = Emulator::start("lost answers").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &form()).await;
    for (step, how) in [
        ("CreateUser", Spoil::LoseAnswer),
        ("CreateAccessKey", Spoil::LoseAnswer),
        ("PutUserPolicy", Spoil::Refuse(400, "Throttling")),
        ("CreateAccessKey", Spoil::Refuse(409, "ConcurrentModification")),
        ("PutUserPolicy", Spoil::Refuse(404, "NoSuchEntity")),
        ("CreateUser", Spoil::Refuse(503, "ServiceUnavailable")),
    ] {
        let before = proxy.count(step);
        proxy.spoil(step, how.clone());
        let token = mint(&house, "patience").await;
        assert_eq!(proxy.count(step), before + 2, "{step} is repeated after {how:?}");
        let users = aws.users().await;
        let (name, keys) = users.iter().find(|(name, _)| *name == token["user_name"]).unwrap();
        assert_eq!(keys, &[token["access_key_id"].as_str().unwrap()], "{name} after {how:?} at {step}");
    }
    assert_eq!(aws.users().await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_mints_at_once_none_is_lost_and_none_doubled_however_aws_throttles() {
    let Some(aws) = Emulator::start("many mints").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &form()).await;
    proxy.throttle_every(5);
    let minted = futures::future::join_all((0..12).map(|_| mint(&house, "many"))).await;
    proxy.throttle_every(0);
    let mut keys: Vec<_> = minted.iter().map(|token| token["access_key_id"].as_str().unwrap().to_owned()).collect();
    let mut known: Vec<_> = aws.users().await.into_iter().flat_map(|(_, keys)| keys).collect();
    keys.sort();
    known.sort();
    assert_eq!(keys, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_somebody_else_is_left_alone() {
    let Some(aws) = Emulator::start("users of others").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let token = mint(&house, "vault").await;
    let name = token["user_name"].as_str().unwrap();
    // An administrator deletes the user, and somebody makes another one of the same name.
    let iam = aws.iam().await;
    let key = token["access_key_id"].as_str().unwrap();
    iam.delete_access_key().user_name(name).access_key_id(key).send().await.unwrap();
    iam.delete_user_policy().user_name(name).policy_name("restrictions").send().await.unwrap();
    iam.delete_user().user_name(name).send().await.unwrap();
    iam.create_user().user_name(name).send().await.unwrap();
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    tokens::change::revoke(&house.house, &Viewer::system("test"), &id).await.unwrap();
    assert_eq!(aws.users().await, [(name.to_owned(), vec![])], "it is not ours to delete");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_follow_the_templates_and_the_cap_holds() {
    let Some(aws) = Account::start("names and caps").await else { return };
    let wanted = AccountForm { name_template: "{team}-etl-{digits:3}".into(), cap: "2".into(), ..aws.form() };
    let house = aws.house(&wanted).await;
    for _ in 0..2 {
        let token = aws.mint(&house).await;
        let name = token["user_name"].as_str().unwrap();
        let digits = name.strip_prefix("security-etl-").unwrap();
        assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
    }
    let third = aws.try_mint(&house).await;
    assert_eq!(third.status, StatusCode::CONFLICT);
    assert!(third.text.contains("2 living tokens"), "{}", third.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_wrong_is_refused_with_every_reason() {
    let house = TestHouse::start().await;
    let wrong = AccountForm {
        id: "12".into(),
        path: "/honey/".into(),
        name_template: "canary-{word}\n{wrod}\nfixed".into(),
        policy: "custom".into(),
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#.into(),
        allowed_actions: "s3:ListBucket".into(),
        tags: "team".into(),
        regions: "eu-central-1\nmars".into(),
        events_queue: "queue".into(),
        topics: "arn:aws:sqs:x".into(),
        ..AccountForm::default()
    };
    let fault = accounts::add(&house.house, &Viewer::system("test"), &wrong).await.unwrap_err();
    for field in ["id", "path", "name_template", "document", "tags", "regions", "events_queue", "topics"] {
        assert!(fault.of(field).is_some(), "{field}: {:?}", fault.fields);
    }
    assert!(fault.of("document").unwrap().starts_with("iam:*"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_an_account_finds_everything_as_it_should_be() {
    let Some(aws) = Account::start("testing an account").await else { return };
    let house = aws.house(&AccountForm { last_used: "on".into(), ..aws.form() }).await;
    let good = accounts::test(&house.house, &Viewer::system("test"), &aws.id).await.unwrap();
    let bad: Vec<_> = good.status.checks.iter().filter(|check| check.light != Light::Good).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(good.status.checks.len() > 12 && good.status.users_quota > 0, "{:?}", good.status);
    settled("it leaves nothing behind", async || aws.users().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_an_account_names_what_is_missing() {
    let Some(aws) = Emulator::start("testing an account that lacks rights").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &AccountForm { last_used: "on".into(), ..form() }).await;
    let admin = Viewer::system("test");
    proxy.spoil("UpdateAccessKey", Spoil::Refuse(403, "AccessDenied"));
    let found = accounts::test(&house.house, &admin, ACCOUNT).await.unwrap();
    let bad: Vec<_> = found.status.checks.iter().filter(|check| check.light == Light::Bad).collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].name == "iam:UpdateAccessKey" && bad[0].says.contains("needed to disable a key"), "{bad:?}");

    proxy.spoil("CreateUser", Spoil::Refuse(403, "AccessDenied"));
    let found = accounts::test(&house.house, &admin, ACCOUNT).await.unwrap();
    let bad: Vec<_> = found.status.checks.iter().filter(|check| check.light == Light::Bad).collect();
    assert_eq!(bad.len(), 1, "the rest is tested on a user who is not there: {bad:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_of_the_installation_see_accounts() {
    let house = TestHouse::start().await;
    let admin = Viewer::system("test");
    accounts::add(&house.house, &admin, &form()).await.unwrap();
    assert_eq!(accounts::list(&house.house, &admin).await.unwrap().len(), 1);
    for role in [Role::Viewer, Role::Placer, Role::Reviewer, Role::Ingest] {
        let other = Viewer { grants: vec![Grant::of(None, role)], ..Viewer::system("other") };
        assert_eq!(accounts::list(&house.house, &other).await.unwrap_err().kind, FaultKind::Forbidden);
        assert_eq!(accounts::add(&house.house, &other, &form()).await.unwrap_err().kind, FaultKind::Forbidden);
        assert_eq!(accounts::test(&house.house, &other, ACCOUNT).await.unwrap_err().kind, FaultKind::Forbidden);
        assert_eq!(accounts::remove(&house.house, &other, ACCOUNT).await.unwrap_err().kind, FaultKind::Forbidden);
    }
    let again = accounts::add(&house.house, &admin, &form()).await.unwrap_err();
    assert!(again.of("id").is_some(), "{again:?}");
    accounts::remove(&house.house, &admin, ACCOUNT).await.unwrap();
    assert!(house.house.issuers.aws().is_empty());
    accounts::add(&house.house, &admin, &form()).await.unwrap();
}

//! A sealing key that KMS wraps.

use super::emulator::Emulator;
use crate::house::{Folder, TestHouse, beginning};
use app::model::viewer::Viewer;
use aviary::{
    config::Config,
    house::{SystemChance, SystemClock},
    issuers::aws::AwsClients,
    rekey, serve,
    store::people::settings,
};
use axum::http::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::sync::Arc;

async fn opens(house: &TestHouse, token: &Value) {
    let path = format!("/tokens/{}/reveal", token["id"].as_str().unwrap());
    let answer = house.api().send(Method::POST, &path, &[], Vec::new()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.body()["secret_access_key"], token["secret_access_key"]);
}

/// Why an Aviary over this state does not start.
async fn refused(folder: &Folder, database: &str, arn: &str, aws: AwsClients) -> String {
    let data = folder.path().display().to_string();
    let variable = |name: &str| match name {
        "AVIARY_DATA_DIR" => Some(data.clone()),
        "AVIARY_DATABASE" => Some(database.to_owned()),
        "AVIARY_SEALING_KMS_KEY" => Some(arn.to_owned()),
        _ => None,
    };
    let config = Config::from("", "aviary.toml", &variable).unwrap();
    let built = serve::build_with(config, Arc::new(SystemClock), Arc::new(SystemChance), aws).await;
    built.err().expect("it must not start").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_leaves_kms_for_this_installation_alone_and_stands_in_no_file() {
    let Some(aws) = Emulator::start("a sealing key that KMS wraps").await else { return };
    let kms = aws_sdk_kms::Client::new(&aws.admin().await);
    let made = kms.create_key().send().await.unwrap();
    let arn = made.key_metadata().unwrap().arn().unwrap().to_owned();
    let folder = Folder::new();
    let file = folder.path().join("sealing.key");

    // It began with a key in a file.
    let (house, clock) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    let database = house.config.database.expose_secret().to_owned();
    let first = TestHouse::run(house, clock, Folder::new()).await;
    let old = first.mint("wiki").await;
    let with_kms = [("AVIARY_SEALING_KMS_KEY", arn.as_str()), ("AVIARY_DATABASE", database.as_str())];
    let again = async || {
        let (house, clock) = TestHouse::build_with(&folder, &with_kms, beginning(), aws.clients(None)).await;
        TestHouse::run(house, clock, Folder::new()).await
    };
    let second = again().await;
    opens(&second, &old).await;
    let new = second.mint("laptop").await;
    assert_ne!(second.house.sealer.mark(), first.house.sealer.mark());

    let system = Viewer::system("test");
    let early = rekey::run(&second.house, &system, &second.house.sealer).await.unwrap_err();
    assert_eq!(early.status(), 409, "the first one could open nothing any more: {early}");
    first.end().await;
    let counts = rekey::run(&second.house, &system, &second.house.sealer).await.unwrap();
    assert!(counts.iter().any(|count| count.secrets > 0), "{counts:?}");
    std::fs::remove_file(&file).unwrap();
    let third = again().await;
    opens(&third, &old).await;
    opens(&third, &new).await;
    assert_eq!(third.house.sealer.mark(), second.house.sealer.mark(), "the same key, unwrapped again");
    assert!(!file.exists(), "no key is written into a file any more");
    let mut session = third.house.store.read().await.unwrap();
    let wrapped = settings::get(&mut session, "sealing_kms").await.unwrap().unwrap();
    let installation = settings::get(&mut session, "installation").await.unwrap().unwrap();
    drop(session);
    assert!(wrapped.contains(&arn) && wrapped.contains("blob"), "{wrapped}");

    // Whoever may not use the key of KMS opens nothing,
    kms.disable_key().key_id(&arn).send().await.unwrap();
    let why = refused(&folder, &database, &arn, aws.clients(None)).await;
    assert!(why.contains("AVIARY_SEALING_KMS_KEY") && why.contains("kms:Decrypt"), "{why}");
    kms.enable_key().key_id(&arn).send().await.unwrap();
    // and a wrapped key that was taken to another installation opens nothing either.
    let rename = async |name: &str| {
        let mut tx = third.house.store.begin().await.unwrap();
        settings::set(&mut tx, "installation", name).await.unwrap();
        tx.commit().await.unwrap();
    };
    rename("another").await;
    let why = refused(&folder, &database, &arn, aws.clients(None)).await;
    assert!(why.contains("kms:Decrypt"), "{why}");
    rename(&installation).await;
    opens(&again().await, &old).await;
}

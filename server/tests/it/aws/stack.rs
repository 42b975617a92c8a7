//! From nothing to a proven token: the template that `aviary bootstrap` prints, deployed in the emulator, and used.

use super::{
    emulator::{ACCOUNT, Emulator, mint},
    proxy::Proxy,
};
use crate::house::{Folder, TestHouse};
use app::model::{
    account::AccountForm,
    health::Light,
    hit::{HitKind, HitQuery, Source},
    ids::TokenId,
    secret::Secret,
    viewer::Viewer,
};
use aviary::{accounts, drills, hits, issuers::aws::AwsClients, store};
use serde_json::{Value, json};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const REGION: &str = "us-east-1";

/// The template, as an operator gets it.
fn template() -> String {
    let folder = Folder::new();
    let printed = Command::new(env!("CARGO_BIN_EXE_aviary"))
        .args(["bootstrap", "--print", "--prefix", "core-metrics-k3f", "--path", "/svc/reports/"])
        .args(["--trusted-principal", &format!("arn:aws:iam::{ACCOUNT}:user/console"), "--external-id", "agreed-upon"])
        .env("AVIARY_DATA_DIR", folder.path())
        .output()
        .unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    String::from_utf8(printed.stdout).unwrap()
}

/// Deploys it; the outputs, and the key of the user as whom Aviary runs.
fn deploy(aws: &Emulator, template: &str) -> Value {
    let venv = PathBuf::from(std::env::var("AVIARY_TEST_VENV").unwrap());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/emulate.py");
    let mut child = Command::new(venv.join("bin/python"))
        .arg("-B")
        .arg(script)
        .args([aws.url.rsplit(':').next().unwrap(), REGION])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(template.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "the stack was not made");
    serde_json::from_slice(&done.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_deploys_the_template_and_a_token_is_proven_by_both_ways() {
    let Some(aws) = Emulator::start("the whole way through AWS").await else { return };
    let made = deploy(&aws, &template());
    let out = |name: &str| made["outputs"][name].as_str().unwrap().to_owned();
    let proxy = Proxy::before(&aws.url).await;
    let key = Secret::new(made["key"][1].as_str().unwrap().to_owned());
    let house = TestHouse::with_aws(AwsClients::at(&proxy.url, made["key"][0].as_str().unwrap(), &key)).await;
    let viewer = Viewer::system("test");
    let form = AccountForm {
        id: ACCOUNT.into(),
        name: "Workloads".into(),
        region: REGION.into(),
        role_arn: out("RoleArn"),
        external_id: out("ExternalId"),
        path: out("IamPath"),
        events_queue: out("EventsQueueUrl"),
        files_queue: out("FilesQueueUrl"),
        last_used: "on".into(),
        ..AccountForm::default()
    };
    accounts::add(&house.house, &viewer, &form).await.unwrap();
    let tested = accounts::test(&house.house, &viewer, ACCOUNT).await.unwrap().status;
    let bad: Vec<_> = tested.checks.iter().filter(|check| check.light != Light::Good).collect();
    assert!(bad.is_empty(), "{bad:?}");
    accounts::look_at_all(&house.house).await.unwrap();
    let ears = accounts::get(&house.house, &viewer, ACCOUNT).await.unwrap().status.ears;
    for name in ["Trail core-metrics-k3f-trail", "Rule in us-east-1", "Queue of events", "Queue of files"] {
        let found = ears.iter().find(|check| check.name == name);
        assert!(found.is_some_and(|check| check.light == Light::Good), "{name}: {ears:?}");
    }

    let token = mint(&house, "build server").await;
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    house
        .until("Aviary has used the key", async || {
            let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
            proof.drills.first().is_some_and(|drill| drill.called_at.is_some())
        })
        .await;
    let known = {
        let mut session = house.house.store.read().await.unwrap();
        store::drills::of_token(&mut session, &id, app::model::moment::Moment(0), 1).await.unwrap().remove(0)
    };
    // No emulator writes CloudTrail: the test puts there what AWS would.
    let record = |event: &str, name: &str, agent: &str| {
        json!({
            "eventVersion": "1.11", "eventID": event, "eventTime": house.clock_text(0), "eventName": name,
            "eventSource": "sts.amazonaws.com", "awsRegion": REGION, "sourceIPAddress": "203.0.113.7",
            "userAgent": agent, "recipientAccountId": ACCOUNT,
            "userIdentity": {"type": "IAMUser", "arn": token["arn"], "accountId": ACCOUNT, "principalId": "AIDAEXAMPLE",
                "accessKeyId": token["access_key_id"], "userName": token["user_name"]},
        })
    };
    let drill = record("drill-1", "GetCallerIdentity", &format!("aws-sdk-rust/1 app/{}", known.mark));
    let theft = record("theft-1", "GetSessionToken", "aws-cli/2.17.0");
    for detail in [&drill, &theft] {
        let envelope = json!({
            "version": "0", "id": "e", "detail-type": "AWS API Call via CloudTrail", "source": "aws.sts",
            "account": ACCOUNT, "region": REGION, "detail": detail,
        });
        let sqs = aws_sdk_sqs::Client::new(&aws.admin().await);
        sqs.send_message().queue_url(out("EventsQueueUrl")).message_body(envelope.to_string()).send().await.unwrap();
    }
    let mut file = Vec::new();
    let whole = json!({ "Records": [drill, theft] }).to_string();
    let mut zip = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest());
    file.resize(zip.gzip_compress_bound(whole.len()), 0);
    let length = zip.gzip_compress(whole.as_bytes(), &mut file).unwrap();
    file.truncate(length);
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&aws.admin_at(&proxy.url).await).force_path_style(true).build(),
    );
    s3.put_object()
        .bucket(out("TrailBucket"))
        .key(format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/21/{ACCOUNT}_CloudTrail_{REGION}_20261121T1200Z_x.json.gz"
        ))
        .body(file.into())
        .send()
        .await
        .unwrap();

    house
        .until("the drill and the theft came by both ways", async || {
            let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
            filed.len() == 2 && filed.iter().all(|hit| hit.sources.len() == 2)
        })
        .await;
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    let mut kinds: Vec<_> = filed.iter().map(|hit| (hit.kind.word(), hit.incident_id.is_some())).collect();
    kinds.sort();
    assert_eq!(kinds, [(HitKind::Drill.word(), false), (HitKind::Use.word(), true)]);
    let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
    let mut ways: Vec<_> = proof.ways.iter().map(|way| way.source).collect();
    ways.sort();
    assert_eq!(ways, [Source::Eventbridge, Source::Trail]);
    assert_eq!(proof.missing, [""; 0]);
}

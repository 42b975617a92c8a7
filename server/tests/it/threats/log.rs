//! Records and requests that try to write in our log.

use super::forged;
use crate::house::{Caller, Folder, TestHouse, beginning};
use app::model::viewer::Viewer;
use aviary::{
    hits::record::misleads,
    people::{api_keys, teams},
};
use axum::http::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Would be a line of the log, if it got there.
const LINE: &str = "\r\nFORGED 2026-01-01T00:00:00.000000Z  INFO aviary: nothing happened\u{1b}[2K\u{9b}2J\u{202e}";

/// The program, as an operator runs it, with its log in a file.
struct Program(Child);

impl Program {
    fn start(folder: &Path, database: &str, port: u16, log: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command
            .arg("serve")
            .env_clear()
            .env("AVIARY_LISTEN", format!("127.0.0.1:{port}"))
            .env("AVIARY_SANDBOX_LISTEN", "off")
            .env("AVIARY_DATA_DIR", folder)
            .env("AVIARY_DATABASE", database)
            .env("AVIARY_LOG", "debug")
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_from_outside_makes_a_line_of_its_own_in_the_log() {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let system = Viewer::system("test");
    teams::create(&house, &system, "Security").await.unwrap();
    let key = api_keys::create(&house, &system, "test", "admin", "").await.unwrap().secret.expose().to_owned();
    let (port, database) = (house.config.listen.port(), house.config.database.expose_secret().to_owned());
    house.store.close().await;
    drop(house);

    let log = folder.path().join("aviary.log");
    let program = Program::start(folder.path(), &database, port, &log);
    let url = format!("http://127.0.0.1:{port}");
    let (api, stranger) = (Caller::with_key(&format!("{url}/api/v1"), &key), Caller::at(&url));
    until("the program listens", async || stranger.try_get("/healthz").await.is_some()).await;

    let adopted = json!({ "access_key_id": "AKIAWATCHED000000001", "location": "here", "owner": "ana" });
    assert_eq!(api.json(Method::POST, "/tokens/adopt", &adopted).await.status, StatusCode::CREATED);
    let record = forged("AKIAWATCHED000000001", &format!("e{LINE}"), LINE);
    assert_eq!(api.json(Method::POST, "/ingest/cloudtrail", &record).await.status, StatusCode::OK);
    // A record that cannot be read, a body that is no JSON, a message of SNS that is none, a call of nobody's,
    api.json(Method::POST, "/ingest/cloudtrail", &json!([LINE, { "eventTime": LINE }])).await;
    api.send(Method::POST, "/ingest/cloudtrail", &[], format!("{{\"eventName\": {LINE}").into_bytes()).await;
    let topic = format!("arn:aws:sns:eu-west-1:111122223333:{LINE}");
    let message = json!({
        "Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": LINE, "Subject": LINE,
        "Timestamp": LINE, "SignatureVersion": "2", "Signature": "AAAA",
        "SigningCertURL": format!("https://sns.eu-west-1.amazonaws.com/{LINE}"),
    });
    stranger.json(Method::POST, "/ingest/sns", &message).await;
    let encoded = percent_encoding::utf8_percent_encode(LINE, percent_encoding::NON_ALPHANUMERIC).to_string();
    stranger.json(Method::POST, &format!("/api/v1/hooks/jira/{encoded}"), &json!({})).await;
    // an address, and a form.
    stranger.get(&format!("/{encoded}?next={encoded}")).await;
    stranger.form("/sign-in", &[("email", LINE), ("password", LINE), ("next", LINE)]).await;

    let read = || std::fs::read_to_string(&log).unwrap();
    until("the log has some of it", async || read().contains("FORGED")).await;
    drop(program);
    let log = read();
    for line in log.lines() {
        assert!(line.starts_with("20"), "this line is nobody's: {line:?}");
        assert!(!line.contains(misleads), "this line is not what it looks like: {line:?}");
    }
    assert!(log.contains("\\nFORGED"), "and it is told what was tried: {log}");
}

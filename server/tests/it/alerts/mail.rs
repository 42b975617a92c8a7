//! Mail: the link that confirms an address, and alerts, through a real mail server and into files.

use super::{again, delivered, destination, hit, later, subscribe, text};
use crate::{
    house::{Folder, TestHouse},
    skipped::skipped,
};
use app::model::moment::{DAY, SECOND};
use axum::http::{Method, StatusCode};
use serde_json::json;
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A mail server that keeps what it gets; PyPI's aiosmtpd.
struct Sink {
    child: Child,
    port: u16,
    folder: Folder,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sink {
    /// `None` where the tests have no Python with aiosmtpd, which is said.
    fn start() -> Option<Self> {
        let Ok(venv) = std::env::var("AVIARY_TEST_VENV") else {
            skipped("mail to a real server needs AVIARY_TEST_VENV, a Python venv with aiosmtpd");
            return None;
        };
        let folder = Folder::new();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/smtp_sink.py");
        let mut child = Command::new(format!("{venv}/bin/python"))
            .arg(script)
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("aiosmtpd is in the venv, and its server says its port");
        Some(Self { child, port, folder })
    }
}

/// The mails in a folder, in the order in which they came, with quoted-printable undone.
pub fn mails(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "eml"));
    files.sort();
    files.iter().map(|file| unquoted(&std::fs::read_to_string(file).unwrap())).collect()
}

fn unquoted(mail: &str) -> String {
    let mail = mail.replace("\r\n", "\n").replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = mail.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The path of the confirmation link in a mail.
fn link(mail: &str) -> String {
    let at = mail.find("/confirm/").expect("the mail has a link");
    mail[at..].split(|c: char| c.is_whitespace() || c == '"').next().unwrap().to_owned()
}

async fn story(house: &TestHouse, folder: &Path) {
    let made = destination(house, "email", "ops@example.com").await;
    assert_eq!((text(&made["state"]), made.get("secret")), ("unconfirmed", None));
    let token = house.mint("laptop of ana").await;
    subscribe(house, &made, &token).await;
    hit(house, &token, "e-0").await;

    let asked = mails(folder);
    assert_eq!(asked.len(), 1, "nothing but the question goes to an unconfirmed address");
    assert!(asked[0].contains("Subject: Confirm this address for alerts"), "{}", asked[0]);
    let stranger = house.browser();
    let path = link(&asked[0]);
    // Following the link changes nothing: programs that look at mail do that.
    let page = stranger.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("ops@example.com"), "{}", page.text);
    assert_eq!(again(house, &made).await["state"], "unconfirmed");
    let done = stranger.form(&path, &[]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, &*format!("{path}?done=confirmed")));
    assert_eq!(again(house, &made).await["state"], "confirmed");
    assert_eq!(stranger.form(&path, &[]).await.status, StatusCode::NOT_FOUND, "a link works once");

    hit(house, &token, "e-1").await;
    delivered(house, &made, "sent", 1).await;
    house.until("the alert arrives", || async { mails(folder).len() == 2 }).await;
    let alert = mails(folder).pop().unwrap();
    for needed in [
        "To: ops@example.com",
        "Subject: The key in laptop of ana was used: GetCallerIdentity from",
        "Auto-Submitted: auto-generated",
        "Planted in",
        "203.0.113.7",
        "aws-cli/2.15",
        "refused (AccessDenied)",
        text(&token["access_key_id"]),
        &format!("{}/tokens/{}", house.url, text(&token["id"])),
        "text/html",
    ] {
        assert!(alert.contains(needed), "{needed} is not in:\n{alert}");
    }
    assert!(!alert.contains(text(&token["secret_access_key"])));
}

#[tokio::test]
async fn an_address_is_confirmed_by_its_link_and_alerted_by_mail() {
    let Some(sink) = Sink::start() else { return };
    let house = TestHouse::with(&[("AVIARY_SMTP_URL", &format!("smtp://127.0.0.1:{}", sink.port))]).await;
    story(&house, sink.folder.path()).await;
}

#[tokio::test]
async fn without_a_mail_server_the_same_mails_are_files() {
    let house = TestHouse::start().await;
    story(&house, &house.folder.path().join("mail")).await;
}

#[tokio::test]
async fn a_mailbox_that_is_busy_is_tried_again_and_one_that_is_gone_is_not() {
    let Some(sink) = Sink::start() else { return };
    let house = TestHouse::with(&[("AVIARY_SMTP_URL", &format!("smtp://127.0.0.1:{}", sink.port))]).await;
    let busy = destination(&house, "email", "busy@example.com").await;
    assert!(text(&busy["last_error"]).contains("mailbox busy"), "{busy}");
    let again_path = format!("/destinations/{}/confirm", text(&busy["id"]));
    let asked = house.api().json(Method::POST, &again_path, &json!({})).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.body()["last_error"].is_null());
    assert_eq!(house.api().json(Method::POST, &again_path, &json!({})).await.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.advance(11 * SECOND);
    assert_eq!(house.api().json(Method::POST, &again_path, &json!({})).await.status, StatusCode::OK);
    let [first, second] = &mails(sink.folder.path())[..] else { panic!("two mails were taken") };
    let browser = house.browser();
    assert_eq!(browser.form(&link(first), &[]).await.status, StatusCode::NOT_FOUND, "only the latest link works");
    assert_eq!(browser.form(&link(second), &[]).await.status, StatusCode::SEE_OTHER);

    let gone = destination(&house, "email", "gone@example.com").await;
    assert!(text(&gone["last_error"]).contains("no such mailbox"), "{gone}");
    // Somebody confirmed it before the mailbox went away.
    confirm(&house, &gone).await;
    let test = format!("/destinations/{}/test", text(&gone["id"]));
    assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::ACCEPTED);
    let dead = delivered(&house, &gone, "dead", 1).await;
    assert_eq!(dead["attempts"][0]["status"], 550);
    let now = again(&house, &gone).await;
    assert_eq!(now["state"], "confirmed", "one refusal is none of all alerts");
    assert!(text(&now["last_error"]).contains("no such mailbox"), "{now}");
}

pub(super) async fn confirm(house: &TestHouse, destination: &serde_json::Value) {
    let id = text(&destination["id"]).into();
    let mut tx = house.house.store.begin().await.unwrap();
    aviary::store::alerts::destinations::confirm(&mut tx, &id, house.house.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_mail_server_that_is_away_costs_no_alert() {
    let Some(sink) = Sink::start() else { return };
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let house = TestHouse::with(&[("AVIARY_SMTP_URL", &format!("smtp://127.0.0.1:{port}"))]).await;
    let made = destination(&house, "email", "ops@example.com").await;
    assert!(text(&made["last_error"]).starts_with("The mail was not sent"), "{made}");
    confirm(&house, &made).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "waiting", 1).await;
    // It comes back.
    let bridge = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let to = sink.port;
    tokio::spawn(async move {
        while let Ok((mut from, _)) = bridge.accept().await {
            let mut to = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut from, &mut to).await });
        }
    });
    later(&house, 10 * SECOND);
    delivered(&house, &made, "sent", 2).await;
    assert_eq!(mails(sink.folder.path()).len(), 1);
}

#[tokio::test]
async fn a_link_that_is_too_old_confirms_nothing() {
    let house = TestHouse::start().await;
    let made = destination(&house, "email", "ops@example.com").await;
    let path = link(&mails(&house.folder.path().join("mail"))[0]);
    house.clock.advance(8 * DAY);
    let page = house.browser().get(&path).await;
    assert!(page.text.contains("older than seven days"), "{}", page.text);
    assert_eq!(house.browser().form(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(again(&house, &made).await["state"], "unconfirmed");
}

#[tokio::test]
async fn nobody_can_flood_strangers_with_questions() {
    let house = TestHouse::start().await;
    let caller = house.api_as(&house.key("placer", "Security").await);
    for n in 0..21 {
        let body = json!({ "kind": "email", "address": format!("stranger{n}@example.com") });
        let answer = caller.json(Method::POST, "/destinations", &body).await;
        let expected = if n < 20 { StatusCode::CREATED } else { StatusCode::CONFLICT };
        assert_eq!(answer.status, expected, "{}", answer.text);
    }
    assert_eq!(mails(&house.folder.path().join("mail")).len(), 20);
}

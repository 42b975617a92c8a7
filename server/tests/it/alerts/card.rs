//! The card: what an alert says, and where the files of the operator say that an address is.

use super::{destination, hit, receiver::Receiver, subscribe, text};
use crate::{
    house::{Folder, TestHouse},
    mmdb::{self, Said},
};
use app::model::{moment::SECOND, viewer::Role};
use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

const NETWORK: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 0);

fn country(folder: &Path, code: &'static str) -> PathBuf {
    let said = Said::Map(vec![("country", Said::Map(vec![("iso_code", Said::Text(code))]))]);
    let path = folder.join("country.mmdb");
    std::fs::write(&path, mmdb::file(NETWORK, 24, &said)).unwrap();
    path
}

fn network(folder: &Path) -> PathBuf {
    let said = Said::Map(vec![
        ("autonomous_system_number", Said::Number(64_500)),
        ("autonomous_system_organization", Said::Text("Example Carrier")),
    ]);
    let path = folder.join("asn.mmdb");
    std::fs::write(&path, mmdb::file(NETWORK, 24, &said)).unwrap();
    path
}

#[tokio::test]
async fn an_alert_says_in_plain_words_what_happened_and_from_where() {
    let folder = Folder::new();
    let files = format!("{}, {}", country(folder.path(), "NL").display(), network(folder.path()).display());
    let house = TestHouse::with(&[("AVIARY_GEOIP", &files)]).await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop of ana").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    house.until("the alert arrives", || async { receiver.seen().len() == 1 }).await;

    let card = receiver.seen()[0].json()["data"]["card"].clone();
    let sentence = text(&card["sentence"]);
    assert!(
        sentence.starts_with("The key planted in laptop of ana (owner: ana) was used from 203.0.113.7 (AS64500, NL) "),
        "{sentence}"
    );
    assert!(sentence.ends_with("14:03 UTC: sts:GetCallerIdentity, refused."), "{sentence}");
    assert_eq!(card["tools"], serde_json::json!(["AWS CLI"]));
    assert_eq!(card["facts"][0]["label"], "How sure");
    assert_eq!(card["actions"][0]["label"], "See the incident");

    let path = format!("/tokens/{}/hits", text(&token["id"]));
    let geo = || async { house.api().get(&path).await.body()["items"][0]["geo"].clone() };
    let place = |code| serde_json::json!({ "country": code, "asn": 64_500, "organisation": "Example Carrier" });
    assert_eq!(geo().await, place("NL"));
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let page = browser.get(&format!("/tokens/{}", text(&token["id"]))).await.text;
    assert!(page.contains("NL · AS64500 Example Carrier") && page.contains("AWS CLI"), "{page}");
    let incident = house.api().get("/incidents").await.body()["items"][0]["id"].clone();
    let page = browser.get(&format!("/incidents/{}", text(&incident))).await.text;
    assert!(page.contains("NL · AS64500 Example Carrier"), "{page}");

    // The operator puts another file there: it counts from the next look on, which is a minute after the one before.
    let replaced = std::fs::File::options().write(true).open(country(folder.path(), "DE")).unwrap();
    replaced.set_modified(SystemTime::now() + Duration::from_secs(5)).unwrap();
    assert_eq!(geo().await, place("NL"));
    house.clock.advance(61 * SECOND);
    assert_eq!(geo().await, place("DE"));
    // One that is damaged is not taken.
    std::fs::write(folder.path().join("country.mmdb"), "no such file").unwrap();
    house.clock.advance(61 * SECOND);
    assert_eq!(geo().await, place("DE"));
}

#[tokio::test]
async fn of_an_address_that_no_file_knows_nothing_is_said() {
    let folder = Folder::new();
    let said = Said::Map(vec![("autonomous_system_number", Said::Number(64_501))]);
    let path = folder.path().join("other.mmdb");
    std::fs::write(&path, mmdb::file(Ipv4Addr::new(198, 51, 100, 0), 24, &said)).unwrap();
    let house = TestHouse::with(&[("AVIARY_GEOIP", &path.display().to_string())]).await;
    let token = house.mint("laptop").await;
    hit(&house, &token, "e-1").await;
    let hits = house.api().get(&format!("/tokens/{}/hits", text(&token["id"]))).await.body();
    assert_eq!((text(&hits["items"][0]["source_ip"]), hits["items"][0].get("geo")), ("203.0.113.7", None));
}

#[test]
fn a_file_that_is_not_there_stops_the_start() {
    let folder = Folder::new();
    let missing = folder.path().join("nowhere.mmdb");
    let output = Command::new(env!("CARGO_BIN_EXE_aviary"))
        .arg("serve")
        .env_clear()
        .env("AVIARY_LISTEN", "127.0.0.1:0")
        .env("AVIARY_SANDBOX_LISTEN", "off")
        .env("AVIARY_DATA_DIR", folder.path())
        .env("AVIARY_GEOIP", &missing)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("AVIARY_GEOIP") && said.contains("nowhere.mmdb"), "{said}");
}

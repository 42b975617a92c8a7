//! Open pages: what they hear of what happens, from the moment on at which they were made.

use crate::house::{Caller, TestHouse};
use app::model::{
    ids::{TeamId, TokenId},
    moment::SECOND,
    viewer::{Role, Viewer},
};
use aviary::{live::HitRing, people::teams};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// More than an event takes by far.
const PATIENCE: Duration = Duration::from_secs(20);

/// Since when a page says that it is as it is.
async fn since(somebody: &Caller, path: &str) -> u64 {
    let page = somebody.get(path).await.text.replace("&quot;", "\"");
    let (_, after) = page.split_once("\"since\":").unwrap_or_else(|| panic!("no live line: {page}"));
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// The stream of events of an open page.
struct Line(BufReader<TcpStream>);

impl Line {
    async fn open(house: &TestHouse, somebody: &Caller, since: u64) -> Self {
        let address = house.house.config.listen;
        let cookie = somebody.cookie("aviary").unwrap();
        let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
        let ask = format!("GET /live?since={since} HTTP/1.1\r\nhost: {address}\r\ncookie: aviary={cookie}\r\n\r\n");
        socket.write_all(ask.as_bytes()).await.unwrap();
        let mut line = Self(socket);
        line.until(": ").await;
        line
    }

    /// The next line that begins so, without what it begins with.
    async fn until(&mut self, begins: &str) -> String {
        let mut line = String::new();
        let said = async {
            loop {
                line.clear();
                assert!(self.0.read_line(&mut line).await.unwrap() > 0, "the stream ended");
                if let Some(rest) = line.trim_end().strip_prefix(begins) {
                    return rest.to_owned();
                }
            }
        };
        // Of the whole: a line on which nothing happens says every few seconds that it is there.
        tokio::time::timeout(PATIENCE, said).await.expect("it is said in time")
    }
}

#[tokio::test]
async fn what_happens_between_a_page_and_its_line_is_not_missed() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let token = house.mint("wiki").await;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    let used = async |event: &str| {
        house.clock.advance(SECOND);
        let record = json!({
            "eventID": event, "eventTime": house.clock_now(), "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
            "userIdentity": { "type": "IAMUser", "accessKeyId": token["access_key_id"] },
        });
        let answer = house.api().json(axum::http::Method::POST, "/ingest/cloudtrail", &record).await;
        assert_eq!(answer.body()["new"], 1, "{}", answer.text);
    };

    for page in ["/", "/tokens", "/incidents", path.as_str()] {
        let before = since(&ana, page).await;
        used(&format!("while {page} is on its way")).await;
        let mut line = Line::open(&house, &ana, before).await;
        assert_eq!(line.until("event: ").await, "change", "{page} looks once more at once");

        let now = since(&ana, page).await;
        assert!(now > before);
        let mut line = Line::open(&house, &ana, now).await;
        used(&format!("while {page} is open")).await;
        assert_eq!(line.until("event: ").await, "hit", "{page} had missed nothing");
    }
}

/// Ben, who sees the keys of a team of his own only, and one of its keys.
async fn ben(house: &TestHouse) -> (Caller, HitRing) {
    let build = teams::create(&house.house, &Viewer::system("test"), "Build").await.unwrap();
    house.person("ben@example.com", "Build", Role::Viewer).await;
    (house.signed_in("ben@example.com").await, ring("of his team", &build.id))
}

fn ring(token: &str, team: &TeamId) -> HitRing {
    let (token_id, team_id) = (TokenId(token.to_owned()), team.clone());
    HitRing { token_id, team_id, hit_id: None, limited: false, drill: false }
}

#[tokio::test]
async fn of_what_somebody_may_not_see_they_are_not_even_told_that_it_happened() {
    let house = TestHouse::start().await;
    let token = house.mint("of another team").await;
    let (ben, his) = ben(&house).await;
    let before = since(&ben, "/tokens").await;
    let record = json!({
        "eventID": "e-1", "eventTime": house.clock_now(), "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
        "userIdentity": { "type": "IAMUser", "accessKeyId": token["access_key_id"] },
    });
    let answer = house.api().json(axum::http::Method::POST, "/ingest/cloudtrail", &record).await;
    assert_eq!(answer.body()["new"], 1, "{}", answer.text);
    assert_eq!(since(&ben, "/tokens").await, before);
    let mut line = Line::open(&house, &ben, before).await;
    house.house.bell.hit(his);
    assert!(line.until("data: ").await.contains("of his team"), "there was nothing before it");
}

/// More than the line of an open page holds.
const FLOOD: usize = 2_000;

#[tokio::test]
async fn who_cannot_keep_up_looks_again_unless_all_of_it_was_of_others() {
    let house = TestHouse::start().await;
    let (ben, his) = ben(&house).await;
    let mut line = Line::open(&house, &ben, since(&ben, "/tokens").await).await;
    let theirs = ring("of another team", &TeamId("another".into()));
    // All of it at once: nobody else gets a turn in between.
    for _ in 0..FLOOD {
        house.house.bell.hit(theirs.clone());
    }
    tokio::task::yield_now().await;
    house.house.bell.hit(his.clone());
    assert!(line.until("data: ").await.contains("of his team"), "what he missed was none of his");

    house.house.bell.hit(his.clone());
    for _ in 0..FLOOD {
        house.house.bell.hit(theirs.clone());
    }
    assert_eq!(line.until("data: ").await, "{}", "he looks again, whatever it was");
    house.house.bell.hit(his);
    assert!(line.until("data: ").await.contains("of his team"), "and hears on");
}

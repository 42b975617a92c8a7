//! Chat services: the code that confirms a channel, and hits told in each one's own form.

use super::{
    again, delivered, deliveries, destination, hit, hit_by, later,
    receiver::{Answer, Receiver, status},
    schema::faults,
    subscribe, subscribe_to, text,
};
use crate::house::TestHouse;
use app::model::{
    moment::{DAY, Moment, SECOND},
    viewer::Role,
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// All kinds whose address is a password.
const KINDS: [&str; 6] = ["slack", "teams", "discord", "google_chat", "mattermost", "canarytokens"];

/// What nobody would plant and anybody may send.
const NASTY: &str = "<!channel> @everyone `*x*` <https://evil.example|here> [l](https://evil.example) </b>";

async fn make(house: &TestHouse, kind: &str, url: &str) -> Value {
    let body = json!({ "kind": kind, "secret": url, "name": format!("the {kind}") });
    let answer = house.api().json(Method::POST, "/destinations", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// The code in the latest message.
fn code(receiver: &Receiver) -> String {
    let body = receiver.seen().pop().unwrap().body;
    let at = body.find(" is the code").unwrap();
    body[at - 6..at].to_owned()
}

async fn confirm(house: &TestHouse, destination: &Value, code: &str) -> crate::house::Answer {
    let path = format!("/destinations/{}/confirm", text(&destination["id"]));
    house.api().json(Method::POST, &path, &json!({ "code": code })).await
}

/// A confirmed destination of this kind, and its other end.
async fn confirmed(house: &TestHouse, kind: &str) -> (Value, Receiver) {
    let receiver = Receiver::start().await;
    let made = make(house, kind, &receiver.url).await;
    let answer = confirm(house, &made, &code(&receiver)).await;
    assert_eq!(text(&answer.body()["state"]), "confirmed", "{kind}: {}", answer.text);
    (made, receiver)
}

#[tokio::test]
async fn each_is_confirmed_by_the_code_and_told_in_its_own_form() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop of ana").await;
    for kind in KINDS {
        let receiver = Receiver::start().await;
        let made = make(&house, kind, &receiver.url).await;
        assert_eq!((text(&made["state"]), &made["awaits_code"]), ("unconfirmed", &json!(true)), "{made}");
        assert!(made.get("secret").is_none(), "nothing signs here");
        let question = receiver.seen().pop().unwrap().json();
        assert_eq!(faults(kind, &question), Vec::<String>::new(), "{kind}: {question:#}");
        assert!(
            question.to_string().contains(&format!("/destinations/{}", text(&made["id"]))),
            "a way back: {question}"
        );

        let right = code(&receiver);
        let wrong = if right == "000000" { "000001" } else { "000000" };
        assert_eq!(confirm(&house, &made, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(text(&again(&house, &made).await["state"]), "unconfirmed");
        let spaced = format!(" {} {} ", &right[..3], &right[3..]);
        assert_eq!(text(&confirm(&house, &made, &spaced).await.body()["state"]), "confirmed");
        assert_eq!(confirm(&house, &made, &right).await.status, StatusCode::CONFLICT);

        subscribe(&house, &made, &token).await;
        hit(&house, &token, &format!("e-{kind}")).await;
        delivered(&house, &made, "sent", 1).await;
        let told = receiver.seen().pop().unwrap().json();
        assert_eq!(faults(kind, &told), Vec::<String>::new(), "{kind}: {told:#}");
        let all = told.to_string();
        for part in ["laptop of ana", "203.0.113.7", "GetCallerIdentity", &format!("/tokens/{}", text(&token["id"]))] {
            assert!(all.contains(part), "{kind} says {part}: {told:#}");
        }
        assert!(!all.contains(text(&token["secret_access_key"])));
    }
}

#[tokio::test]
async fn what_comes_from_outside_means_nothing_in_any_of_them() {
    let house = TestHouse::start().await;
    let order = json!({ "location": format!("desk {NASTY}"), "owner": "ana", "notes": NASTY.repeat(45) });
    let token = house.api().json(Method::POST, "/tokens", &order).await;
    assert_eq!(token.status, StatusCode::CREATED, "{}", token.text);
    let token = token.body();
    for kind in KINDS {
        let (made, receiver) = confirmed(&house, kind).await;
        subscribe(&house, &made, &token).await;
        hit_by(&house, &token, &format!("e-{kind}"), &NASTY.repeat(100)).await;
        delivered(&house, &made, "sent", 1).await;
        let told = receiver.seen().pop().unwrap();
        let body = told.json();
        assert_eq!(faults(kind, &body), Vec::<String>::new(), "{kind}");
        let most = if kind == "teams" { 28_000 } else { 32_000 };
        assert!(told.body.len() <= most, "{kind}: {}", told.body.len());
        match kind {
            "slack" => assert!(!text(&body["text"]).contains('<') && !body["blocks"].to_string().contains("mrkdwn")),
            "teams" => assert!(!told.body.contains("\"TextBlock\"") && !told.body.contains("FactSet")),
            "discord" => {
                let embed = body["embeds"][0].to_string();
                assert!(embed.contains(r"\\@everyone") && !embed.contains(" @everyone"), "{embed}");
                assert!(!embed.contains("](https://evil"), "{embed}");
            }
            "google_chat" => assert!(!body["cardsV2"][0]["card"]["sections"].to_string().contains("</b>")),
            "mattermost" => assert!(!told.body.contains("@everyone") && !told.body.contains("https://evil")),
            // A parser of JSON takes texts as they are.
            _ => assert!(text(&body["additional_data"]["useragent"]).starts_with("<!channel>")),
        }
    }
}

#[tokio::test]
async fn a_digest_is_told_in_each_ones_own_form() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop of ana").await;
    let mut all = Vec::new();
    for kind in KINDS {
        let (made, receiver) = confirmed(&house, kind).await;
        let what = json!({ "scope": "token", "token_id": token["id"], "pace": "daily" });
        subscribe_to(&house, &made, &what).await;
        all.push((kind, made, receiver));
    }
    hit(&house, &token, "e-1").await;
    later(&house, 2 * DAY);
    aviary::alerts::digest::work_once(&house.house).await.unwrap();
    for (kind, made, receiver) in all {
        let told = delivered(&house, &made, "sent", 1).await;
        let body = receiver.seen().pop().unwrap().json();
        if kind == "canarytokens" {
            assert_eq!(
                body["additional_data"]["aviary"]["type"], "code",
                "its parsers would take it for a hit: {body}"
            );
            assert!(text(&told["attempts"][0]["detail"]).contains("uses of keys only"), "{told}");
            continue;
        }
        assert_eq!(faults(kind, &body), Vec::<String>::new(), "{kind}: {body:#}");
        assert!(
            body.to_string().contains("GetCallerIdentity") && body.to_string().contains(text(&told["id"])),
            "{body:#}"
        );
    }
}

#[tokio::test]
async fn what_is_no_use_is_told_in_each_ones_own_form() {
    let house = TestHouse::start().await;
    let mut all = Vec::new();
    for kind in KINDS.into_iter().filter(|kind| *kind != "canarytokens") {
        let (made, receiver) = confirmed(&house, kind).await;
        let what = json!({ "scope": "team", "team": "Security", "pace": "every", "kinds": ["minted"] });
        subscribe_to(&house, &made, &what).await;
        all.push((kind, made, receiver));
    }
    house.mint("laptop of ana").await;
    // Another destination of the same owner says that it is gone.
    let elsewhere = Receiver::start().await;
    let gone = destination(&house, "webhook", &elsewhere.url).await;
    elsewhere.next([status(410)]);
    let asked = house.api().json(Method::POST, &format!("/destinations/{}/test", text(&gone["id"])), &json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    for (kind, made, receiver) in all {
        house
            .until("both are told", || async {
                let log = deliveries(&house, &made).await;
                log.len() == 2 && log.iter().all(|delivery| delivery["state"] == "sent")
            })
            .await;
        let told: Vec<Value> = receiver.seen().iter().map(|seen| seen.json()).collect();
        for (what, body) in [("laptop of ana", &told[told.len() - 2]), ("the webhook", &told[told.len() - 1])] {
            assert_eq!(faults(kind, body), Vec::<String>::new(), "{kind}: {body:#}");
            assert!(body.to_string().contains(what), "{kind} says {what}: {body:#}");
        }
        let kinds: Vec<_> = deliveries(&house, &made).await.iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, ["minted", "failing"]);
    }
}

#[tokio::test]
async fn the_json_of_canarytokens_has_what_its_parsers_read() {
    let house = TestHouse::start().await;
    let (made, receiver) = confirmed(&house, "canarytokens").await;
    let token = house.mint("laptop of ana").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    let told = receiver.seen().pop().unwrap().json();
    assert_eq!((text(&told["channel"]), text(&told["token_type"])), ("HTTP", "aws_keys"));
    assert_eq!((text(&told["memo"]), text(&told["src_ip"])), ("laptop of ana", "203.0.113.7"));
    assert_eq!(text(&told["time"]), "2026-11-21 14:03:09 (UTC)");
    assert_eq!(told["manage_url"], format!("{}/tokens/{}", house.url, text(&token["id"])));
    let more = &told["additional_data"];
    assert_eq!((text(&more["useragent"]), text(&more["src_ip"])), ("aws-cli/2.15", "203.0.113.7"));
    assert_eq!((text(&more["time_ymd"]), text(&more["time_hm"])), ("2026/11/21", "14:03"));
    assert_eq!(more["aws_key_log_data"]["eventName"], json!(["GetCallerIdentity"]));
}

#[tokio::test]
async fn ten_wrong_codes_are_enough() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = make(&house, "slack", &receiver.url).await;
    let right = code(&receiver);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for typed in ["12345", "1234567", "abcdef", "１２３４５６"] {
        assert_eq!(confirm(&house, &made, typed).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
    }
    for _ in 0..10 {
        assert_eq!(confirm(&house, &made, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Not even the right one, and not after another message either.
    assert_eq!(confirm(&house, &made, &right).await.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.advance(30 * SECOND);
    assert_eq!(confirm(&house, &made, "").await.status, StatusCode::OK);
    assert_eq!(confirm(&house, &made, &code(&receiver)).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(text(&again(&house, &made).await["state"]), "unconfirmed");
}

#[tokio::test]
async fn another_message_has_another_code_and_each_is_good_for_a_day() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    receiver.next([status(500)]);
    let made = make(&house, "discord", &receiver.url).await;
    let unsent = code(&receiver);
    assert_eq!((text(&made["last_error"]), &made["awaits_code"]), ("It answered 500.", &json!(false)));
    assert_eq!(confirm(&house, &made, &unsent).await.status, StatusCode::CONFLICT, "it was not accepted");

    // What failed may be sent again at once, what was sent may not.
    assert_eq!(confirm(&house, &made, "").await.body()["awaits_code"], json!(true));
    let first = code(&receiver);
    assert_eq!(confirm(&house, &made, "").await.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.advance(DAY);
    assert_eq!(confirm(&house, &made, &first).await.status, StatusCode::CONFLICT, "it is too old");
    assert_eq!(confirm(&house, &made, "").await.status, StatusCode::OK);
    let second = code(&receiver);
    // One in a million is the same again.
    if first != second {
        assert_eq!(confirm(&house, &made, &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(confirm(&house, &made, &second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_is_a_password_is_seen_by_its_owners_and_nobody_else() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let owner = house.api_as(&house.key("placer", "Security").await);
    let mate = house.api_as(&house.key("viewer", "Security").await);
    for kind in KINDS {
        let body = json!({ "kind": kind, "secret": receiver.url });
        let made = owner.json(Method::POST, "/destinations", &body).await;
        assert!(!made.text.contains("s3cret"), "{}", made.text);
        let made = made.body();
        let masked = receiver.url.replace("hook?key=s3cret", "…");
        assert_eq!(text(&made["address"]), masked);
        let path = format!("/destinations/{}", text(&made["id"]));
        for reader in [&owner, &mate, &house.api()] {
            assert!(!reader.get(&path).await.text.contains("s3cret"));
        }
        let reveal = format!("{path}/reveal");
        assert_eq!(mate.json(Method::POST, &reveal, &json!({})).await.status, StatusCode::FORBIDDEN);
        for reader in [&owner, &house.api()] {
            assert_eq!(reader.json(Method::POST, &reveal, &json!({})).await.body()["address"], receiver.url);
        }
        // Pages of errors repeat where they stand.
        let code = code(&receiver);
        receiver.next([Answer::Status(404, "", "Cannot POST /hook?key=s3cret".into())]);
        house.clock.advance(30 * SECOND);
        let failed = confirm(&house, &made, "").await;
        assert!(text(&failed.body()["last_error"]).contains("Cannot POST /hook?key=…"), "{}", failed.text);
        assert_eq!(confirm(&house, &made, &code).await.status, StatusCode::CONFLICT);
        assert_eq!(confirm(&house, &made, "").await.status, StatusCode::OK);
        let code = self::code(&receiver);
        let answer = mate.json(Method::POST, &format!("{path}/confirm"), &json!({ "code": code })).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(confirm(&house, &made, &code).await.status, StatusCode::OK);
    }
    // The folder holds the database and its log, the sealing key, and mails.
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            let bytes = std::fs::read(&file).unwrap();
            assert!(!bytes.windows(6).any(|some| some == b"s3cret"), "{} holds it", file.display());
        }
    }
}

#[tokio::test]
async fn what_a_service_says_decides_what_comes_next() {
    let house = TestHouse::start().await;
    let say = |status, body: &str| Answer::Status(status, "", body.to_owned());
    let limited = r#"{"message": "You are being rate limited.", "retry_after": 120.5, "global": false}"#;
    for (kind, answer, state) in [
        ("slack", say(404, "channel_is_archived"), "dead"),
        ("slack", say(403, "invalid_token"), "dead"),
        ("slack", say(500, "rollup_error"), "waiting"),
        ("discord", say(404, r#"{"message": "Unknown Webhook", "code": 10015}"#), "dead"),
        ("discord", say(404, "<html>the proxy is away</html>"), "waiting"),
        ("discord", say(429, limited), "waiting"),
        ("teams", say(404, r#"{"error":{"code":"WorkflowNotFound"}}"#), "dead"),
        ("teams", say(400, r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#), "waiting"),
        ("google_chat", say(404, r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#), "dead"),
        ("google_chat", say(429, r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}"#), "waiting"),
        ("mattermost", say(400, r#"{"id":"web.incoming_webhook.invalid.app_error"}"#), "dead"),
        ("mattermost", say(503, "starting"), "waiting"),
        ("canarytokens", say(410, ""), "dead"),
    ] {
        let (made, receiver) = confirmed(&house, kind).await;
        let at = house.clock_now();
        let asks = format!("{answer:?}").contains("retry_after");
        receiver.next([answer]);
        let test = format!("/destinations/{}/test", text(&made["id"]));
        assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::ACCEPTED);
        let tried = delivered(&house, &made, state, 1).await;
        if asks {
            let due = Moment::parse(text(&tried["next_attempt_at"])).unwrap().since(at);
            assert_eq!(due, 120_500, "it asked for that");
        }
        if state == "waiting" {
            later(&house, 200 * SECOND);
            delivered(&house, &made, "sent", 2).await;
        }
    }
}

#[tokio::test]
async fn the_console_makes_confirms_and_reveals_without_a_script() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let page = ana.get("/destinations/new").await.text;
    for kind in KINDS {
        assert!(page.contains(&format!("/destinations/new?kind={kind}")), "{kind}");
    }
    let page = ana.get("/destinations/new?kind=slack").await.text;
    assert!(page.contains("hooks.slack.com") && page.contains("name=\"secret\"") && !page.contains("name=\"address\""));

    let wrong = ana.form("/destinations/new", &[("kind", "slack"), ("secret", "hooks"), ("name", "Ops")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("Expected an address that begins with https://") && wrong.text.contains("value=\"Ops\"")
    );
    let made = ana.form("/destinations/new", &[("kind", "slack"), ("secret", &receiver.url), ("name", "Ops")]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert!(made.text.contains("name=\"code\"") && !made.text.contains("s3cret"));

    let all = house.api().get("/destinations").await.body();
    let id = text(&all["items"][0]["id"]).to_owned();
    let here = format!("/destinations/{id}");
    let refused = ana.form(&format!("{here}/code"), &[("code", "12")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Expected the six digits") && refused.text.contains("value=\"12\""));
    let right = code(&receiver);
    let done = ana.form(&format!("{here}/code"), &[("code", &right)]).await;
    assert_eq!(
        (done.status, done.header("location")),
        (StatusCode::SEE_OTHER, format!("{here}?done=confirmed").as_str())
    );
    assert!(!ana.get(&here).await.text.contains("name=\"code\""), "it is confirmed");

    assert!(!ana.get(&here).await.text.contains("s3cret"));
    assert!(ana.form(&format!("{here}/reveal"), &[]).await.text.contains("key=s3cret"));
    assert!(deliveries(&house, &json!({ "id": id })).await.is_empty(), "a question is no alert");
}

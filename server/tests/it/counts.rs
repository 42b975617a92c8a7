//! The numbers of tokens by state: kept in memory, and never behind what this house did.

use crate::house::{Folder, TestHouse};
use app::model::{
    hit::Source,
    moment::{DAY, SECOND},
    token::{TokenForm, TokenQuery, TokenState},
    viewer::{Role, Viewer},
};
use aviary::{hits::record::Record, house::House, intake, people::teams, tokens};
use axum::http::Method;
use secrecy::ExposeSecret as _;
use serde_json::json;

/// What the numbers are to be: the tokens themselves, counted.
async fn tally(house: &House, viewer: &Viewer) -> Vec<(TokenState, i64)> {
    let query = TokenQuery { limit: 100, ..TokenQuery::default() };
    let tokens = tokens::list::list(house, viewer, &query).await.unwrap().items;
    let of = |state| i64::try_from(tokens.iter().filter(|token| token.state == state).count()).unwrap();
    TokenState::ALL.into_iter().map(|state| (state, of(state))).filter(|(_, tokens)| *tokens > 0).collect()
}

async fn numbers(house: &House, viewer: &Viewer) -> Vec<(TokenState, i64)> {
    let counts = tokens::list::counts(house, viewer).await.unwrap();
    let numbers: Vec<_> =
        TokenState::ALL.into_iter().map(|state| (state, counts.of(state))).filter(|(_, tokens)| *tokens > 0).collect();
    assert_eq!(counts.total, numbers.iter().map(|(_, tokens)| tokens).sum::<i64>());
    numbers
}

#[tokio::test]
async fn the_numbers_follow_at_once_whatever_is_done() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    let same = async |what: &str| {
        let numbers = numbers(&house.house, &system).await;
        assert_eq!(numbers, tally(&house.house, &system).await, "after: {what}");
        numbers
    };
    assert_eq!(same("nothing").await, []);
    let (one, two) = (house.mint("laptop").await, house.mint("server").await);
    same("a mint").await;
    let key = "AKIAWATCHED000000001";
    let form = json!({ "access_key_id": key, "location": "elsewhere", "owner": "ana" });
    house.api().json(Method::POST, "/tokens/adopt", &form).await;
    same("an adoption").await;
    let record = |key: &str| {
        let record = json!({ "eventID": format!("e-{key}"), "userIdentity": { "accessKeyId": key } });
        vec![Record::parse(&record.to_string()).unwrap()]
    };
    intake::receive(&house.house, Source::Webhook, record(key)).await.unwrap();
    intake::receive(&house.house, Source::Webhook, record(one["access_key_id"].as_str().unwrap())).await.unwrap();
    assert!(same("hits").await.contains(&(TokenState::Triggered, 2)));
    let path = format!("/tokens/{}", two["id"].as_str().unwrap());
    let patch = json!({ "expires_at": house.clock_text(3 * DAY) });
    house.api().json(Method::PATCH, &path, &patch).await;
    assert!(same("an earlier expiry").await.contains(&(TokenState::Expiring, 1)));
    house.api().send(Method::DELETE, &path, &[], Vec::new()).await;
    assert!(same("a revocation").await.contains(&(TokenState::Revoked, 1)));
}

#[tokio::test]
async fn each_sees_the_numbers_of_their_teams() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    teams::create(&house.house, &system, "Payments").await.unwrap();
    for (team, tokens) in [("Security", 2), ("Payments", 3)] {
        for n in 0..tokens {
            let form = json!({ "location": format!("{team} {n}"), "owner": "ana", "team": team });
            house.api().json(Method::POST, "/tokens", &form).await;
        }
    }
    house.person("bob@example.com", "Payments", Role::Viewer).await;
    let page = house.signed_in("bob@example.com").await.get("/tokens").await.text;
    assert!(page.contains("3 tokens"), "{page}");
    let known = teams::list(&house.house, &system).await.unwrap();
    let known: Vec<_> = known.iter().map(|team| (team.name.as_str(), team.tokens)).collect();
    assert_eq!(known, [("Payments", 3), ("Security", 2)]);
}

#[tokio::test]
async fn what_another_process_did_shows_a_little_later() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    house.mint("laptop").await;
    let before = numbers(&house.house, &system).await;
    let folder = Folder::new();
    // Both processes are of one installation: they share the key as well.
    std::fs::copy(house.folder.path().join("sealing.key"), folder.path().join("sealing.key")).unwrap();
    let same_database = [("AVIARY_DATABASE", house.house.config.database.expose_secret())];
    let (other, _) = TestHouse::build(&folder, &same_database, house.clock_now()).await;
    let form = TokenForm { access_key_id: "AKIAWATCHED000000001".into(), location: "x".into(), ..TokenForm::default() };
    tokens::adopt::adopt(&other, &system, &form).await.unwrap();
    assert_eq!(numbers(&other, &system).await, tally(&house.house, &system).await);
    assert_eq!(numbers(&house.house, &system).await, before, "numbers are believed for a while");
    house.clock.advance(6 * SECOND);
    assert_eq!(numbers(&house.house, &system).await, tally(&house.house, &system).await);
}

#[tokio::test]
async fn a_search_is_counted_by_its_own_tokens() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    let laptop = house.mint("laptop").await;
    house.mint("laptop of a guest").await;
    house.mint("server").await;
    let key = laptop["access_key_id"].as_str().unwrap();
    let record = json!({ "eventID": "e-1", "userIdentity": { "accessKeyId": key } });
    intake::receive(&house.house, Source::Webhook, vec![Record::parse(&record.to_string()).unwrap()]).await.unwrap();

    let of = async |query: TokenQuery| tokens::list::counts_of(&house.house, &system, &query).await.unwrap();
    let laptops = || TokenQuery { q: "Laptop".into(), ..TokenQuery::default() };
    let counts = of(laptops()).await;
    assert_eq!((counts.total, counts.of(TokenState::Triggered)), (2, 1));
    let triggered = of(TokenQuery { state: Some(TokenState::Triggered), ..laptops() }).await;
    assert_eq!(triggered.by_state, counts.by_state, "each state is told, whichever is chosen");
    assert_eq!(of(TokenQuery { team: "nobody's".into(), ..TokenQuery::default() }).await.total, 0);
    assert_eq!(
        of(TokenQuery { team: " ".into(), ..TokenQuery::default() }).await.total,
        0,
        "as the list, which is empty"
    );
    assert_eq!(of(TokenQuery::default()).await.total, 3);

    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let page = browser.get("/tokens?q=laptop").await.text;
    let tabs = page.split("aria-label=\"State\"").nth(1).unwrap().split("</nav>").next().unwrap();
    let numbers: Vec<&str> = tabs.split("class=\"count\"").skip(1).collect();
    assert_eq!(numbers.len(), 3, "all, triggered and one more state: {tabs}");
    assert!(numbers[0].contains('2'), "{tabs}");
}

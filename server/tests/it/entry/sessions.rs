//! Sessions: how long they last, when their code changes, where they are, and how they are ended.

use crate::{
    alerts::mail::mails,
    house::{Answer, Caller, PASSWORD, TestHouse},
};
use app::model::{
    moment::{MINUTE, SECOND},
    viewer::Role,
};
use axum::http::{Method, StatusCode};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
    Version/26.0 Safari/605.1.15";

/// A browser of this make, in which this person has signed in.
async fn signed_in_with(house: &TestHouse, email: &str, agent: &str) -> Caller {
    let browser = house.browser();
    let fields = [("email", email), ("password", PASSWORD)];
    let answer = browser.form_with("/sign-in", &fields, &[("user-agent", agent)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    browser
}

async fn is_in(browser: &Caller) -> bool {
    match browser.get("/tokens").await.status {
        StatusCode::OK => true,
        StatusCode::SEE_OTHER => false,
        other => panic!("{other}"),
    }
}

/// The addresses that end sessions, in the order of the page.
fn ends(page: &Answer) -> Vec<String> {
    let starts = page.text.split("action=\"/settings/sessions/").skip(1);
    let paths = starts.map(|rest| format!("/settings/sessions/{}", rest.split('"').next().unwrap()));
    paths.filter(|path| path.ends_with("/end")).collect()
}

#[tokio::test]
async fn a_session_ends_when_it_rests_and_at_the_latest_after_its_longest_time() {
    let house = TestHouse::with(&[("AVIARY_SESSION_IDLE", "1h"), ("AVIARY_SESSION_MAX", "3h")]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let (used, rests) = (house.signed_in("ana@example.com").await, house.signed_in("ana@example.com").await);
    for _ in 0..3 {
        house.clock.advance(59 * MINUTE);
        assert!(is_in(&used).await);
    }
    assert!(!is_in(&rests).await, "nobody has used it for an hour");
    house.clock.advance(4 * MINUTE);
    assert!(!is_in(&used).await, "three hours are over, however much it was used");
    assert!(used.cookie("aviary").is_some(), "its browser still has the code, which opens nothing");
}

#[tokio::test]
async fn signing_in_again_leaves_no_older_code_good() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let thief = browser.thief();
    browser.form("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_ne!(browser.cookie("aviary"), thief.cookie("aviary"));
    assert!(is_in(&browser).await && !is_in(&thief).await);
}

#[tokio::test]
async fn a_new_role_gives_the_session_a_new_code_and_takes_its_proof_back() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("ben@example.com", "Security", Role::Viewer).await;
    let (ana, ben) = (house.signed_in("ana@example.com").await, house.signed_in("ben@example.com").await);
    let thief = ben.thief();
    assert_eq!(ben.get("/tokens/new").await.status, StatusCode::FORBIDDEN);
    let path = format!("/settings/people/{}/role", house.id_of("ben@example.com").await);
    let done = ana.form(&path, &[("team", "Security"), ("role", "placer")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let next = ben.get("/tokens/new").await;
    assert_eq!(next.status, StatusCode::OK, "the role holds at once, and nobody is signed out");
    assert!(next.header("set-cookie").starts_with("aviary="), "{}", next.header("set-cookie"));
    assert!(next.header("set-cookie").contains("HttpOnly"));
    assert_ne!(ben.cookie("aviary"), thief.cookie("aviary"));
    assert_eq!(ben.get("/tokens").await.header("set-cookie"), "", "once is enough");

    // Requests that were under way bring the former code; a moment later it opens nothing.
    let late = thief.get("/tokens").await;
    assert_eq!((late.status, late.header("set-cookie")), (StatusCode::OK, ""), "and it never gets the new one");
    house.clock.advance(61 * SECOND);
    assert!(!is_in(&thief).await && is_in(&ben).await);

    let token = house.mint("a laptop").await;
    let secret = format!("/tokens/{}/secret", token["id"].as_str().unwrap());
    let done = ana.form(&path, &[("team", "Security"), ("role", "admin")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let refused = ben.form(&secret, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Confirm that it is you"), "whoever got more rights shows first that it is them");
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_ends_it_there() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("ben@example.com", "Security", Role::Viewer).await;
    let here = signed_in_with(&house, "ana@example.com", FIREFOX).await;
    let there = signed_in_with(&house, "ana@example.com", SAFARI).await;
    let ben = house.signed_in("ben@example.com").await;

    let page = here.get("/settings").await;
    for needed in ["Where you are signed in", "Firefox on Linux", "Safari on macOS", "127.0.0.1", "This one"] {
        assert!(page.text.contains(needed), "{needed}: {}", page.text);
    }
    let [end] = &ends(&page)[..] else { panic!("one of two can be ended here: {}", page.text) };
    assert_eq!(ben.form(end, &[]).await.status, StatusCode::NOT_FOUND, "it is not theirs");
    assert!(is_in(&there).await);
    let done = here.form(end, &[]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/settings?done=ended"));
    assert!(is_in(&here).await && !is_in(&there).await);
    assert_eq!(here.form(end, &[]).await.status, StatusCode::NOT_FOUND, "it is ended already");
    assert!(!here.get("/settings").await.text.contains("Sign out everywhere else"));

    let others = [signed_in_with(&house, "ana@example.com", SAFARI).await, house.signed_in("ana@example.com").await];
    assert!(here.get("/settings").await.text.contains("Sign out everywhere else"));
    let done = here.form("/settings/sessions/end-others", &[]).await;
    assert_eq!(done.header("location"), "/settings?done=ended-others");
    assert!(is_in(&here).await && is_in(&ben).await);
    for other in &others {
        assert!(!is_in(other).await);
    }
}

#[tokio::test]
async fn an_admin_signs_somebody_out_everywhere() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("ben@example.com", "Security", Role::Viewer).await;
    let ana = house.signed_in("ana@example.com").await;
    let bens = [house.signed_in("ben@example.com").await, house.signed_in("ben@example.com").await];
    let path = format!("/settings/people/{}/sign-out", house.id_of("ben@example.com").await);
    let of_ana = format!("/settings/people/{}/sign-out", house.id_of("ana@example.com").await);
    assert_eq!(bens[0].form(&of_ana, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(ana.get("/settings/people").await.text.contains(&path), "the page offers it");
    let done = ana.form(&path, &[]).await;
    assert_eq!(done.header("location"), "/settings/people?done=ended-all");
    assert!(!is_in(&bens[0]).await && !is_in(&bens[1]).await && is_in(&ana).await);
    let log = ana.get("/settings/audit?act=session.end").await.text;
    assert!(log.contains("ben@example.com") && log.contains("all 2"), "{log}");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_changes_this_one() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let (here, there) = (house.signed_in("ana@example.com").await, house.signed_in("ana@example.com").await);
    let thief = here.thief();
    let new = "walnut drawer 7 kettle";
    let wrong = here.form("/settings/password", &[("current", "not this one at all"), ("new", new)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(is_in(&thief).await && is_in(&there).await);
    let done = here.form("/settings/password", &[("current", PASSWORD), ("new", new)]).await;
    assert_eq!(done.header("location"), "/settings?done=password-changed");
    assert!(is_in(&here).await && !is_in(&thief).await && !is_in(&there).await);
    let inbox = house.folder.path().join("mail");
    house.until("the mail that says so", || async { mails(&inbox).len() == 1 }).await;
    let mail = mails(&inbox).pop().unwrap();
    for needed in ["To: ana@example.com", "Your password was changed", "127.0.0.1", "/forgot"] {
        assert!(mail.contains(needed), "{needed}: {mail}");
    }
}

#[tokio::test]
async fn over_https_no_other_host_and_no_plain_connection_can_set_the_cookie() {
    let house = TestHouse::with(&[("AVIARY_BASE_URL", "https://aviary.example.com")]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.browser();
    let done = browser.form("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    let cookies: Vec<&str> = done.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        for needed in ["__Host-aviary", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(needed), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(is_in(&browser).await);
    // The name without its prefix is not looked at: another host could have set it.
    let plain = format!("aviary={}", browser.cookie("__Host-aviary").unwrap());
    let refused = house.browser().send(Method::GET, "/tokens", &[("cookie", &plain)], Vec::new()).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
}

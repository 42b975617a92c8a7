//! The second step at the door: codes from an app, recovery codes, who has to have them, and who takes them away.

use crate::house::{Answer, Caller, PASSWORD, TestHouse};
use app::model::{
    moment::{MINUTE, SECOND},
    viewer::{Role, Viewer},
};
use aviary::people::{persons, totp};
use axum::http::StatusCode;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// An app that knows somebody's secret.
struct App(Vec<u8>);

impl App {
    /// The code of the step that lies this many steps after the current one.
    fn code(&self, house: &TestHouse, later: i64) -> String {
        totp::code(&self.0, totp::step_of(house.clock_now()) + later)
    }
}

/// Sets up an app for whoever is signed in; the app, and the recovery codes that were shown.
async fn set_up(house: &TestHouse, browser: &Caller) -> (App, Vec<String>) {
    let begun = browser.form("/settings/second", &[]).await;
    assert_eq!((begun.status, begun.header("location")), (StatusCode::SEE_OTHER, "/settings/second"));
    let page = browser.get("/settings/second").await;
    let shown = page.text.split("?secret=").nth(1).expect("the link for the app is shown");
    let secret: String = shown.chars().take_while(char::is_ascii_alphanumeric).collect();
    assert!(page.text.contains(&totp::in_groups(&secret)), "{}", page.text);
    let app = App(totp::from_text(&secret).unwrap());
    let done = browser.form("/settings/second/confirm", &[("code", &app.code(house, 0))]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    (app, recovery_codes(&done))
}

/// The recovery codes that a page shows.
pub(super) fn recovery_codes(page: &Answer) -> Vec<String> {
    let shown = page.text.split("<pre").nth(1).and_then(|rest| rest.split("</pre>").next()).expect("codes are shown");
    // What follows the text may be a mark of the page's.
    let shown = shown.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let codes: Vec<String> = shown.lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    codes
}

/// The first step: a right password that is not enough.
pub(super) async fn first_step(house: &TestHouse, email: &str) -> Caller {
    let browser = house.browser();
    let answer = browser.form("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(answer.header("location").starts_with("/sign-in/second"), "{}", answer.header("location"));
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER, "the password alone opens nothing");
    browser
}

/// The second step.
pub(super) async fn second_step(browser: &Caller, code: &str) -> StatusCode {
    browser.form("/sign-in/second", &[("code", code)]).await.status
}

/// Waits for a mail to this address that holds these words.
pub(super) async fn mailed(house: &TestHouse, to: &str, words: &str) {
    let folder = house.folder.path().join("mail");
    house
        .until(words, || async {
            let all = crate::alerts::mail::mails(&folder);
            all.iter().any(|mail| mail.contains(&format!("To: {to}")) && mail.contains(words))
        })
        .await;
}

#[tokio::test]
async fn a_code_from_the_app_is_asked_for_after_the_password_and_is_taken_once() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    let (app, _) = set_up(&house, &house.signed_in(ANA).await).await;
    mailed(&house, ANA, "Subject: Codes from an app are on").await;

    let browser = first_step(&house, ANA).await;
    assert_eq!(second_step(&browser, &app.code(&house, 0)).await, StatusCode::UNPROCESSABLE_ENTITY, "it was used");
    house.clock.advance(30 * SECOND);
    let code = app.code(&house, 0);
    let done = browser.form("/sign-in/second", &[("code", &code), ("next", "/tokens")]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/tokens"), "{}", done.text);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::OK);

    let thief = first_step(&house, ANA).await;
    assert_eq!(second_step(&thief, &code).await, StatusCode::UNPROCESSABLE_ENTITY, "a code is good once");
    assert_eq!(
        second_step(&thief, &app.code(&house, -1)).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "so is what was before"
    );
    assert_eq!(second_step(&thief, &app.code(&house, 2)).await, StatusCode::UNPROCESSABLE_ENTITY, "it is too early");
    assert_eq!(second_step(&thief, &app.code(&house, 1)).await, StatusCode::SEE_OTHER, "clocks may differ by a step");
}

#[tokio::test]
async fn nothing_is_asked_for_before_the_app_has_proved_itself() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    let browser = house.signed_in(ANA).await;
    browser.form("/settings/second", &[]).await;
    let wrong = browser.form("/settings/second/confirm", &[("code", "000000x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.signed_in(ANA).await;
    house.clock.advance(16 * MINUTE);
    let late = browser.form("/settings/second/confirm", &[("code", "000000")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    let stale = browser.form("/settings/second", &[]).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN, "who signed in long ago proves first who they are");
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_its_owner_hears_of_it() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    let (_, codes) = set_up(&house, &house.signed_in(ANA).await).await;

    let browser = first_step(&house, ANA).await;
    assert_eq!(second_step(&browser, &codes[3].to_lowercase().replace('-', " ")).await, StatusCode::SEE_OTHER);
    mailed(&house, ANA, "Subject: A recovery code was used").await;
    assert!(browser.get("/settings").await.text.contains("9 of 10 left"));
    let again = first_step(&house, ANA).await;
    assert_eq!(second_step(&again, &codes[3]).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(second_step(&again, &codes[4]).await, StatusCode::SEE_OTHER);

    let anew = recovery_codes(&again.form("/settings/second/recovery", &[]).await);
    let last = first_step(&house, ANA).await;
    assert_eq!(second_step(&last, &codes[5]).await, StatusCode::UNPROCESSABLE_ENTITY, "new ones end the old ones");
    assert_eq!(second_step(&last, &anew[5]).await, StatusCode::SEE_OTHER);

    let log = last.get("/settings/audit").await.text;
    assert!(log.contains("with a recovery code, 9 left"), "{log}");
    assert!(codes.iter().chain(&anew).all(|code| !log.contains(code.as_str())));
}

#[tokio::test]
async fn the_second_step_waits_for_five_minutes_and_for_five_codes() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    let (app, _) = set_up(&house, &house.signed_in(ANA).await).await;
    house.clock.advance(MINUTE);

    let late = first_step(&house, ANA).await;
    house.clock.advance(5 * MINUTE);
    assert_eq!(second_step(&late, &app.code(&house, 0)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        second_step(&house.browser(), &app.code(&house, 0)).await,
        StatusCode::UNAUTHORIZED,
        "without a password"
    );

    let guessing = first_step(&house, ANA).await;
    for _ in 0..5 {
        assert_eq!(second_step(&guessing, "AAAA-AAAA-AAAA-AAAA").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(second_step(&guessing, &app.code(&house, 0)).await, StatusCode::UNAUTHORIZED, "it is worn out");
    let anew = first_step(&house, ANA).await;
    assert_eq!(second_step(&anew, &app.code(&house, 0)).await, StatusCode::TOO_MANY_REQUESTS, "and another one waits");
    house.clock.advance(MINUTE);
    assert_eq!(second_step(&anew, &app.code(&house, 0)).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_has_to_have_a_second_factor_can_do_nothing_before() {
    let house = TestHouse::with(&[("AVIARY_REQUIRE_SECOND_FACTOR", "admins")]).await;
    house.person(ANA, "", Role::Admin).await;
    house.person(BEN, "Security", Role::Viewer).await;
    assert_eq!(house.signed_in(BEN).await.get("/tokens").await.status, StatusCode::OK, "it is asked of admins alone");

    let admin = house.signed_in(ANA).await;
    for path in ["/", "/tokens", "/settings", "/settings/people", "/live"] {
        let led = admin.get(path).await;
        assert_eq!(
            (led.status, led.header("location")),
            (StatusCode::SEE_OTHER, "/settings/second?wanted=yes"),
            "{path}"
        );
    }
    let minting = admin.form("/tokens/new", &[("location", "x"), ("owner", "y")]).await;
    assert_eq!(minting.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.form("/call/people", &[]).await.status, StatusCode::FORBIDDEN);
    let page = admin.get("/settings/second?wanted=yes").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("This console asks for a second factor."), "{}", page.text);

    set_up(&house, &admin).await;
    assert_eq!(admin.get("/settings/people").await.status, StatusCode::OK);
    assert_eq!(admin.form("/settings/second/off", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.get("/settings/people").await.status, StatusCode::SEE_OTHER, "and so again without it");
}

#[tokio::test]
async fn an_admin_takes_lost_factors_away() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    house.person(BEN, "Security", Role::Viewer).await;
    let ben = house.signed_in(BEN).await;
    let (_, codes) = set_up(&house, &ben).await;
    let everybody = persons::list(&house.house, &Viewer::system("test")).await.unwrap();
    let id_of = |email: &str| everybody.iter().find(|person| person.email == email).unwrap().id.clone();
    let reset = |email: &str| format!("/settings/people/{}/second/reset", id_of(email));
    assert_eq!(ben.form(&reset(BEN), &[]).await.status, StatusCode::FORBIDDEN);

    let admin = house.signed_in(ANA).await;
    let people = admin.get("/settings/people").await.text;
    assert!(people.contains("Second factor: app") && people.contains("No second factor"), "{people}");
    assert_eq!(admin.form(&reset(ANA), &[]).await.status, StatusCode::CONFLICT, "there is none");
    assert_eq!(admin.form(&reset(BEN), &[]).await.status, StatusCode::SEE_OTHER);
    mailed(&house, BEN, "Subject: Your second factors were taken away").await;
    assert_eq!(ben.get("/tokens").await.status, StatusCode::SEE_OTHER, "they are signed out");
    let ben = house.signed_in(BEN).await;
    assert!(ben.get("/settings").await.text.contains("Set up an app"));
    assert_eq!(second_step(&ben, &codes[0]).await, StatusCode::UNAUTHORIZED, "the codes are gone as well");
    assert!(admin.get("/settings/audit").await.text.contains("the app, 0 passkeys"));
}

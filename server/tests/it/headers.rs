//! What every answer carries, scored by the rules of Mozilla's HTTP Observatory
//! (developer.mozilla.org/en-US/observatory/docs/tests_and_scoring):
//!
//! - A site begins with 100 points. Penalties are taken off first; where 90 are left, bonuses are added. 100 and more is A+.
//! - Content Security Policy: none −25; `unsafe-inline`, `data:` or everybody in `script-src` −20; `unsafe-eval` −10;
//!   sources over plain http −20; nothing unsafe +5; nothing unsafe and `default-src 'none'` +10.
//! - Cookies: none 0; each `Secure`, `HttpOnly` and with `SameSite` +5; a session's without `HttpOnly` −30, without `Secure`
//!   −40 (−10 behind HSTS); `SameSite=None` −20.
//! - Cross-origin sharing: none 0; everybody −50.
//! - Redirection and preloading are matters of whoever ends TLS, and are not scored here.
//! - Referrer-Policy: a private one (`no-referrer`, `same-origin`, `strict-origin…`) +5; none 0; an unsafe one −5.
//! - HSTS: six months and more 0; less −10; none −20. (Aviary promises two years.)
//! - Subresource integrity: scripts of one's own origin 0; of another one without a hash −5 over https, −50 over http.
//! - X-Content-Type-Options: `nosniff` 0; none −5.
//! - X-Frame-Options: by `frame-ancestors` +5; by the header alone 0; none −20.
//! - Cross-Origin-Resource-Policy: `same-origin` or `same-site` +10; none or `cross-origin` 0.

use crate::{
    house::{Answer, TestHouse},
    pages::PAGES,
};
use app::model::viewer::Role;
use axum::http::{Method, StatusCode, header};
use std::collections::{HashMap, HashSet};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

const HTTPS: (&str, &str) = ("AVIARY_BASE_URL", "https://aviary.example.com");

#[derive(Debug, Default)]
struct Score {
    penalties: i32,
    bonuses: i32,
    why: Vec<String>,
}

impl Score {
    fn of(answer: &Answer) -> Self {
        let mut score = Self::default();
        let hsts = max_age(answer.header("strict-transport-security"));
        score.policy(&directives(answer.header("content-security-policy")));
        score.cookies(answer, hsts > 0);
        match answer.header("access-control-allow-origin") {
            "" => {}
            whom => score.take(50, &format!("is shared with {whom}")),
        }
        match answer.header("referrer-policy") {
            "" => {}
            "no-referrer" | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => score.bonuses += 5,
            other => score.take(5, &format!("Referrer-Policy is {other}")),
        }
        match hsts {
            0 => score.take(20, "no HSTS"),
            seconds if seconds < 15_768_000 => score.take(10, "HSTS for less than six months"),
            _ => {}
        }
        for script in answer.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            if tag.contains("src=\"http") && !tag.contains("integrity=") {
                score.take(5, &format!("a script from elsewhere: {tag}"));
            }
        }
        if answer.header("x-content-type-options") != "nosniff" {
            score.take(5, "no nosniff");
        }
        match answer.header("cross-origin-resource-policy") {
            "same-origin" | "same-site" => score.bonuses += 10,
            _ => {}
        }
        score
    }

    fn take(&mut self, points: i32, why: &str) {
        self.penalties += points;
        self.why.push(why.to_owned());
    }

    fn policy(&mut self, policy: &HashMap<String, Vec<String>>) {
        if policy.is_empty() {
            self.take(25, "no content policy");
            self.take(20, "may be framed");
            return;
        }
        let fallback = policy.get("default-src").cloned().unwrap_or_default();
        let scripts = policy.get("script-src").unwrap_or(&fallback);
        let says = |list: &[String], word: &str| list.iter().any(|source| source == word);
        let before = self.penalties;
        if ["'unsafe-inline'", "data:", "https:", "*"].iter().any(|word| says(scripts, word)) || scripts.is_empty() {
            self.take(20, "scripts may come from anywhere");
        }
        if says(scripts, "'unsafe-eval'") {
            self.take(10, "unsafe-eval");
        }
        if policy.values().flatten().any(|source| source.starts_with("http:")) {
            self.take(20, "sources over plain http");
        }
        let objects = policy.get("object-src").unwrap_or(&fallback);
        if !says(objects, "'none'") {
            self.take(20, "objects may be loaded");
        }
        if self.penalties == before {
            let unsafe_style = policy.get("style-src").is_some_and(|list| says(list, "'unsafe-inline'"));
            self.bonuses += match (unsafe_style, says(&fallback, "'none'")) {
                (true, _) => 0,
                (false, false) => 5,
                (false, true) => 10,
            };
        }
        match policy.get("frame-ancestors") {
            Some(list) if says(list, "'none'") => self.bonuses += 5,
            _ => self.take(20, "may be framed"),
        }
    }

    fn cookies(&mut self, answer: &Answer, hsts: bool) {
        let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
        let before = self.penalties;
        for cookie in &cookies {
            let cookie = cookie.to_str().unwrap().to_lowercase();
            let flags: HashSet<&str> = cookie.split(';').skip(1).map(str::trim).collect();
            if !flags.contains("secure") {
                self.take(if hsts { 10 } else { 40 }, "a cookie over plain http");
            }
            if !flags.contains("httponly") {
                self.take(30, "a cookie that scripts can read");
            }
            if !flags.contains("samesite=lax") && !flags.contains("samesite=strict") {
                self.take(20, "a cookie for other sites");
            }
        }
        if !cookies.is_empty() && self.penalties == before {
            self.bonuses += 5;
        }
    }

    fn points(&self) -> i32 {
        let left = 100 - self.penalties;
        if left >= 90 { left + self.bonuses } else { left.max(0) }
    }
}

fn max_age(header: &str) -> i64 {
    header.split(';').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok()).unwrap_or(0)
}

fn directives(policy: &str) -> HashMap<String, Vec<String>> {
    let lists = policy.split(';').map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    lists.filter(|list| !list.is_empty()).map(|mut list| (list.remove(0), list)).collect()
}

/// The highest score that an answer can have, and what the Observatory does not look at.
fn must_be_hard(what: &str, answer: &Answer) {
    let score = Score::of(answer);
    let cookies = if answer.headers.contains_key(header::SET_COOKIE) { 5 } else { 0 };
    assert_eq!((score.points(), &score.why), (130 + cookies, &Vec::new()), "{what}: {:?}", answer.headers);
    let policy = directives(answer.header("content-security-policy"));
    assert_eq!(policy.get("base-uri"), Some(&vec!["'none'".to_owned()]), "{what}");
    assert!(policy.contains_key("form-action") && policy.contains_key("object-src"), "{what}: {policy:?}");
    assert!(max_age(answer.header("strict-transport-security")) >= 63_072_000, "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
    let permissions = answer.header("permissions-policy");
    for allowed in ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)", "camera=()"] {
        assert!(permissions.contains(allowed), "{what}: {permissions}");
    }
    assert!(answer.headers.contains_key(header::CACHE_CONTROL), "{what}");
    assert!(!answer.headers.contains_key("server") && !answer.headers.contains_key("x-powered-by"), "{what}");
}

#[tokio::test]
async fn every_page_is_as_hard_as_the_observatory_can_tell() {
    let house = TestHouse::with(&[HTTPS]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let id = house.mint("wiki").await["id"].as_str().unwrap().to_owned();
    let ana = house.signed_in("ana@example.com").await;
    let mut nonces = HashSet::new();
    let of_token = ["", "/edit", "/rotate", "/revoke", "/disable"].map(|part| format!("/tokens/{id}{part}"));
    for path in PAGES.iter().map(|path| (*path).to_owned()).chain(of_token) {
        let page = ana.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        must_be_hard(&path, &page);
        let scripts = directives(page.header("content-security-policy")).remove("script-src").unwrap();
        let nonce = scripts.iter().find_map(|source| source.strip_prefix("'nonce-")?.strip_suffix('\'')).unwrap();
        assert!(nonces.insert(nonce.to_owned()), "{path} has the nonce of another answer");
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path} has a script that would not run: {tag}");
        }
    }
}

#[tokio::test]
async fn every_other_kind_of_answer_is_as_hard() {
    let house = TestHouse::with(&[HTTPS]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let (stranger, ana) = (house.browser(), house.signed_in("ana@example.com").await);
    let wrong = [("email", "ana@example.com"), ("password", "wrong wrong wrong")];
    let right = [("email", "ana@example.com"), ("password", crate::house::PASSWORD)];
    let json = [("content-type", "application/json")];
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let api = house.api();
    let large = vec![b' '; 65 * 1024];
    let answers = [
        ("a redirect to the door", stranger.get("/tokens").await, 303),
        ("the door", stranger.get("/sign-in").await, 200),
        ("a wrong password", stranger.form("/sign-in", &wrong).await, 401),
        ("coming in", house.browser().form("/sign-in", &right).await, 303),
        ("a form that is refused", ana.form("/tokens/new", &[("location", "")]).await, 422),
        ("a page that is not there", ana.get("/nowhere").await, 404),
        ("a token that is not there", ana.get("/tokens/none").await, 404),
        ("a link that is not good", stranger.get("/join/none").await, 404),
        ("a method that no page has", ana.send(Method::PUT, "/health", &[], Vec::new()).await, 405),
        ("another site's form", ana.send(Method::POST, "/tokens/new", &elsewhere, Vec::new()).await, 403),
        ("an address that is too long", ana.get(&format!("/tokens?q={}", "x".repeat(9_000))).await, 414),
        ("a form that is too large", ana.send(Method::POST, "/tokens/new", &[], large.clone()).await, 413),
        ("a list", api.get("/tokens").await, 200),
        ("no key", house.api_as("avy_none").get("/tokens").await, 401),
        ("an operation that is not there", api.get("/nothing").await, 404),
        ("a method that the API does not have", api.send(Method::PUT, "/tokens", &[], Vec::new()).await, 405),
        ("no JSON", api.send(Method::POST, "/tokens", &json, b"{".to_vec()).await, 400),
        ("a body that is too large", api.send(Method::POST, "/tokens", &json, large).await, 413),
        ("a value that is not acceptable", api.get("/tokens?limit=none").await, 422),
        ("the document", stranger.get("/api/v1/openapi.json").await, 200),
        ("a probe", stranger.get("/healthz").await, 200),
        ("a file that is not there", stranger.get("/pkg/none.js").await, 404),
        ("what SNS would not send", stranger.send(Method::POST, "/ingest/sns", &[], b"x".to_vec()).await, 400),
        ("going out", ana.form("/sign-out", &[]).await, 303),
    ];
    for (what, answer, status) in &answers {
        assert_eq!(answer.status.as_u16(), *status, "{what}: {}", answer.text);
        must_be_hard(what, answer);
    }
    // Where the site is built, its files are served as they are.
    let favicon = stranger.get("/favicon.svg").await;
    must_be_hard("a file", &favicon);
    let come_in = answers.iter().find(|(what, ..)| *what == "coming in").unwrap();
    let cookie = come_in.1.header("set-cookie");
    assert!(cookie.starts_with("__Host-") && cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn an_open_live_page_has_its_headers_before_anything_happens() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let address = house.house.config.listen;
    let mut live = BufReader::new(TcpStream::connect(address).await.unwrap());
    let ask =
        format!("GET /live HTTP/1.1\r\nhost: {address}\r\ncookie: aviary={}\r\n\r\n", ana.cookie("aviary").unwrap());
    live.write_all(ask.as_bytes()).await.unwrap();
    let (mut head, mut line) = (String::new(), String::new());
    while live.read_line(&mut line).await.unwrap() > 2 {
        head.push_str(&std::mem::take(&mut line));
    }
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
    for expected in ["content-security-policy: default-src 'none'", "nosniff", "cache-control: no-cache"] {
        assert!(head.contains(expected), "{head}");
    }
}

#[test]
fn the_score_sees_what_is_missing() {
    let answer = |headers: &[(&'static str, &'static str)]| Answer {
        status: StatusCode::OK,
        headers: headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
        text: String::new(),
    };
    let points = |headers: &[(&'static str, &'static str)]| Score::of(&answer(headers)).points();
    // 100 − 25 − 20 (policy) − 20 (HSTS) − 5 (nosniff)
    assert_eq!(points(&[]), 30);
    let policy = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    let hsts = ("strict-transport-security", "max-age=63072000; includeSubDomains");
    let sniff = ("x-content-type-options", "nosniff");
    assert_eq!(points(&[policy, hsts, sniff]), 115);
    let inline = ("content-security-policy", "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'");
    assert_eq!(points(&[inline, hsts, sniff]), 80);
    let eval = ("content-security-policy", "default-src 'none'; script-src 'unsafe-eval'; frame-ancestors 'none'");
    assert_eq!(points(&[eval, hsts, sniff]), 95);
    assert_eq!(points(&[policy, ("strict-transport-security", "max-age=60"), sniff]), 105);
    assert_eq!(points(&[policy, hsts, sniff, ("set-cookie", "s=1; Secure; HttpOnly; SameSite=Lax")]), 120);
    assert_eq!(points(&[policy, hsts, sniff, ("set-cookie", "s=1; Secure; SameSite=Lax")]), 70);
}

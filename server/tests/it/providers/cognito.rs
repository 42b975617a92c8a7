//! A Cognito user pool, as ministack plays it: its issuer is AWS's address while it listens here.

use super::{admin, roles, rule};
use crate::{
    aws::emulator::Emulator,
    house::{Answer, Caller, TestHouse},
    skipped::skipped,
};
use aviary::house::{Clock as _, SystemClock};
use axum::http::StatusCode;
use serde_json::Value;
use std::{collections::HashMap, path::PathBuf, process::Command};

const PASSWORD: &str = "Plum-tractor-window-7";

/// The `aws` command, against the emulator.
struct Aws<'a> {
    command: PathBuf,
    emulator: &'a Emulator,
}

impl Aws<'_> {
    fn cognito(&self, arguments: &[&str]) -> Value {
        let done = Command::new(&self.command)
            .arg("cognito-idp")
            .args(arguments)
            .args(["--output", "json"])
            .envs(self.emulator.variables(&self.emulator.url))
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap_or(Value::Null)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Goes through Cognito's sign-in page. The emulator has the machine's clock: the house is told the time.
async fn sign_in(house: &TestHouse, browser: &Caller, emulator: &Emulator, provider: &str, user: &str) -> Answer {
    house.clock.advance(SystemClock.now().since(house.clock_now()));
    let begun = browser.get(&format!("/oidc/{provider}/begin")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let asked = url::Url::parse(begun.header("location")).unwrap();
    let pages = Caller::at(&emulator.url);
    let page = pages.get(&super::path_of(asked.as_str())).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let mut fields: HashMap<String, String> = asked.query_pairs().into_owned().collect();
    fields.insert("username".into(), user.into());
    fields.insert("password".into(), PASSWORD.into());
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let there = pages.form("/login", &fields).await;
    assert_eq!(there.status, StatusCode::FOUND, "{}", there.text);
    browser.get(&super::path_of(there.header("location"))).await
}

#[tokio::test]
async fn people_of_a_user_pool_come_in_by_their_groups() {
    let command = std::env::var("AVIARY_TEST_VENV").ok().map(|venv| PathBuf::from(venv).join("bin/aws"));
    let Some(command) = command.filter(|command| command.exists()) else {
        skipped("signing in with Cognito needs the aws command; AVIARY_TEST_VENV names a Python venv that has it");
        return;
    };
    let Some(emulator) = Emulator::start("signing in with Cognito").await else { return };
    let house = TestHouse::start().await;
    let aws = Aws { command, emulator: &emulator };
    let pool = text(&aws.cognito(&["create-user-pool", "--pool-name", "people"])["UserPool"]["Id"]);

    // The redirect address has the provider's name in it, so the provider is added before its client is there.
    let issuer = format!("https://cognito-idp.us-east-1.amazonaws.com/{pool}");
    let discovery = format!("{}/{pool}/.well-known/openid-configuration", emulator.url);
    let mut fields = vec![
        ("name", "Staff"),
        ("kind", "cognito"),
        ("issuer", issuer.as_str()),
        ("discovery_url", discovery.as_str()),
        ("client_id", "not there yet"),
        ("scopes", "openid email"),
        ("domain", emulator.url.as_str()),
        ("strangers", "rules"),
    ];
    let admin = admin(&house).await;
    let added = admin.form("/settings/providers/new", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let page = added.header("location").split('?').next().unwrap().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();

    let (back, out) = (format!("{}/oidc/{id}/callback", house.url), format!("{}/signed-out", house.url));
    // As one piece of JSON: some versions of the command fetch what looks like an address in an argument.
    let client = serde_json::json!({
        "UserPoolId": pool, "ClientName": "aviary", "GenerateSecret": true, "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"], "AllowedOAuthFlowsUserPoolClient": true,
        "SupportedIdentityProviders": ["COGNITO"], "CallbackURLs": [back], "LogoutURLs": [out],
    });
    let client = aws.cognito(&["create-user-pool-client", "--cli-input-json", &client.to_string()]);
    let client = &client["UserPoolClient"];
    let (client_id, secret) = (text(&client["ClientId"]), text(&client["ClientSecret"]));
    for (user, email, group) in [("ana", "ana@example.com", Some("aviary-placers")), ("eve", "eve@example.com", None)] {
        let (email, who) = (format!("Name=email,Value={email}"), ["--user-pool-id", &pool, "--username", user]);
        let verified = ["--user-attributes", &email, "Name=email_verified,Value=true", "--message-action", "SUPPRESS"];
        aws.cognito(&[&["admin-create-user"][..], &who, &verified].concat());
        aws.cognito(&[&["admin-set-user-password"][..], &who, &["--password", PASSWORD, "--permanent"]].concat());
        if let Some(group) = group {
            aws.cognito(&["create-group", "--user-pool-id", &pool, "--group-name", group]);
            aws.cognito(&[&["admin-add-user-to-group"][..], &who, &["--group-name", group]].concat());
        }
    }

    fields.retain(|(name, _)| *name != "client_id");
    fields.extend([("client_id", client_id.as_str()), ("client_secret", secret.as_str()), ("enabled", "on")]);
    let saved = admin.form(&format!("{page}/edit"), &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    admin.form(&format!("{page}/test"), &[]).await;
    let shown = admin.get(&page).await.text;
    assert!(shown.contains("RS256.") && shown.contains("Goes on to Cognito"), "{shown}");
    rule(&house, &id, ["cognito:groups", "contains", "aviary-placers", "Security", "placer"]).await;

    let browser = house.browser();
    let answer = sign_in(&house, &browser, &emulator, &id, "ana").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(roles(&house, "ana@example.com").await, ["placer in Security, by Staff"]);
    assert_eq!(browser.get("/tokens/new").await.status, StatusCode::OK);
    let answer = sign_in(&house, &house.browser(), &emulator, &id, "eve").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);

    let page = browser.form("/sign-out", &[]).await;
    let url = page.text.split("0; url=").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let gone = Caller::at(&emulator.url).get(&super::path_of(&url)).await;
    assert_eq!((gone.status, gone.header("location")), (StatusCode::FOUND, out.as_str()), "{url}: {}", gone.text);
}

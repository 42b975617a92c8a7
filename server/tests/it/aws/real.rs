//! The same against AWS itself, for those who have an account for it: `AVIARY_TEST_AWS_PROFILE` names a profile, which may
//! do what the role of `deploy/` may. A user is made, used and taken away again.

use crate::{house::TestHouse, skipped::skipped};
use app::model::{account::AccountForm, drill::DrillState, health::Light, ids::TokenId, viewer::Viewer};
use aviary::{accounts, drills, issuers::aws::AwsClients, tokens};
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_real_account_is_tested_minted_in_drilled_and_left_as_it_was() {
    let Ok(profile) = std::env::var("AVIARY_TEST_AWS_PROFILE") else {
        return skipped("the suite against a real AWS account needs AVIARY_TEST_AWS_PROFILE");
    };
    let aws = AwsClients::profile(&profile);
    let probe = aws.to(&app::model::account::AccountSettings { region: "us-east-1".into(), ..Default::default() });
    let identity = probe.sts().await.get_caller_identity().send().await.unwrap();
    let account = identity.account().unwrap().to_owned();
    let house = TestHouse::with_aws(aws).await;
    let viewer = Viewer::system("test");
    let form = AccountForm { id: account.clone(), path: "/service/ci/".into(), ..AccountForm::default() };
    accounts::add(&house.house, &viewer, &form).await.unwrap();
    let tested = accounts::test(&house.house, &viewer, &account).await.unwrap().status;
    assert!(tested.checks.iter().all(|check| check.light == Light::Good), "{:?}", tested.checks);

    let order = json!({ "account": account, "location": "a test" });
    let minted = house.api().json(Method::POST, "/tokens", &order).await;
    assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
    let id = TokenId(minted.body()["id"].as_str().unwrap().to_owned());
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(180);
    loop {
        let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
        if proof.drills.first().is_some_and(|drill| drill.state == DrillState::Called) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "the key was never accepted: {:?}", proof.drills);
        // The drill waits ten seconds by the house's clock before it tries again.
        house.clock.advance(10_000);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    tokens::change::revoke(&house.house, &viewer, &id).await.unwrap();
}

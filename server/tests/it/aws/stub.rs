//! What no emulator does: lists that come in pages, and the limit of 5,000 users.

use super::emulator::{ACCOUNT, form};
use crate::house::TestHouse;
use app::model::{ids::TokenId, secret::Secret, viewer::Viewer};
use aviary::{
    accounts,
    issuers::{Issuer as _, Whose, aws::AwsClients},
};
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use std::sync::{Arc, Mutex};

type Calls = Arc<Mutex<Vec<String>>>;

/// An IAM that gives two entries per page, and has room for nobody.
async fn answer(State(calls): State<Calls>, body: Bytes) -> (StatusCode, String) {
    let fields: std::collections::HashMap<String, String> = serde_urlencoded::from_bytes(&body).unwrap();
    let action = fields.get("Action").cloned().unwrap_or_default();
    // The house asks at any time as whom it acts, how many users there are, and for rules, which is another protocol.
    if ["", "GetCallerIdentity", "GetAccountSummary"].contains(&action.as_str()) {
        return (StatusCode::FORBIDDEN, String::new());
    }
    let said = ["PolicyArn", "PolicyName", "AccessKeyId"].into_iter().find_map(|name| fields.get(name));
    calls.lock().unwrap().push(format!("{action} {}", said.cloned().unwrap_or_default()).trim().to_owned());
    let page: usize = fields.get("Marker").map_or(0, |marker| marker.parse().unwrap());
    let more = if page < 2 {
        format!("<IsTruncated>true</IsTruncated><Marker>{}</Marker>", page + 1)
    } else {
        "<IsTruncated>false</IsTruncated>".into()
    };
    let two = |entry: &dyn Fn(usize) -> String| format!("{}{}", entry(page * 2), entry(page * 2 + 1));
    let inside = match action.as_str() {
        "CreateUser" => {
            let error = "<ErrorResponse><Error><Type>Sender</Type><Code>LimitExceeded</Code><Message>Cannot exceed quota for UsersPerAccount: 5000</Message></Error><RequestId>1</RequestId></ErrorResponse>";
            return (StatusCode::CONFLICT, error.into());
        }
        "GetUser" => "<User><Path>/</Path><UserName>ana</UserName><UserId>AIDAANA</UserId><Arn>arn:aws:iam::123456789012:user/ana</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>".into(),
        "ListAccessKeys" => format!("<AccessKeyMetadata>{}</AccessKeyMetadata>{more}", two(&|n| format!("<member><AccessKeyId>AKIA{n}</AccessKeyId></member>"))),
        "ListUserPolicies" => format!("<PolicyNames>{}</PolicyNames>{more}", two(&|n| format!("<member>inline-{n}</member>"))),
        "ListAttachedUserPolicies" => format!("<AttachedPolicies>{}</AttachedPolicies>{more}", two(&|n| format!("<member><PolicyName>p{n}</PolicyName><PolicyArn>arn:aws:iam::aws:policy/p{n}</PolicyArn></member>"))),
        _ => String::new(),
    };
    (
        StatusCode::OK,
        format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{inside}</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        ),
    )
}

async fn house() -> (TestHouse, Calls) {
    let calls = Calls::default();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&calls));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let house = TestHouse::with_aws(AwsClients::at(&url, "AKIATEST", &Secret::new("secret".into()))).await;
    accounts::add(&house.house, &Viewer::system("test"), &form()).await.unwrap();
    (house, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_what_hangs_on_a_user_is_taken_away() {
    let (house, calls) = house().await;
    let issuer = house.house.issuers.aws_of(ACCOUNT).unwrap();
    assert!(issuer.delete("ana", &Whose::Unique("AIDAANA".into())).await.unwrap());
    let calls = calls.lock().unwrap().clone();
    for n in 0..6 {
        for call in [
            format!("DeleteAccessKey AKIA{n}"),
            format!("DeleteUserPolicy inline-{n}"),
            format!("DetachUserPolicy arn:aws:iam::aws:policy/p{n}"),
        ] {
            assert!(calls.contains(&call), "{call} is missing in {calls:?}");
        }
    }
    assert_eq!(calls.last().map(String::as_str), Some("DeleteUser"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_known_by_its_unique_id_not_by_its_name() {
    let (house, calls) = house().await;
    let issuer = house.house.issuers.aws_of(ACCOUNT).unwrap();
    assert!(!issuer.delete("ana", &Whose::Unique("AIDAOTHER".into())).await.unwrap());
    assert!(!issuer.delete("ana", &Whose::Minting(TokenId("t".into()))).await.unwrap());
    assert!(calls.lock().unwrap().iter().all(|call| !call.starts_with("Delete")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_5000_users_says_so() {
    let (house, _) = house().await;
    let answer = super::emulator::try_mint(&house, "one too many").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("UsersPerAccount: 5000"), "{}", answer.text);
}

//! Last-used data, as a stand-in for IAM says it: at any time, for any service. `aws/moto.rs` asks a whole IAM.

use super::{KEY, account, adopt, hits, record};
use crate::house::TestHouse;
use app::model::{
    account::AccountForm,
    ids::TokenId,
    moment::{HOUR, MINUTE, Moment},
    secret::Secret,
    viewer::Viewer,
};
use aviary::{
    accounts,
    intake::last_used,
    issuers::aws::{AwsClients, AwsIssuer},
    store::{self, drills::DrillRow},
};
use axum::{
    Router,
    body::Bytes,
    http::{Method, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

const ARN: &str = "arn:aws:iam::123456789012:user/ci/deploy";

/// What IAM knows: of each key, when it was last used, and for which service; of which keys it says nothing; and how often
/// it was asked.
#[derive(Clone, Default)]
struct Iam {
    service: Arc<Mutex<String>>,
    refuses: Arc<Mutex<Option<String>>>,
    used: Arc<Mutex<BTreeMap<String, Moment>>>,
    report: Arc<Mutex<String>>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Iam {
    fn use_at(&self, key: &str, at: Moment) {
        // IAM says the minute.
        self.used.lock().unwrap().insert(key.to_owned(), Moment(at.0.div_euclid(MINUTE) * MINUTE));
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn answer(&self, body: &Bytes) -> (StatusCode, String) {
        let fields: BTreeMap<String, String> = serde_urlencoded::from_bytes(body).unwrap();
        // The house asks at any time as whom it acts, how many users there are, and for rules, which is another protocol.
        let by_itself = ["GetCallerIdentity", "GetAccountSummary"];
        let Some(action) = fields.get("Action").filter(|action| !by_itself.contains(&action.as_str())).cloned() else {
            return (StatusCode::FORBIDDEN, String::new());
        };
        let key = fields.get("AccessKeyId").cloned().unwrap_or_default();
        self.calls.lock().unwrap().push(format!("{action} {key}").trim().to_owned());
        if self.refuses.lock().unwrap().as_ref() == Some(&key) {
            let error = format!(
                "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
                 <Code>AccessDenied</Code><Message>not allowed: iam:{action}</Message></Error></ErrorResponse>"
            );
            return (StatusCode::FORBIDDEN, error);
        }
        let inside = match action.as_str() {
            "GetAccessKeyLastUsed" => {
                let used = self.used.lock().unwrap().get(&key).copied();
                let date = used.map(|at| format!("<LastUsedDate>{}</LastUsedDate>", at.rfc3339())).unwrap_or_default();
                let said = self.service.lock().unwrap();
                let service = if said.is_empty() { "s3" } else { said.as_str() };
                let (region, service) = if used.is_some() { ("eu-west-1", service) } else { ("N/A", "N/A") };
                format!(
                    "<UserName>deploy</UserName><AccessKeyLastUsed>{date}<Region>{region}</Region>\
                     <ServiceName>{service}</ServiceName></AccessKeyLastUsed>"
                )
            }
            "GenerateCredentialReport" => "<State>COMPLETE</State>".to_owned(),
            _ => {
                use base64::Engine as _;
                let report = base64::engine::general_purpose::STANDARD.encode(self.report.lock().unwrap().as_bytes());
                format!("<Content>{report}</Content><ReportFormat>text/csv</ReportFormat>")
            }
        };
        let text = format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{inside}</{action}Result>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        );
        (StatusCode::OK, text)
    }
}

struct Net {
    house: TestHouse,
    iam: Iam,
    issuer: Arc<AwsIssuer>,
    token: TokenId,
}

impl Net {
    async fn new() -> Self {
        let iam = Iam::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ours = iam.clone();
        let router = Router::new().route("/", post(async move |body: Bytes| ours.answer(&body)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let house = TestHouse::with_aws(AwsClients::at(&url, KEY, &Secret::new("secret".into()))).await;
        // The running house's own looks would come at any time: the tests look themselves.
        accounts::add(&house.house, &Viewer::system("test"), &account()).await.unwrap();
        let issuer = house.house.issuers.aws_of(super::ACCOUNT).unwrap();
        let token = adopt(&house, KEY, ARN).await;
        let token = TokenId(token["id"].as_str().unwrap().to_owned());
        Self { house, iam, issuer, token }
    }

    async fn look(&self) -> u32 {
        last_used::look(&self.house.house, &self.issuer).await.unwrap()
    }

    /// Looks again and again while time goes on.
    async fn looks_for(&self, time: i64) {
        for _ in 0..time / (16 * MINUTE) {
            self.house.clock.advance(16 * MINUTE);
            self.look().await;
        }
    }

    async fn send(&self, record: &Value) {
        let answer =
            self.house.api().send(Method::POST, "/ingest/cloudtrail", &[], record.to_string().into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    fn record_at(&self, id: &str, at: Moment) -> Value {
        let mut record = record(id, KEY);
        record["eventTime"] = json!(at.rfc3339());
        record
    }
}

#[tokio::test]
async fn a_use_that_no_record_tells_of_is_one_alert_after_the_grace() {
    let net = Net::new().await;
    assert_eq!(net.look().await, 1);
    net.house.clock.advance(2 * HOUR);
    let used = net.house.clock_now().plus(-HOUR);
    net.iam.use_at(KEY, used);
    assert_eq!(net.look().await, 1);
    assert_eq!(net.look().await, 0, "each token is looked at now and then, not all the time");
    assert_eq!(hits(&net.house).await.len(), 0, "its record may still be on its way");
    net.looks_for(HOUR).await;
    let found = hits(&net.house).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0]["kind"].as_str(), super::ways(&found[0])), (Some("unlogged_use"), vec!["last_used"]));
    assert_eq!((found[0]["event_source"].as_str(), found[0]["aws_region"].as_str()), (Some("s3"), Some("eu-west-1")));
    assert_eq!(found[0]["record"]["AccessKeyLastUsed"]["ServiceName"], "s3");
    assert!(found[0]["incident_id"].is_string());
    net.looks_for(5 * HOUR).await;
    assert_eq!(hits(&net.house).await.len(), 1, "it is said once");
    // A record that comes later is simply another hit.
    net.send(&net.record_at("late", used)).await;
    assert_eq!(hits(&net.house).await.len(), 2);
    let token = net.house.api().get(&format!("/tokens/{}", net.token)).await.body();
    assert_eq!(token["state"], "triggered");
}

#[tokio::test]
async fn a_use_whose_record_came_or_comes_in_time_is_none() {
    let net = Net::new().await;
    net.house.clock.advance(2 * HOUR);
    let used = net.house.clock_now().plus(-HOUR);
    net.send(&net.record_at("before", used)).await;
    net.iam.use_at(KEY, used);
    net.looks_for(3 * HOUR).await;
    // And one that comes after IAM said so, within the grace.
    let used = net.house.clock_now().plus(-30 * MINUTE);
    net.iam.use_at(KEY, used);
    net.look().await;
    net.house.clock.advance(16 * MINUTE);
    net.look().await;
    net.send(&net.record_at("after", used)).await;
    net.looks_for(3 * HOUR).await;
    let kinds: Vec<_> = hits(&net.house).await.iter().map(|hit| hit["kind"].clone()).collect();
    assert_eq!(kinds, [json!("use"), json!("use")]);
}

#[tokio::test]
async fn a_drills_use_and_one_from_before_are_none_but_a_drill_explains_no_other_service() {
    let net = Net::new().await;
    *net.iam.service.lock().unwrap() = "sts".into();
    net.iam.use_at(KEY, net.house.clock_now().plus(-48 * HOUR));
    net.looks_for(3 * HOUR).await;
    let called = net.house.clock_now();
    let mut tx = net.house.house.store.begin().await.unwrap();
    let drill = DrillRow {
        drill: app::model::drill::Drill {
            id: net.house.house.new_id(),
            token_id: net.token.clone(),
            region: "us-east-1".into(),
            state: app::model::drill::DrillState::Due,
            asked_by: "test".into(),
            asked_at: called,
            called_at: None,
            heard: Vec::new(),
            error: None,
        },
        mark: "svc-1".into(),
        event_id: None,
        through: String::new(),
        tries: 0,
    };
    store::drills::insert(&mut tx, &drill).await.unwrap();
    store::drills::mark(&mut tx, &drill, "svc-1", called).await.unwrap();
    store::drills::called(&mut tx, &drill.drill.id, called, "r-1", called.plus(HOUR)).await.unwrap();
    tx.commit().await.unwrap();
    net.iam.use_at(KEY, called);
    net.looks_for(4 * HOUR).await;
    assert_eq!(hits(&net.house).await, Vec::<Value>::new());

    // Somebody used the key right after it, and another service than the one that drills call.
    *net.iam.service.lock().unwrap() = "bedrock".into();
    net.iam.use_at(KEY, called.plus(2 * MINUTE));
    net.looks_for(4 * HOUR).await;
    let found = hits(&net.house).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0]["kind"].as_str(), found[0]["event_source"].as_str()), (Some("unlogged_use"), Some("bedrock")));
}

#[tokio::test]
async fn a_key_that_was_rotated_away_is_looked_at_too() {
    let net = Net::new().await;
    let mut tx = net.house.house.store.begin().await.unwrap();
    let now = net.house.clock_now();
    store::former_keys::replace(&mut tx, &net.token, ("AKIAWATCHED000000002", "sealed"), String::new(), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    net.house.clock.advance(2 * HOUR);
    net.iam.use_at(KEY, net.house.clock_now().plus(-HOUR));
    assert_eq!(net.look().await, 2);
    assert_eq!(net.iam.calls(), ["GetAccessKeyLastUsed AKIAWATCHED000000002", &format!("GetAccessKeyLastUsed {KEY}")]);
    net.looks_for(2 * HOUR).await;
    let found = hits(&net.house).await;
    assert_eq!(found[0]["record"]["AccessKeyId"], KEY);
    // And a record of the former key is a use of the token.
    net.send(&net.record_at("former", net.house.clock_now())).await;
    assert_eq!(hits(&net.house).await[0]["kind"], "use");
}

#[tokio::test]
async fn many_tokens_are_looked_at_by_the_credential_report() {
    let net = Net::new().await;
    let system = Viewer::system("test");
    for n in 0..last_used::MANY {
        let form = app::model::token::TokenForm {
            access_key_id: format!("AKIAMANY{n:012}"),
            arn: format!("arn:aws:iam::123456789012:user/ci/many-{n}"),
            location: "somewhere".into(),
            owner: "ana".into(),
            ..app::model::token::TokenForm::default()
        };
        aviary::tokens::adopt::adopt(&net.house.house, &system, &form).await.unwrap();
    }
    net.house.clock.advance(2 * HOUR);
    let used = net.house.clock_now().plus(-HOUR).rfc3339();
    let columns = "access_key_1_active,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
         access_key_2_active,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service";
    *net.iam.report.lock().unwrap() = format!(
        "user,arn,user_creation_time,{columns}\n\
         many-7,arn:aws:iam::123456789012:user/ci/many-7,x,true,N/A,N/A,N/A,true,{used},eu-west-1,sts\n\
         many-8,arn:aws:iam::123456789012:user/ci/many-8,x,true,N/A,N/A,N/A,false,N/A,N/A,N/A\n"
    );
    net.look().await;
    assert_eq!(net.iam.calls(), ["GenerateCredentialReport", "GetCredentialReport"]);
    net.looks_for(2 * HOUR).await;
    let found = hits(&net.house).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0]["kind"].as_str(), found[0]["event_source"].as_str()), (Some("unlogged_use"), Some("sts")));
    net.iam.calls();
    net.looks_for(8 * HOUR).await;
    let reports = net.iam.calls().iter().filter(|call| call.starts_with("Generate")).count();
    assert!((1..=3).contains(&reports), "{reports} reports in eight hours");
}

#[tokio::test]
async fn two_tokens_of_one_user_are_told_apart_although_the_report_names_no_key() {
    let net = Net::new().await;
    let system = Viewer::system("test");
    for n in 0..last_used::MANY {
        let other = "AKIAWATCHED000000002".to_owned();
        let form = app::model::token::TokenForm {
            access_key_id: if n == 0 { other } else { format!("AKIAMANY{n:012}") },
            arn: if n == 0 { ARN.into() } else { format!("arn:aws:iam::123456789012:user/ci/many-{n}") },
            location: "somewhere".into(),
            owner: "ana".into(),
            ..app::model::token::TokenForm::default()
        };
        aviary::tokens::adopt::adopt(&net.house.house, &system, &form).await.unwrap();
    }
    net.house.clock.advance(2 * HOUR);
    let used = net.house.clock_now().plus(-HOUR);
    net.send(&net.record_at("known", used)).await;
    net.iam.use_at(KEY, used);
    let columns = "access_key_1_active,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
         access_key_2_active,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service";
    let report = |second: &str| {
        let used = used.rfc3339();
        format!("user,arn,user_creation_time,{columns}\ndeploy,{ARN},x,true,{used},eu-west-1,s3,true,{second}\n")
    };
    *net.iam.report.lock().unwrap() = report("N/A,N/A,N/A");
    net.looks_for(5 * HOUR).await;
    let kinds = async || -> Vec<_> { hits(&net.house).await.iter().map(|hit| hit["kind"].clone()).collect() };
    assert_eq!(kinds().await, ["use"], "the other key was not used");
    // And now it is, and no record of it comes.
    let at = net.house.clock_now();
    net.iam.use_at("AKIAWATCHED000000002", at);
    *net.iam.report.lock().unwrap() = report(&format!("{},eu-west-1,s3", at.rfc3339()));
    net.looks_for(9 * HOUR).await;
    assert_eq!(kinds().await, ["unlogged_use", "use"]);
    assert_eq!(hits(&net.house).await[0]["record"]["AccessKeyId"], "AKIAWATCHED000000002");
}

#[tokio::test]
async fn a_key_that_iam_says_nothing_of_is_named_and_the_others_go_on() {
    let net = Net::new().await;
    adopt(&net.house, "AKIAWATCHED000000002", "arn:aws:iam::123456789012:user/elsewhere").await;
    *net.iam.refuses.lock().unwrap() = Some("AKIAWATCHED000000002".into());
    net.house.clock.advance(2 * HOUR);
    net.iam.use_at(KEY, net.house.clock_now().plus(-HOUR));
    for _ in 0..8 {
        net.house.clock.advance(16 * MINUTE);
        // Both are asked about in each round.
        assert_eq!((net.look().await, net.look().await, net.look().await), (1, 1, 0));
    }
    let found = hits(&net.house).await;
    assert_eq!((found.len(), found[0]["kind"].as_str()), (1, Some("unlogged_use")));
    let checks = async || aviary::health::checks(&net.house.house, &Viewer::system("test")).await.unwrap();
    let named = async || checks().await.into_iter().find(|check| check.name.starts_with("Last use"));
    let says = named().await.unwrap().says;
    assert!(says.contains("AKIAWATCHED000000002") && says.contains("iam:GetAccessKeyLastUsed"), "{says}");
    assert!(!says.contains(KEY), "{says}");
    *net.iam.refuses.lock().unwrap() = None;
    net.looks_for(HOUR).await;
    net.looks_for(HOUR).await;
    assert_eq!(named().await, None);
}

#[tokio::test]
async fn a_queue_that_never_answers_does_not_silence_it() {
    let net = Net::new().await;
    // What listens there speaks no SQS.
    let form = AccountForm { events_queue: "http://127.0.0.1:9/123456789012/events".into(), ..account() };
    accounts::edit(&net.house.house, &Viewer::system("test"), super::ACCOUNT, &form).await.unwrap();
    let ears = &net.house.house.ears;
    super::eventually("it is away", async || !ears.queues.checks().is_empty()).await;
    assert!(!ears.queues.all_answer(super::ACCOUNT));
    let issuer = net.house.house.issuers.aws_of(super::ACCOUNT).unwrap();
    let looks_for = async |time: i64| {
        for _ in 0..time / (16 * MINUTE) {
            net.house.clock.advance(16 * MINUTE);
            last_used::look(&net.house.house, &issuer).await.unwrap();
        }
    };
    net.house.clock.advance(2 * HOUR);
    net.iam.use_at(KEY, net.house.clock_now());
    looks_for(5 * HOUR).await;
    assert_eq!(hits(&net.house).await, Vec::<Value>::new(), "its record may lie on the queue");
    looks_for(3 * HOUR).await;
    assert_eq!(hits(&net.house).await[0]["kind"], "unlogged_use");
}

#[tokio::test]
async fn the_running_house_looks_by_itself_where_it_is_switched_on() {
    let net = Net::new().await;
    let form = AccountForm { last_used: "on".into(), ..account() };
    accounts::edit(&net.house.house, &Viewer::system("test"), super::ACCOUNT, &form).await.unwrap();
    super::eventually("IAM is asked", async || !net.iam.calls.lock().unwrap().is_empty()).await;
}

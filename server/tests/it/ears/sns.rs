//! SNS over HTTPS, signed by an authority of the tests' own: no emulator signs usefully.

use super::{KEY, account, adopt, event, hits, record, trail, ways};
use crate::{
    aws::emulator::{ACCOUNT, Emulator},
    house::{Answer, TestHouse},
    skipped::skipped,
};
use app::model::{account::AccountForm, secret::Secret, viewer::Viewer};
use aviary::{
    accounts,
    intake::{ears::Ears, sns::Trust},
    issuers::aws::AwsClients,
};
use axum::{Router, body::Bytes, http::Method, routing::post};
use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:trail";
const URL: &str = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem";
/// Where the certificate of the intermediate authority is.
const ISSUER: &str = "http://crt.test.amazontrust.com/test.cer";

fn signing_key() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/sns/signer.pem");
    std::fs::read_to_string(path).unwrap()
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str, by: Option<&Authority>) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    match by {
        Some(by) => CertifiedIssuer::signed_by(params, key, by).unwrap(),
        None => CertifiedIssuer::self_signed(params, key).unwrap(),
    }
}

/// What is at which address, and what was asked for.
#[derive(Clone, Default)]
struct Web {
    pages: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn put(&self, url: &str, content: impl Into<Vec<u8>>) {
        self.pages.lock().unwrap().insert(url.to_owned(), content.into());
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// A house that trusts the tests' authority, and SNS's certificate.
struct Sns {
    house: TestHouse,
    web: Web,
    root: Authority,
    intermediate: Authority,
}

impl Sns {
    async fn new() -> Self {
        let unused = AwsClients::at("http://127.0.0.1:9", KEY, &Secret::new("secret".into()));
        Self::with(unused, &[]).await
    }

    async fn with(aws: AwsClients, variables: &[(&str, &str)]) -> Self {
        let root = authority("Root", None);
        let intermediate = authority("Intermediate", Some(&root));
        let web = Web::default();
        let ours = web.clone();
        let fetch = move |url: &url::Url| {
            ours.asked.lock().unwrap().push(url.to_string());
            ours.pages.lock().unwrap().get(url.as_str()).cloned()
        };
        let trust = Trust::of_test(vec![root.der().clone()], Arc::new(fetch));
        let ears = Ears { sns: trust, ..Ears::default() };
        let house = TestHouse::with_ears(aws, ears, variables).await;
        adopt(&house, KEY, super::ARN).await;
        let form = AccountForm { topics: TOPIC.into(), ..account() };
        accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
        let sns = Self { house, web, root, intermediate };
        sns.web
            .put(URL, format!("{}{}", sns.leaf("sns.amazonaws.com", false, &sns.intermediate), sns.intermediate.pem()));
        sns
    }

    /// The certificate of the one that signs, as PEM.
    fn leaf(&self, name: &str, says_issuer: bool, by: &Authority) -> String {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if says_issuer {
            // AuthorityInformationAccess with one caIssuers (RFC 5280, section 4.2.2.1).
            let mut description = vec![0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86];
            description.push(u8::try_from(ISSUER.len()).unwrap());
            description.extend(ISSUER.bytes());
            let inner = [vec![0x30, u8::try_from(description.len()).unwrap()], description].concat();
            let outer = [vec![0x30, u8::try_from(inner.len()).unwrap()], inner].concat();
            params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], outer));
        }
        params.signed_by(&KeyPair::from_pem(&signing_key()).unwrap(), by).unwrap().pem()
    }

    /// A notification, not yet signed.
    fn notification(&self, id: &str, message: &str) -> Value {
        json!({
            "Type": "Notification", "MessageId": id, "TopicArn": TOPIC, "Message": message,
            "Timestamp": self.house.clock_text(0), "SignatureVersion": "2", "SigningCertURL": URL,
        })
    }

    async fn post(&self, body: &Value) -> Answer {
        let headers = [("content-type", "text/plain; charset=UTF-8"), ("x-amz-sns-message-type", "Notification")];
        self.house.browser().send(Method::POST, "/ingest/sns", &headers, body.to_string().into_bytes()).await
    }

    async fn status(&self, body: &Value) -> u16 {
        self.post(body).await.status.as_u16()
    }
}

/// The text that is signed.
fn signed_text(body: &Value) -> String {
    let names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    let lines = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", body.get(name)?.as_str()?)));
    lines.collect()
}

fn signed(mut body: Value) -> Value {
    let PrivateKeyDer::Pkcs8(key) = PrivateKeyDer::from_pem_slice(signing_key().as_bytes()).unwrap() else { panic!() };
    let key = ring::rsa::KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    key.sign(&ring::signature::RSA_PKCS1_SHA256, &random, signed_text(&body).as_bytes(), &mut signature).unwrap();
    body["Signature"] = json!(base64::engine::general_purpose::STANDARD.encode(signature));
    body
}

#[tokio::test]
async fn a_signed_message_is_a_hit_and_its_repetition_is_not() {
    let sns = Sns::new().await;
    let message = signed(sns.notification("m-1", &event(&record("one", KEY))));
    for _ in 0..3 {
        let answer = sns.post(&message).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    // With a subject, and another record.
    let mut message = sns.notification("m-2", &record("two", KEY).to_string());
    message["Subject"] = json!("a subject");
    assert_eq!(sns.status(&signed(message)).await, 200);
    let hits = hits(&sns.house).await;
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| ways(hit) == ["sns"]), "{hits:?}");
    assert_eq!(sns.web.asked(), [URL], "a certificate is fetched once");
}

#[tokio::test]
async fn a_repetition_under_another_house_that_shares_the_database_is_known() {
    let sns = Sns::new().await;
    let known = async |id: &str| {
        let mut session = sns.house.house.store.read().await.unwrap();
        aviary::store::seen_messages::is_known(&mut session, id).await.unwrap()
    };
    assert!(!known("sns:m-1").await);
    assert_eq!(sns.status(&signed(sns.notification("m-1", "hello"))).await, 200);
    assert!(known("sns:m-1").await, "it is written down with what it brought");
}

#[tokio::test]
async fn what_is_not_from_sns_is_turned_away() {
    let sns = Sns::new().await;
    let message = || sns.notification("m-1", &event(&record("one", KEY)));
    let with = |field: &str, value: &str| {
        let mut message = message();
        message[field] = json!(value);
        signed(message)
    };
    // Turned away before anything is fetched.
    for (field, value) in [
        ("TopicArn", "arn:aws:sns:us-east-1:123456789012:other"),
        ("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem"),
        ("SigningCertURL", "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-9c6465fa.pem"),
        ("SigningCertURL", "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem"),
        ("SignatureVersion", "1"),
        ("Timestamp", &sns.house.clock_text(-15 * 86_400_000)),
        ("Timestamp", &sns.house.clock_text(2 * 3_600_000)),
    ] {
        assert_eq!(sns.status(&with(field, value)).await, 403, "{field}: {value}");
    }
    assert_eq!(sns.web.asked(), Vec::<String>::new());
    // Changed after it was signed.
    for (field, value) in
        [("Message", "{}"), ("MessageId", "m-2"), ("Subject", "new"), ("Type", "UnsubscribeConfirmation")]
    {
        let mut changed = signed(message());
        changed[field] = json!(value);
        assert_eq!(sns.status(&changed).await, 403, "{field}");
    }
    for body in [json!("hello"), json!({ "Type": "Notification" })] {
        assert_eq!(sns.status(&body).await, 400, "{body}");
    }
    assert_eq!(hits(&sns.house).await.len(), 0);
    assert_eq!(sns.status(&signed(message())).await, 200, "the same, as it was, is fine");
}

#[tokio::test]
async fn a_certificate_must_be_snss_and_of_somebody_trusted() {
    let sns = Sns::new().await;
    let message = signed(sns.notification("m-1", &event(&record("one", KEY))));
    let stranger = authority("Root", None);
    for (content, why) in [
        // One that calls itself as the root that is trusted, and is another.
        (sns.leaf("sns.amazonaws.com", false, &stranger), "not accepted"),
        (format!("{}{}", sns.leaf("sns.amazonaws.com", false, &stranger), stranger.pem()), "not accepted"),
        (sns.leaf("s3.amazonaws.com", false, &sns.root), "SNS's"),
        (sns.intermediate.pem(), "not accepted"),
        ("hello".to_owned(), "PEM"),
        // Its issuer cannot be asked for.
        (sns.leaf("sns.amazonaws.com", false, &sns.intermediate), "trusts"),
    ] {
        sns.web.put(URL, content);
        let answer = sns.post(&message).await;
        assert_eq!(answer.status, 403, "{why}: {}", answer.text);
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
    }
    // SNS sends its certificate without the one of its issuer, but says where that is.
    sns.web.put(URL, sns.leaf("sns.us-east-1.amazonaws.com", true, &sns.intermediate));
    assert_eq!(sns.status(&message).await, 503, "it cannot be had at the moment: SNS tries again");
    sns.web.put(ISSUER, sns.intermediate.der().to_vec());
    sns.web.asked();
    assert_eq!(sns.status(&message).await, 200);
    assert_eq!(sns.web.asked(), [URL, ISSUER]);
    assert_eq!(hits(&sns.house).await.len(), 1);
}

#[tokio::test]
async fn strangers_cannot_make_us_fetch_without_end() {
    let sns = Sns::new().await;
    for n in 0..40 {
        let mut message = sns.notification("m-1", "x");
        message["SigningCertURL"] =
            json!(format!("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-{n:032}.pem"));
        assert_eq!(sns.status(&signed(message)).await, 503);
    }
    assert_eq!(sns.web.asked().len(), 20);
}

#[tokio::test]
async fn sha_1_is_taken_where_the_operator_allows_it() {
    let unused = || AwsClients::at("http://127.0.0.1:9", KEY, &Secret::new("secret".into()));
    let sns = Sns::with(unused(), &[("AVIARY_SNS_ALLOW_V1", "on")]).await;
    let mut message = sns.notification("m-1", &event(&record("one", KEY)));
    message["SignatureVersion"] = json!("1");
    let Some(signature) = openssl_sha1(&sns.house, &signed_text(&message)) else { return };
    message["Signature"] = json!(base64::engine::general_purpose::STANDARD.encode(signature));
    let answer = sns.post(&message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    message["SignatureVersion"] = json!("2");
    assert_eq!(sns.status(&message).await, 403, "it is no signature of the other version");
}

/// A signature that ring verifies but does not make.
fn openssl_sha1(house: &TestHouse, text: &str) -> Option<Vec<u8>> {
    let (key, file) = (house.folder.path().join("signer.pem"), house.folder.path().join("text"));
    std::fs::write(&key, signing_key()).unwrap();
    std::fs::write(&file, text).unwrap();
    let done = std::process::Command::new("openssl").args(["dgst", "-sha1", "-sign"]).arg(key).arg(file).output();
    match done {
        Ok(done) if done.status.success() => Some(done.stdout),
        _ => {
            skipped("SNS with SHA-1 needs the openssl command");
            None
        }
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_understood_is_kept_once_and_not_repeated() {
    let sns = Sns::new().await;
    let message = signed(sns.notification("m-1", "no record"));
    for _ in 0..3 {
        assert_eq!(sns.status(&message).await, 200);
    }
    let kept = aviary::hits::quarantine(&sns.house.house, &Viewer::system("test"), None).await.unwrap().items;
    assert_eq!(kept.len(), 1);
    assert!(kept[0].reason.contains(TOPIC), "{}", kept[0].reason);
}

#[tokio::test]
async fn a_subscription_is_confirmed_so_that_only_we_can_end_it() {
    let calls: Arc<Mutex<Vec<BTreeMap<String, String>>>> = Arc::default();
    let ours = Arc::clone(&calls);
    let answer = async move |body: Bytes| {
        let call: BTreeMap<String, String> = serde_urlencoded::from_bytes(&body).unwrap();
        // What the house asks by itself, and when, is another story.
        if call.get("Action").is_some_and(|action| action == "ConfirmSubscription") {
            ours.lock().unwrap().push(call);
        }
        "<ConfirmSubscriptionResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ConfirmSubscriptionResult>\
         <SubscriptionArn>arn:aws:sns:us-east-1:123456789012:trail:1</SubscriptionArn></ConfirmSubscriptionResult>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ConfirmSubscriptionResponse>"
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(answer))).await });
    let sns = Sns::with(AwsClients::at(&url, KEY, &Secret::new("secret".into())), &[]).await;
    let mut message = sns.notification("m-1", "You have chosen to subscribe");
    message["Type"] = json!("SubscriptionConfirmation");
    message["Token"] = json!("token-1");
    message["SubscribeURL"] = json!("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription");
    let answer = sns.post(&signed(message.clone())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let confirmed = calls.lock().unwrap().clone();
    assert_eq!(confirmed.len(), 1);
    for (name, value) in [
        ("Action", "ConfirmSubscription"),
        ("TopicArn", TOPIC),
        ("Token", "token-1"),
        ("AuthenticateOnUnsubscribe", "true"),
    ] {
        assert_eq!(confirmed[0][name], value);
    }
    message["TopicArn"] = json!("arn:aws:sns:us-east-1:123456789012:other");
    assert_eq!(sns.status(&signed(message)).await, 403);
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn cloudtrails_own_notice_leads_to_the_log_file() {
    let Some(aws) = Emulator::start("CloudTrail's notice over HTTPS").await else { return };
    let sns = Sns::with(aws.clients(None), &[]).await;
    let bucket = trail::Trail::new(&aws).await;
    let key = trail::key("one");
    let message = signed(sns.notification("m-1", &bucket.notice(&[&key])));
    assert_eq!(sns.status(&message).await, 503, "a file that is not there yet is asked for again");
    bucket.put_records(&key, &[record("one", KEY)]).await;
    assert_eq!(sns.status(&message).await, 200);
    let hits = hits(&sns.house).await;
    assert_eq!((hits.len(), ways(&hits[0])), (1, vec!["trail"]));
    assert_eq!(hits[0]["record"]["recipientAccountId"], ACCOUNT);
}

#[tokio::test]
async fn a_file_that_never_comes_is_kept_with_the_reason() {
    // A bucket with nothing in it.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let nothing = async || {
        let error = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
        (axum::http::StatusCode::NOT_FOUND, error)
    };
    let router = Router::new().fallback(nothing);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let sns = Sns::with(AwsClients::at(&url, KEY, &Secret::new("secret".into())), &[]).await;
    let notice = json!({ "s3Bucket": "trail", "s3ObjectKey": [trail::key("never")] }).to_string();
    let message = signed(sns.notification("m-1", &notice));
    let kept = async || {
        let page = aviary::hits::quarantine(&sns.house.house, &Viewer::system("test"), None).await.unwrap();
        page.items.into_iter().map(|entry| entry.reason).collect::<Vec<_>>()
    };
    assert_eq!(sns.status(&message).await, 503, "it may still come");
    assert_eq!(kept().await, [""; 0]);
    sns.house.clock.advance(11 * 60_000);
    for _ in 0..2 {
        assert_eq!(sns.status(&message).await, 200, "SNS need not repeat it any more");
    }
    let kept = kept().await;
    assert!(kept.len() == 1 && kept[0].contains("the object is not there"), "{kept:?}");
}

#[tokio::test]
async fn every_recorded_file_that_a_topic_tells_of_gives_exactly_its_hits() {
    let Some(recorded) = crate::logs::recorded() else { return };
    let files = recorded.objects();
    let keys: Vec<_> = files.keys().cloned().collect();
    let (_bucket, url) = super::bucket::Bucket::open(files).await;
    let sns = Sns::with(AwsClients::at(&url, KEY, &Secret::new("secret".into())), &[]).await;
    recorded.adopt_all(&sns.house).await;
    for (n, keys) in keys.chunks(5).enumerate() {
        let notice = json!({ "s3Bucket": "trail", "s3ObjectKey": keys }).to_string();
        let answer = sns.post(&signed(sns.notification(&format!("m-{n}"), &notice))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    recorded.assert_in(&sns.house).await;
}

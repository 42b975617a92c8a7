//! AWS: an SNS topic, an SQS queue, or an event bus of EventBridge, through the role of one of the accounts.

use super::{
    Outcome, Parts, Proof, Verdict,
    address::wrong,
    news::{News, cut, setting},
    service,
};
use crate::{
    house::House,
    issuers::aws::{
        AwsIssuer, authority,
        publish::{Message, Refusal},
    },
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{
    alert::{DestinationForm, DestinationKind},
    fault::FieldFault,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// How large a message may be, in bytes: 256 KiB for all three services, of which something is left for its envelope.
const LARGEST: usize = 250_000;

/// Reads the form: the ARN or address, and the account through whose role to go. `endpoints` are the hosts that stand for
/// AWS besides its own.
pub(super) fn read(
    kind: DestinationKind,
    form: &DestinationForm,
    endpoints: &[String],
) -> Result<Parts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let typed = form.address.trim();
    let (address, expected) = match kind {
        DestinationKind::Sns => {
            (arn(typed, "sns", ""), "a topic's ARN, such as arn:aws:sns:eu-west-1:123456789012:alerts")
        }
        DestinationKind::Eventbridge => (
            arn(typed, "events", "event-bus/"),
            "an event bus's ARN, such as arn:aws:events:eu-west-1:123456789012:event-bus/alerts",
        ),
        _ => (
            queue(typed, endpoints),
            "a queue's address or ARN, such as https://sqs.eu-west-1.amazonaws.com/123456789012/alerts",
        ),
    };
    if address.is_none() {
        faults.push(wrong("address", format!("expected {expected}")));
    }
    let account = service::typed(form, "account", 100, &mut faults);
    if account.is_empty() {
        faults.push(wrong("settings.account", "expected the name of one of the AWS accounts"));
    }
    service::parts(faults, address.unwrap_or_default(), json!({ "account": account }), None)
}

/// An ARN of this service. Its region becomes part of a host's name.
fn arn(typed: &str, service: &str, prefix: &str) -> Option<String> {
    let parts: Vec<&str> = typed.split(':').collect();
    let ["arn", partition, of, region, account, name] = parts.as_slice() else { return None };
    let name = name.strip_prefix(prefix)?;
    let fits = partition.starts_with("aws")
        && is_word(partition)
        && *of == service
        && is_word(region)
        && is_account(account)
        && !name.is_empty()
        && name.len() <= 256
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    fits.then(|| typed.to_owned())
}

fn is_word(text: &str) -> bool {
    (1..40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A queue's address, also of its ARN. Its host is one of AWS, or one that the configuration names as AWS.
fn queue(typed: &str, endpoints: &[String]) -> Option<String> {
    if typed.starts_with("arn:") {
        let arn = arn(typed, "sqs", "")?;
        let parts: Vec<&str> = arn.split(':').collect();
        let [_, partition, _, region, account, name] = parts.as_slice() else { return None };
        let china = if *partition == "aws-cn" { ".cn" } else { "" };
        return Some(format!("https://sqs.{region}.amazonaws.com{china}/{account}/{name}"));
    }
    let url = super::address::web(typed).ok()?;
    let known = authority(&url).is_some_and(|authority| endpoints.contains(&authority));
    let aws = url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(is_of_sqs);
    let mut path = url.path_segments()?;
    let fits = path.next().is_some_and(is_account)
        && path.next().is_some_and(|name| !name.is_empty())
        && path.next().is_none();
    (fits && (known || aws) && url.query().is_none()).then(|| url.to_string())
}

/// Whether this is a host of SQS: of a region, by both versions of IP, of a VPC's endpoint, or an old one
/// (<https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>).
fn is_of_sqs(host: &str) -> bool {
    let parts: Vec<&str> = host.strip_suffix(".cn").unwrap_or(host).split('.').collect();
    match parts.as_slice() {
        ["sqs" | "sqs-fips", region, "amazonaws", "com"]
        | [region, "queue", "amazonaws", "com"]
        | [_, "sqs", region, "vpce", "amazonaws", "com"]
        | ["sqs", region, "api", "aws"]
        | ["sqs", region, "api", "amazonwebservices", "com"] => is_word(region),
        ["queue", "amazonaws", "com"] => true,
        _ => false,
    }
}

/// Hands an alert over as one message.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    let issuer = match account(house, destination) {
        Ok(issuer) => issuer,
        Err(why) => return Outcome::new(Verdict::Later(None), None, &why),
    };
    let Some(body) = body(due) else {
        return Outcome::new(Verdict::Never, None, "The alert is larger than the 256 KiB that AWS takes.");
    };
    let news = News::of(due);
    let message = Message {
        id: due.id.as_str(),
        group: news.thread(),
        kind: due.kind.word(),
        subject: &subject(&due.summary),
        body: &body,
    };
    let (clients, to) = (issuer.clients(), destination.address.as_str());
    let sent = match destination.kind {
        DestinationKind::Sns => clients.publish(to, &message).await,
        DestinationKind::Eventbridge => clients.put_event(to, &message).await,
        _ => clients.enqueue(to, &message).await,
    };
    match sent {
        Ok(id) => Outcome::new(Verdict::Accepted, None, &format!("AWS calls it {id}.")),
        Err(Refusal { never, text }) => {
            Outcome::new(if never { Verdict::Never } else { Verdict::Later(None) }, None, &text)
        }
    }
}

/// Sends a test.
pub(super) async fn prove(house: &House, destination: &DestinationRow) -> Result<Proof, String> {
    service::proven(&send(house, destination, &service::test(house, destination)?).await)
}

/// The account of the settings, by its name or its digits.
fn account(house: &House, destination: &DestinationRow) -> Result<Arc<AwsIssuer>, String> {
    let named = setting(destination, "account");
    let accounts = house.issuers.aws();
    let found = accounts.iter().find(|one| one.id() == named || one.settings().name == named);
    found.cloned().ok_or_else(|| format!("There is no AWS account called {named}."))
}

/// What makes an alert that is too large smaller, one after the other, the least missed first.
const LIGHTER: [fn(&mut Value); 6] = [
    |body| blank(body, "/data/hit/record"),
    |body| of_each(body, "/token/notes", &Value::String(String::new())),
    |body| {
        of_each(body, "/by_call", &json!([]));
        of_each(body, "/by_source", &json!([]));
    },
    |body| fewer(body, 25),
    |body| fewer(body, 5),
    |body| blank(body, "/data/hit"),
];

/// The alert with its identifier. What is too large loses its record first, then the details of a digest's entries, then
/// entries, then its hit.
fn body(due: &Due) -> Option<String> {
    let mut body = service::whole(due);
    let mut text = body.to_string();
    for lighten in LIGHTER {
        if text.len() <= LARGEST {
            break;
        }
        lighten(&mut body);
        text = body.to_string();
    }
    (text.len() <= LARGEST).then_some(text)
}

fn blank(body: &mut Value, pointer: &str) {
    if let Some(part) = body.pointer_mut(pointer) {
        *part = Value::Null;
    }
}

/// Puts this in the place of a part of each of a digest's entries.
fn of_each(body: &mut Value, pointer: &str, instead: &Value) {
    let items = body.pointer_mut("/data/digest/items").and_then(Value::as_array_mut);
    for part in items.into_iter().flatten().filter_map(|item| item.pointer_mut(pointer)) {
        *part = instead.clone();
    }
}

/// Leaves at most so many of a digest's entries, and says in `more` how many others there were.
fn fewer(body: &mut Value, most: usize) {
    let Some(digest) = body.pointer_mut("/data/digest").and_then(Value::as_object_mut) else { return };
    let said = digest.get("more").and_then(Value::as_u64).unwrap_or(0);
    let Some(items) = digest.get_mut("items").and_then(Value::as_array_mut) else { return };
    let cut = items.len().saturating_sub(most);
    items.truncate(most);
    if cut > 0 {
        digest.insert("more".into(), said.saturating_add(u64::try_from(cut).unwrap_or(u64::MAX)).into());
    }
}

/// A subject as SNS takes it: less than 100 characters of ASCII in one line.
fn subject(summary: &str) -> String {
    let ascii: String = summary.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    cut(ascii.trim(), 99).replace('…', "~")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{news::sample, service::sample as other},
        *,
    };
    use app::model::alert::AlertKind;

    #[test]
    fn only_what_can_be_an_address_in_aws_is_taken() {
        let endpoints = ["127.0.0.1:4566".to_owned()];
        let read = |kind, address| read(kind, &other::form(address, "", &[("account", "Workloads")]), &endpoints);
        for (kind, typed, kept) in [
            (
                DestinationKind::Sns,
                "arn:aws:sns:eu-west-1:123456789012:a.fifo",
                "arn:aws:sns:eu-west-1:123456789012:a.fifo",
            ),
            (
                DestinationKind::Sqs,
                "arn:aws-cn:sqs:cn-north-1:123456789012:q",
                "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q",
            ),
            (
                DestinationKind::Sqs,
                "https://vpce-1a2b.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q",
                "https://vpce-1a2b.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q",
            ),
            (DestinationKind::Sqs, "http://127.0.0.1:4566/123456789012/q", "http://127.0.0.1:4566/123456789012/q"),
            (
                DestinationKind::Eventbridge,
                "arn:aws:events:eu-west-1:123456789012:event-bus/default",
                "arn:aws:events:eu-west-1:123456789012:event-bus/default",
            ),
        ] {
            assert_eq!(read(kind, typed).unwrap().address, kept);
        }
        for (kind, typed) in [
            (DestinationKind::Sns, "arn:aws:sqs:eu-west-1:123456789012:a"),
            (DestinationKind::Sns, "arn:aws:sns:evil.example/#:123456789012:a"),
            (DestinationKind::Sns, "arn:aws:sns:eu-west-1:12345678901:a"),
            (DestinationKind::Sqs, "https://sqs.eu-west-1.amazonaws.com/q"),
            (DestinationKind::Sqs, "https://sqs.eu-west-1.amazonaws.com/123456789012/q?x=1"),
            (DestinationKind::Sqs, "http://sqs.eu-west-1.amazonaws.com/123456789012/q"),
            (DestinationKind::Sqs, "https://sqs.eu-west-1.amazonaws.com:8443/123456789012/q"),
            (DestinationKind::Sqs, "https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/q"),
            (DestinationKind::Sqs, "https://evil.example/123456789012/q"),
            (DestinationKind::Sqs, "http://127.0.0.1:4567/123456789012/q"),
            (DestinationKind::Sqs, "http://169.254.169.254/123456789012/q"),
            (DestinationKind::Eventbridge, "arn:aws:events:eu-west-1:123456789012:rule/x"),
            (DestinationKind::Eventbridge, "default"),
        ] {
            assert!(read(kind, typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn what_is_too_large_loses_its_record_first() {
        let mut payload: Value = serde_json::from_str(&sample::hit().payload).unwrap();
        payload["data"]["hit"]["record"] = "x".repeat(300_000).into();
        let due = Due { payload: payload.to_string(), ..sample::hit() };
        let read: Value = serde_json::from_str(&body(&due).unwrap()).unwrap();
        assert_eq!(read["data"]["hit"]["record"], Value::Null);
        assert_eq!((&read["data"]["hit"]["source_ip"], &read["id"]), (&json!("203.0.113.7"), &json!("d-1")));
        payload["data"]["token"]["notes"] = "x".repeat(300_000).into();
        assert_eq!(body(&Due { payload: payload.to_string(), ..sample::hit() }), None);
    }

    #[test]
    fn news_of_every_sort_are_messages() {
        for due in [sample::digest(), sample::failing(), sample::minted(), sample::audit()] {
            let read: Value = serde_json::from_str(&body(&due).unwrap()).unwrap();
            assert_eq!((&read["type"], &read["id"]), (&json!(due.kind.word()), &json!("d-1")));
            assert_eq!(read["data"]["digest"]["items"].is_array(), due.kind == AlertKind::Digest, "{read}");
        }
    }

    #[test]
    fn a_large_digest_loses_what_is_missed_least() {
        let sized = |each: usize, name: usize| {
            let item = json!({
                "token": { "id": "t-1", "location": "x".repeat(name), "notes": "n".repeat(each) },
                "by_call": [{ "name": "sts:GetCallerIdentity", "count": 2 }],
                "by_source": [{ "name": "203.0.113.7", "count": 2 }],
                "count": 2,
            });
            let digest = json!({ "count": 200, "items": vec![item; 100] });
            let payload = json!({ "type": "digest", "data": { "digest": digest } });
            let due = Due { payload: payload.to_string(), ..sample::due(AlertKind::Digest, "digest") };
            let text = body(&due).unwrap();
            assert!(text.len() <= LARGEST, "{}", text.len());
            let read: Value = serde_json::from_str(&text).unwrap();
            read["data"]["digest"].clone()
        };
        let small = sized(10, 10);
        assert_eq!(small["items"][0]["token"]["notes"].as_str().unwrap().len(), 10);
        let noted = sized(4_000, 10);
        assert_eq!((&noted["items"][99]["token"]["notes"], &noted["more"]), (&json!(""), &Value::Null));
        assert_eq!(noted["items"][99]["by_call"][0]["count"], 2);
        let large = sized(4_000, 6_000);
        assert_eq!((large["items"].as_array().unwrap().len(), &large["more"]), (25, &json!(75)));
        assert_eq!(large["items"][0]["by_call"], json!([]));
        let larger = sized(4_000, 20_000);
        assert_eq!((larger["items"].as_array().unwrap().len(), &larger["more"]), (5, &json!(95)));
    }

    #[test]
    fn a_subject_is_short_ascii() {
        let subject = subject(&format!("Schlüssel\n{}", "x".repeat(300)));
        assert!(subject.is_ascii() && subject.len() < 100 && subject.starts_with("Schl?ssel?"), "{subject}");
    }
}

//! What the channels to services have in common: reading fields, one POST of JSON, a test as the proof.

use super::{
    Outcome, PATIENCE, PATIENCE_FOR_PROOF, Parts, Proof, Verdict,
    address::{web, wrong},
    sentence, unsealed,
};
use crate::{
    alerts::{body::Body, card::ACKNOWLEDGE, schedule},
    house::House,
    net::{Ask, NetError, Reply},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{
    alert::{AlertKind, DestinationForm},
    fault::FieldFault,
    ids::DeliveryId,
    secret::Secret,
};
use http::{HeaderName, Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use url::Url;

/// How much of an answer is read that decides whether a destination works, in bytes.
const ANSWER: usize = 1024 * 1024;

/// Shorter ones are no secret, and would take ordinary words out of an answer.
const SECRET: usize = 6;

/// The address of a service, without a slash at the end; empty, and a fault, where it is none.
pub(super) fn address(typed: &str, faults: &mut Vec<FieldFault>) -> String {
    match web(typed) {
        Ok(url) if url.query().is_none() => url.as_str().trim_end_matches('/').to_owned(),
        Ok(_) => {
            faults.push(wrong("address", "expected an address without a question mark"));
            String::new()
        }
        Err(expected) => {
            faults.push(wrong("address", expected));
            String::new()
        }
    }
}

/// A setting as it was typed, in one line and not longer than that.
pub(super) fn typed(form: &DestinationForm, name: &str, most: usize, faults: &mut Vec<FieldFault>) -> String {
    let text = form.settings.get(name).map(|text| text.trim()).unwrap_or_default();
    if text.chars().count() > most || text.chars().any(char::is_control) {
        faults.push(wrong(&format!("settings.{name}"), format!("expected at most {most} characters in one line")));
    }
    text.to_owned()
}

/// What there is to hide, in one line; a fault where it is missing or cannot be meant.
pub(super) fn typed_secret(form: &DestinationForm, expected: &str, faults: &mut Vec<FieldFault>) -> Secret {
    let text = form.secret.as_ref().map(|secret| secret.expose().trim()).unwrap_or_default();
    if text.is_empty() || text.len() > 1_000 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        faults.push(wrong("secret", format!("expected {expected}")));
    }
    Secret::new(text.to_owned())
}

/// The parts, if nothing is wrong.
pub(super) fn parts(
    faults: Vec<FieldFault>,
    address: String,
    settings: Value,
    secret: Option<Secret>,
) -> Result<Parts, Vec<FieldFault>> {
    if faults.is_empty() { Ok(Parts { address, settings, secret }) } else { Err(faults) }
}

/// The address of something at a destination.
pub(super) fn below(destination: &DestinationRow, path: &str) -> Result<Url, String> {
    Url::parse(&format!("{}{path}", destination.address)).map_err(|error| format!("Its address is none: {error}."))
}

/// Asks a destination for JSON, or posts some.
///
/// # Errors
/// Why nothing was answered.
pub(super) async fn call(
    house: &House,
    destination: &DestinationRow,
    path: &str,
    headers: &[(HeaderName, String)],
    body: Option<&Value>,
) -> Result<Reply, NetError> {
    let url = below(destination, path).map_err(NetError::Unusable)?;
    let mut headers = headers.to_vec();
    headers.push((http::header::ACCEPT, "application/json".to_owned()));
    let (method, body, limit) = match body {
        Some(body) => {
            headers.push((CONTENT_TYPE, "application/json".to_owned()));
            (Method::POST, body.to_string(), PATIENCE)
        }
        None => (Method::GET, String::new(), PATIENCE_FOR_PROOF),
    };
    let mut reply = house.net.ask(Ask { method, url: &url, headers: &headers, body, most: ANSWER }, limit).await?;
    // What is answered is shown to more people than may know the key, and some services repeat it.
    if let Ok(secret) = unsealed(house, destination)
        && secret.expose().len() >= SECRET
    {
        reply.body_start = reply.body_start.replace(secret.expose(), "…");
    }
    Ok(reply)
}

/// Posts JSON to a destination; `judge` says what its answer means.
pub(super) async fn post(
    house: &House,
    destination: &DestinationRow,
    path: &str,
    headers: &[(HeaderName, String)],
    body: &Value,
    judge: fn(&Reply) -> Verdict,
) -> Outcome {
    match call(house, destination, path, headers, Some(body)).await {
        Ok(reply) => outcome(house, &reply, judge(&reply)),
        Err(error) => Outcome::new(Verdict::Later(None), None, &sentence(&error)),
    }
}

/// What came of an answer that was judged; one that asks for patience gets it.
pub(super) fn outcome(house: &House, reply: &Reply, verdict: Verdict) -> Outcome {
    let asked = reply.retry_after.as_deref().and_then(|header| schedule::retry_after(header, house.now()));
    let verdict = match verdict {
        Verdict::Later(None) => Verdict::Later(asked),
        other => other,
    };
    Outcome::new(verdict, Some(reply.status), &reply.body_start)
}

/// A test, as an alert that no delivery belongs to.
///
/// # Errors
/// Never, in practice: the test is made of what can be written.
pub(super) fn test(house: &House, destination: &DestinationRow) -> Result<Due, String> {
    let body = Body::test(house.now(), &destination.id, &destination.name);
    let payload = serde_json::to_string(&body).map_err(|_| "A test could not be written.".to_owned())?;
    let summary = body.summary();
    Ok(Due { id: DeliveryId(house.new_id()), tries: 0, asked: true, kind: AlertKind::Test, summary, payload })
}

/// A whole alert as JSON, with its identifier and its line, for where many may read it: without what acknowledges the
/// incident for whoever follows it.
pub(super) fn whole(due: &Due) -> Value {
    let mut body: Value =
        serde_json::from_str(&due.payload).unwrap_or_else(|_| json!({ "type": due.kind.word(), "data": {} }));
    if let Some(actions) = body.pointer_mut("/data/card/actions").and_then(Value::as_array_mut) {
        actions.retain(|action| {
            let url = action.get("url").and_then(Value::as_str).unwrap_or_default();
            !url.contains("/acknowledge/") && url != ACKNOWLEDGE
        });
    }
    if let Some(body) = body.as_object_mut() {
        body.insert("id".into(), due.id.as_str().into());
        body.insert("summary".into(), due.summary.clone().into());
    }
    body
}

/// The proof of a destination that took a test.
///
/// # Errors
/// Why it did not take it.
pub(super) fn proven(test: &Outcome) -> Result<Proof, String> {
    match test.error() {
        None => Ok(Proof::Confirmed),
        Some(why) => Err(why),
    }
}

/// This installation's name among hosts.
pub(super) fn host(house: &House) -> String {
    let url = Url::parse(&house.config.base_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "aviary".to_owned())
}

#[cfg(test)]
pub mod sample {
    //! A destination to send to.

    use super::*;
    use app::model::{alert::DestinationKind, alert::DestinationState, moment::Moment};

    /// One with these settings.
    pub fn destination(settings: Value) -> DestinationRow {
        DestinationRow {
            id: "d".into(),
            kind: DestinationKind::Splunk,
            name: "it".into(),
            address: "https://example.com".into(),
            sealed_address: None,
            sealed_secret: None,
            sealed_old_secret: None,
            old_secret_until: None,
            settings,
            team_id: None,
            team: None,
            owner_id: "p".into(),
            created_by: "ana".into(),
            created_at: Moment(0),
            state: DestinationState::Confirmed,
            confirm_until: None,
            proof_until: None,
            last_error: None,
        }
    }

    /// A form with these settings.
    pub fn form(address: &str, secret: &str, settings: &[(&str, &str)]) -> DestinationForm {
        DestinationForm {
            address: address.into(),
            secret: Some(Secret::new(secret.into())),
            settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..DestinationForm::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::news, *};

    #[test]
    fn what_many_may_read_acknowledges_nothing() {
        let mut payload: Value = serde_json::from_str(&news::sample::hit().payload).unwrap();
        payload["data"]["card"] = json!({ "sentence": "s", "actions": [
            { "label": "See the incident", "url": "https://a.example/incidents/i-1" },
            { "label": "Acknowledge", "url": "https://a.example/acknowledge/code" },
            { "label": "Acknowledge", "url": ACKNOWLEDGE },
        ] });
        let whole = whole(&Due { payload: payload.to_string(), ..news::sample::hit() });
        let actions = whole["data"]["card"]["actions"].as_array().unwrap();
        assert_eq!(actions.len(), 1, "{whole}");
        assert_eq!((&whole["id"], &actions[0]["label"]), (&json!("d-1"), &json!("See the incident")));
    }
}

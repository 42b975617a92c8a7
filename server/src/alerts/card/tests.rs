//! What cards say.

use super::*;
use crate::alerts::body::Body;
use app::model::{
    hit::{Geo, HitKind, Sighting},
    incident::{Incident, IncidentState},
    token::{OnHit, TokenState},
};

/// A token in a place that looks after itself badly.
pub fn token() -> Token {
    Token {
        id: "t-1".into(),
        account: "sandbox".into(),
        access_key_id: "AKIAEXAMPLE".into(),
        user_name: "svc-backup".into(),
        arn: String::new(),
        team: "Platform".into(),
        owner: "build team".into(),
        location: "Jenkins credentials store".into(),
        notes: "Rotate the deploy keys.\nAsk the build team.".into(),
        labels: Vec::new(),
        state: TokenState::Triggered,
        on_hit: OnHit::Keep,
        created_at: Moment(0),
        expires_at: None,
        last_hit_at: None,
        hit_count: 1,
        adopted: false,
        key_active: true,
        team_id: "team-1".into(),
        created_by: "ana@example.com".into(),
        expired_at: None,
        revoked_at: None,
        proven_at: None,
    }
}

/// Somebody lists users and is refused.
pub fn hit() -> Hit {
    let at = Moment::parse("2026-11-21T14:03:09Z").unwrap();
    Hit {
        id: "h-1".into(),
        token_id: "t-1".into(),
        kind: HitKind::Use,
        event_id: "e-1".into(),
        event_time: at,
        event_name: "ListUsers".into(),
        event_source: "iam.amazonaws.com".into(),
        aws_region: "us-east-1".into(),
        source_ip: "203.0.113.7".into(),
        geo: Some(Geo { country: Some("NL".into()), asn: Some(64_500), organisation: Some("Example".into()) }),
        user_agent: "aws-cli/2.31.5 os/linux md/distrib#kali.2025".into(),
        error_code: Some("AccessDenied".into()),
        sources: vec![
            Sighting { source: Source::Eventbridge, received_at: at },
            Sighting { source: Source::Trail, received_at: at },
        ],
        incident_id: None,
        record: serde_json::json!({}),
    }
}

/// The incident that it belongs to.
pub fn incident() -> Incident {
    Incident {
        id: "i-1".into(),
        token_id: "t-1".into(),
        team: "Platform".into(),
        location: "Jenkins credentials store".into(),
        access_key_id: "AKIAEXAMPLE".into(),
        state: IncidentState::Open,
        resolution: None,
        opened_at: hit().event_time.plus(-60_000),
        last_hit_at: hit().event_time,
        hit_count: 3,
        acknowledged_by: None,
        acknowledged_at: None,
        resolved_by: None,
        resolved_at: None,
        comment: String::new(),
    }
}

fn body(kind: AlertKind, token: &Token, hit: Option<&Hit>) -> Body {
    let now = Moment::parse("2026-11-21T14:03:12Z").unwrap();
    Body::about(kind, now, "https://a.example.com", token, hit, hit.map(|_| incident()).as_ref())
}

fn says(kind: AlertKind, token: &Token, hit: Option<&Hit>) -> String {
    body(kind, token, hit).data.card.sentence
}

#[test]
fn plain_words_come_first() {
    assert_eq!(
        says(AlertKind::Hit, &token(), Some(&hit())),
        "The key planted in Jenkins credentials store (owner: build team) was used from 203.0.113.7 (AS64500, NL) at \
         14:03 UTC: iam:ListUsers, refused."
    );
}

#[test]
fn what_is_not_known_is_not_said() {
    let bare = Token { owner: String::new(), location: String::new(), notes: String::new(), ..token() };
    let quiet = Hit {
        geo: None,
        source_ip: String::new(),
        error_code: None,
        event_time: hit().event_time.plus(-86_400_000),
        ..hit()
    };
    assert_eq!(
        says(AlertKind::Hit, &bare, Some(&quiet)),
        "The key AKIAEXAMPLE was used on 2026-11-20 at 14:03 UTC: iam:ListUsers, it succeeded."
    );
    let card = body(AlertKind::Hit, &bare, Some(&quiet)).data.card;
    assert!(
        card.facts
            .iter()
            .all(|fact| !["What it opens, what to rotate", "Network", "Owner"].contains(&fact.label.as_str()))
    );
}

#[test]
fn each_kind_of_news_has_its_sentence() {
    for kind in AlertKind::ALL {
        let said = says(kind, &token(), Some(&hit()));
        assert!(said.contains("Jenkins credentials store") && said.ends_with('.'), "{kind:?}: {said}");
    }
    assert!(says(AlertKind::Exposed, &token(), Some(&hit())).starts_with("AWS treats the key planted in Jenkins"));
    assert!(says(AlertKind::UnloggedUse, &token(), Some(&hit())).contains("no record of a call has come"));
}

#[test]
fn the_facts_stand_in_the_order_in_which_they_are_asked_for() {
    let card = body(AlertKind::Hit, &token(), Some(&hit())).data.card;
    let labels: Vec<_> = card.facts.iter().map(|fact| fact.label.as_str()).take(6).collect();
    assert_eq!(
        labels,
        ["How sure", "What it opens, what to rotate", "First seen", "Last seen", "Calls in this incident", "Tools"]
    );
    let fact = |label: &str| card.facts.iter().find(|fact| fact.label == label).unwrap().value.as_str();
    assert_eq!(fact("How sure"), "Heard by EventBridge and a trail's log file. AWS recorded the call itself.");
    assert_eq!(fact("What it opens, what to rotate"), "Rotate the deploy keys.\nAsk the build team.");
    assert_eq!((fact("Calls in this incident"), fact("First seen")), ("3", "2026-11-21 14:02:09 UTC"));
    assert_eq!(fact("Network"), "NL · AS64500 Example");
    assert_eq!(card.tools, ["Kali Linux", "AWS CLI"]);
    let actions: Vec<_> = card.actions.iter().map(|action| (action.label.as_str(), action.url.as_str())).collect();
    assert_eq!(
        actions,
        [
            ("See the incident", "https://a.example.com/incidents/i-1"),
            ("Acknowledge", ACKNOWLEDGE),
            ("See the key and all its uses", "https://a.example.com/tokens/t-1"),
        ]
    );
}

#[test]
fn text_from_outside_is_bounded_and_one_line() {
    let long = Token { location: "x".repeat(5_000), owner: "a\r\nb".into(), ..token() };
    let odd = Hit { source_ip: "1.2.3.4\r\n\u{202e}evil".into(), event_name: "N".repeat(5_000), ..hit() };
    let said = says(AlertKind::Hit, &long, Some(&odd));
    assert!(said.chars().count() < 600 && !said.contains(['\r', '\n', '\u{202e}']), "{said}");
    assert!(says(AlertKind::Hit, &long, Some(&odd)).contains("(owner: a b)"));
}

#[test]
fn calls_are_written_as_policies_write_them() {
    for (source, name, known) in [
        ("iam.amazonaws.com", "ListUsers", "iam:ListUsers"),
        ("monitoring.amazonaws.com", "PutMetricData", "cloudwatch:PutMetricData"),
        ("s3.us-east-1.amazonaws.com", "ListBuckets", "s3:ListBuckets"),
        ("", "ListBuckets", "ListBuckets"),
    ] {
        assert_eq!(call(source, name), known);
    }
}

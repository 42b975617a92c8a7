//! Mail: who used which key, in plain words, and what to do about it.

use super::{Outcome, Verdict};
use crate::{
    alerts::body::Body,
    house::House,
    mail::{Mail, letter::Letter},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::AlertKind, hit::Hit, incident::Incident, token::Token};

/// Hands an alert to the mail server.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    match house.mailer.send(&mail(house, destination, due)).await {
        Ok(()) => Outcome::new(Verdict::Accepted, None, ""),
        Err(error) => {
            let verdict = if error.permanent { Verdict::Never } else { Verdict::Later(None) };
            Outcome::new(verdict, error.status, &error.text)
        }
    }
}

fn mail(house: &House, destination: &DestinationRow, due: &Due) -> Mail {
    let body: Option<Body> = serde_json::from_str(&due.payload).ok();
    let base = &house.config.base_url;
    let letter = match &body {
        Some(body) => write(body, &due.summary),
        // An alert that an older Aviary wrote still says what happened.
        None => Letter::new(&due.summary),
    };
    let letter = letter.foot(&format!(
        "Aviary sends this because {} is subscribed to alerts. To stop that, open {base}/destinations/{}.",
        destination.address, destination.id
    ));
    let mut mail = Mail::new(&destination.address, &due.summary, &letter);
    // The same in every attempt, so that a repeated one shows once; and the hits of an incident stand together.
    mail.id = Some(due.id.0.clone());
    let incident = body.as_ref().and_then(|body| body.data.incident.as_ref());
    if let Some(incident) = incident {
        mail.headers.push(("References", house.mailer.message_id(&format!("incident-{}", incident.id))));
    }
    mail
}

fn write(body: &Body, summary: &str) -> Letter {
    let mut letter = Letter::new(summary).say(opening(body));
    if let Some(token) = &body.data.token {
        if let Some(hit) = &body.data.hit {
            letter = letter.facts(&used(hit, body.data.incident.as_ref()));
        }
        letter = letter.facts(&key(token, body.kind)).quote("What to do", &token.notes);
    }
    if let Some(address) = &body.data.links.incident {
        letter = letter.link("See the incident", address);
    }
    if let Some(address) = &body.data.links.token {
        letter = letter.link("See the key and all its uses", address);
    }
    letter
}

fn opening(body: &Body) -> &'static str {
    let refused = body.data.hit.as_ref().is_some_and(|hit| hit.error_code.is_some());
    match (body.kind, refused) {
        (AlertKind::Hit, _) => {
            "Somebody used a canary key. Nobody has a reason to use it, so treat the place where it was planted as \
             broken into until you know better."
        }
        (AlertKind::Exposed, _) => {
            "AWS treats a canary key as public: it was found where everybody can read it. Find out how it got there \
             from the place where it was planted, and expect strangers to use it."
        }
        (AlertKind::Tampered, true) => {
            "Somebody tried to change the user or the key of a canary, and it was refused. It was not Aviary."
        }
        (AlertKind::Tampered, false) => {
            "Somebody changed the user or the key of a canary. It was not Aviary. The key may no longer be watched as \
             it should be."
        }
        (AlertKind::UnloggedUse, _) => {
            "IAM says that a canary key was used, but no record of a call has come. Somebody used an API that no trail \
             logs. Treat the place where it was planted as broken into."
        }
        (AlertKind::Drill, _) => {
            "Aviary used this canary key itself, as somebody asked it to, and heard of it. Nobody else did anything."
        }
        (AlertKind::Expiring, _) => {
            "A canary key expires soon. It will be disabled then, and no longer tell when somebody uses it. Change its \
             expiry if it is to stay, or plant another one."
        }
        (AlertKind::Expired, _) => {
            "A canary key has expired. From now on it does not tell when somebody uses it. Plant another one if the \
             place is still worth watching."
        }
        (AlertKind::Acknowledged, _) => "Somebody is on the uses of a canary key.",
        (AlertKind::Resolved, _) => "Somebody has decided what the uses of a canary key were.",
        (AlertKind::Test, _) => "Somebody pressed “Send a test”. If you read this, alerts arrive here.",
    }
}

fn used(hit: &Hit, incident: Option<&Incident>) -> Vec<(&'static str, String)> {
    let result = match &hit.error_code {
        Some(code) => format!("refused ({code})"),
        None => "it succeeded".to_owned(),
    };
    let so_far = incident.filter(|incident| incident.hit_count > 1);
    vec![
        ("Time", hit.event_time.exact()),
        ("Source address", hit.source_ip.clone()),
        ("Call", format!("{} ({})", hit.event_name, hit.event_source)),
        ("Region", hit.aws_region.clone()),
        ("Result", result),
        ("User agent", hit.user_agent.clone()),
        ("In this incident", so_far.map(|incident| format!("{} uses so far", incident.hit_count)).unwrap_or_default()),
    ]
}

fn key(token: &Token, kind: AlertKind) -> Vec<(&'static str, String)> {
    let state = match (kind, token.key_active) {
        (AlertKind::Test, _) | (_, true) => String::new(),
        (_, false) => "the key is disabled".to_owned(),
    };
    vec![
        ("Planted in", token.location.clone()),
        ("Looked after by", token.owner.clone()),
        ("Team", token.team.clone()),
        ("Key", token.access_key_id.clone()),
        ("User", token.user_name.clone()),
        ("Account", token.account.clone()),
        ("Expires", token.expires_at.map(|at| at.exact()).unwrap_or_default()),
        ("State", state),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::{
        hit::{HitKind, Sighting, Source},
        moment::Moment,
        token::{OnHit, TokenState},
    };

    fn token() -> Token {
        Token {
            id: "t-1".into(),
            account: "sandbox".into(),
            access_key_id: "AKIAEXAMPLE".into(),
            user_name: "svc-backup".into(),
            arn: String::new(),
            team: "Security".into(),
            owner: "ana@example.com".into(),
            location: "laptop of <ana>".into(),
            notes: "Wipe it.\nThen call Ana.".into(),
            labels: Vec::new(),
            state: TokenState::Triggered,
            on_hit: OnHit::Keep,
            created_at: Moment(0),
            expires_at: None,
            last_hit_at: None,
            hit_count: 1,
            adopted: false,
            key_active: true,
            team_id: "m-1".into(),
            created_by: "ana@example.com".into(),
            expired_at: None,
            revoked_at: None,
            proven_at: None,
        }
    }

    fn hit() -> Hit {
        Hit {
            id: "h-1".into(),
            token_id: "t-1".into(),
            kind: HitKind::Use,
            event_id: "e-1".into(),
            event_time: Moment::parse("2026-11-21T14:03:09Z").unwrap(),
            event_name: "GetCallerIdentity".into(),
            event_source: "sts.amazonaws.com".into(),
            aws_region: "eu-west-1".into(),
            source_ip: "203.0.113.7".into(),
            user_agent: "aws-cli/2\r\nBcc: x@example.com <script>".into(),
            error_code: Some("AccessDenied".into()),
            sources: vec![Sighting { source: Source::Sandbox, received_at: Moment(0) }],
            incident_id: None,
            record: serde_json::json!({ "eventID": "e-1" }),
        }
    }

    #[test]
    fn a_mail_says_who_used_which_key_and_what_to_do() {
        let body = Body::about(AlertKind::Hit, Moment(0), "https://aviary.example.com", &token(), Some(&hit()), None);
        let summary = body.summary();
        assert_eq!(summary, "The key in laptop of <ana> was used: GetCallerIdentity from 203.0.113.7");
        let again: Body = serde_json::from_str(&serde_json::to_string(&body).unwrap()).unwrap();
        let letter = write(&again, &summary);
        let text = letter.text();
        for needed in [
            "laptop of <ana>",
            "ana@example.com",
            "AKIAEXAMPLE",
            "2026-11-21 14:03:09 UTC",
            "203.0.113.7",
            "GetCallerIdentity (sts.amazonaws.com)",
            "refused (AccessDenied)",
            "aws-cli/2 Bcc: x@example.com",
            "Wipe it.\n    Then call Ana.",
            "https://aviary.example.com/tokens/t-1",
        ] {
            assert!(text.contains(needed), "{needed} is not in:\n{text}");
        }
        let html = letter.html();
        assert!(!html.contains("<script>") && !html.contains("<ana>"), "{html}");
    }

    #[test]
    fn a_huge_record_does_not_travel() {
        let mut hit = hit();
        hit.record = serde_json::json!({ "x": "y".repeat(100_000) });
        let body = Body::about(AlertKind::Hit, Moment(0), "https://a", &token(), Some(&hit), None);
        assert!(serde_json::to_string(&body).unwrap().len() < 5_000);
    }
}

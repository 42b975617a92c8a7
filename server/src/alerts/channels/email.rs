//! Mail: who used which key, in plain words, and what to do about it.

use super::{Outcome, Verdict};
use crate::{
    alerts::{
        body::{Body, Data},
        card::{Fact, NOTES, SURE},
        digest, unsubscribe,
    },
    house::House,
    mail::{Mail, letter::Letter},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::alert::AlertKind;

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
        Some(Body { data: Data { digest: Some(digest), .. }, .. }) => digest::letter::write(digest, &due.summary),
        Some(body) => write(body, &due.summary),
        // An alert that an older Aviary wrote still says what happened.
        None => Letter::new(&due.summary),
    };
    let leave = unsubscribe::link(house, &destination.id);
    let letter = letter.foot(&format!(
        "Aviary sends this because {} is subscribed to alerts. To change what comes and how often, open \
         {base}/destinations/{}. To stop all of it, open {leave}",
        destination.address, destination.id
    ));
    let mut mail = Mail::new(&destination.address, &due.summary, &letter);
    // The same in every attempt, so that a repeated one shows once; and the hits of an incident stand together.
    mail.id = Some(due.id.0.clone());
    // RFC 8058: mail programs show a button that posts to this address.
    mail.headers.push(("List-Unsubscribe", format!("<{leave}>")));
    mail.headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    let incident = body.as_ref().and_then(|body| body.data.incident.as_ref());
    if let Some(incident) = incident {
        mail.headers.push(("References", house.mailer.message_id(&format!("incident-{}", incident.id))));
    }
    mail
}

/// The card as a letter: what happened, what that means, how sure it is, what to rotate, and the rest.
fn write(body: &Body, summary: &str) -> Letter {
    let card = &body.data.card;
    let mut letter = Letter::new(summary).say(&card.sentence);
    if body.data.token.is_some() {
        letter = letter.say(opening(body));
    }
    let (sure, rest): (Vec<&Fact>, Vec<&Fact>) = card.facts.iter().partition(|fact| fact.label == SURE);
    let (notes, rest): (Vec<&Fact>, Vec<&Fact>) = rest.into_iter().partition(|fact| fact.label == NOTES);
    letter = letter.facts(&table(&sure));
    for fact in notes {
        letter = letter.quote(&fact.label, &fact.value);
    }
    letter = letter.facts(&table(&rest));
    for action in &card.actions {
        letter = letter.link(&action.label, &action.url);
    }
    letter
}

fn table<'a>(facts: &[&'a Fact]) -> Vec<(&'a str, String)> {
    facts.iter().map(|fact| (fact.label.as_str(), fact.value.clone())).collect()
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
        (AlertKind::Minted, _) => {
            "Somebody minted a canary key. From now on its uses are alerts. If nobody was meant to do that, ask them."
        }
        (AlertKind::Digest, _) => "This was held back so as not to flood you.",
        (AlertKind::Acknowledged, _) => "Somebody is on the uses of a canary key.",
        (AlertKind::Resolved, _) => "Somebody has decided what the uses of a canary key were.",
        (AlertKind::Reopened, _) => "Somebody looks into the uses of a canary key once more.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::card::tests::{hit as plain_hit, incident, token as plain_token};
    use app::model::{hit::Hit, moment::Moment, token::Token};

    fn token() -> Token {
        Token { location: "laptop of <ana>".into(), notes: "Wipe it.\nThen call Ana.".into(), ..plain_token() }
    }

    fn hit() -> Hit {
        Hit { user_agent: "aws-cli/2\r\nBcc: x@example.com <script>".into(), ..plain_hit() }
    }

    #[test]
    fn a_mail_says_who_used_which_key_and_what_to_do() {
        let body =
            Body::about(AlertKind::Hit, Moment(0), "https://a.example.com", &token(), Some(&hit()), Some(&incident()));
        let summary = body.summary();
        assert_eq!(summary, "The key in laptop of <ana> was used: ListUsers from 203.0.113.7");
        let again: Body = serde_json::from_str(&serde_json::to_string(&body).unwrap()).unwrap();
        let letter = write(&again, &summary);
        let text = letter.text();
        let mut rest = text.as_str();
        for needed in [
            "The key planted in laptop of <ana> (owner: build team) was used from 203.0.113.7 (AS64500, NL)",
            "iam:ListUsers, refused.",
            "How sure:",
            "Wipe it.\n    Then call Ana.",
            "First seen:",
            "Last seen:",
            "Calls in this incident: 3",
            "AWS CLI",
            "refused (AccessDenied)",
            "aws-cli/2 Bcc: x@example.com",
            "AKIAEXAMPLE",
            "https://a.example.com/incidents/i-1",
            "Acknowledge:",
            "https://a.example.com/tokens/t-1",
        ] {
            let at = rest.find(needed).unwrap_or_else(|| panic!("{needed} is not there, or not in order, in:\n{text}"));
            rest = &rest[at + needed.len()..];
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

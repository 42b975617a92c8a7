//! Jira, Cloud and Data Center: one issue for each incident, found again by its stored key or by its label; later news
//! of the incident are comments on it.

mod api;
pub mod hook;
mod text;

use super::{
    Outcome, Parts, Proof, Verdict,
    address::wrong,
    news::{News, cut, setting},
    service,
};
use crate::{
    house::House,
    net::Reply,
    store::alerts::{
        destinations::DestinationRow,
        queue::Due,
        tickets::{self, Ticket},
    },
};
use api::Api;
use app::model::{
    alert::{AlertKind, DestinationForm},
    fault::{Fault, FieldFault},
    moment::SECOND,
    viewer::Act,
};
use serde_json::json;

/// How many comments with further hits an issue gets. What comes then is counted in the incident, which the last comment
/// says; people's decisions are always written.
const COMMENTS: i64 = 50;

/// How long after an attempt whose answer was lost no second one is made while the search finds nothing, in
/// milliseconds: Jira's search learns of new issues with a delay.
const UNSURE: i64 = 60 * SECOND;

/// What may be set besides the project and its type, by name: what Jira may do here, and what somebody here has to be
/// allowed for the same.
const ALLOWED: [(&str, Act); 4] = [
    ("acknowledge_status", Act::Triage),
    ("resolve_status", Act::Triage),
    ("disable_status", Act::ManageTokens),
    ("disable_label", Act::ManageTokens),
];

/// Reads the form: the site's address, who signs in, the project, the type of its issues, and what may come back.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let address = service::address(&form.address, &mut faults);
    let secret = service::typed_secret(form, "an API token, or a personal access token of Data Center", &mut faults);
    let user = service::typed(form, "user", 254, &mut faults);
    if !user.is_empty() && (!user.contains('@') || user.contains(':')) {
        faults.push(wrong(
            "settings.user",
            "expected the mail address that the API token belongs to; empty for Data Center",
        ));
    }
    let project = service::typed(form, "project", 80, &mut faults).to_ascii_uppercase();
    if !is_project(&project) {
        faults.push(wrong("settings.project", "expected the key of a project, such as SEC"));
    }
    let issue_type = match service::typed(form, "issue_type", 80, &mut faults) {
        name if name.is_empty() => "Task".to_owned(),
        name => name,
    };
    let mut settings = json!({ "user": user, "project": project, "issue_type": issue_type });
    for (name, _) in ALLOWED {
        let value = service::typed(form, name, 80, &mut faults);
        if let Some(settings) = settings.as_object_mut() {
            settings.insert(name.to_owned(), value.into());
        }
    }
    service::parts(faults, address, settings, Some(secret))
}

/// What Jira does here by these settings: what somebody here has to be allowed for the same.
pub fn acts(settings: &serde_json::Value) -> Vec<Act> {
    let set = |name: &str| settings.get(name).and_then(serde_json::Value::as_str).is_some_and(|set| !set.is_empty());
    ALLOWED.into_iter().filter(|(name, _)| set(name)).map(|(_, act)| act).collect()
}

fn is_project(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase())
        && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Looks the project and its type up. Nothing is made before that succeeded.
pub(super) async fn prove(house: &House, destination: &DestinationRow) -> Result<Proof, String> {
    let api = Api::of(house, destination)?;
    let types = api.issue_types().await?;
    let wanted = setting(destination, "issue_type");
    match types.iter().any(|name| name.eq_ignore_ascii_case(wanted)) {
        true => Ok(Proof::Confirmed),
        false => Err(format!(
            "The project {} has no type of issue called {wanted}. It has {}.",
            setting(destination, "project"),
            cut(&types.join(", "), 200)
        )),
    }
}

/// Hands an alert over: as a new issue, or as a comment on the one that there is; a digest on each incident's own.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    let news = News::of(due);
    let parts: Vec<News<'_>> = news.parts().into_iter().filter(|part| part.incident().is_some()).collect();
    if !is_of_incidents(due.kind) || (due.kind == AlertKind::Digest && parts.is_empty()) {
        return accepted("Jira gets incidents only.");
    }
    let api = match Api::of(house, destination) {
        Ok(api) => api,
        // A mistake of ours, as a wrong sealing key, must cost no alert.
        Err(why) => return Outcome::new(Verdict::Later(None), None, &why),
    };
    let mut work = Work { house, destination, news, api };
    if parts.is_empty() {
        return work.go().await.unwrap_or_else(|stop| stop.0);
    }
    let mut said = Vec::new();
    for part in parts {
        work.news = part;
        match work.go_once().await {
            Ok(outcome) if outcome.ok() => said.push(outcome.detail),
            Ok(outcome) | Err(Stop(outcome)) => return outcome,
        }
    }
    accepted(&said.join(" "))
}

/// Whether news of this kind are about incidents.
fn is_of_incidents(kind: AlertKind) -> bool {
    !matches!(
        kind,
        AlertKind::Expiring
            | AlertKind::Expired
            | AlertKind::Minted
            | AlertKind::Failing
            | AlertKind::Audit
            | AlertKind::Drill
            | AlertKind::Test
    )
}

/// Why an attempt ends before its end.
struct Stop(Outcome);

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "which issue belongs to an incident could not be read or written down");
        Self(Outcome::new(Verdict::Later(None), None, "Aviary's own database failed; the attempt was not finished."))
    }
}

impl From<crate::store::StoreError> for Stop {
    fn from(error: crate::store::StoreError) -> Self {
        Fault::from(error).into()
    }
}

struct Work<'a> {
    house: &'a House,
    destination: &'a DestinationRow,
    news: News<'a>,
    api: Api<'a>,
}

impl Work<'_> {
    async fn go(&self) -> Result<Outcome, Stop> {
        let known =
            tickets::by_incident(&mut *self.house.store.read().await?, &self.destination.id, self.thread()).await?;
        if let Some(ticket) = &known
            && let Some(key) = &ticket.issue_key
        {
            return self.comment(key, ticket.comments).await;
        }
        if let Some((id, key)) = self.heard(self.api.search(&text::label(self.thread())).await)? {
            self.keep(&id, &key).await?;
            // The issue of an attempt whose answer was lost says all of this already.
            let ours = known.is_some_and(|ticket| ticket.tried_by == self.news.due.id.0);
            return if ours { Ok(accepted(&format!("{key} was made before."))) } else { self.comment(&key, 0).await };
        }
        if self.news.is_triage() {
            return Ok(accepted("There is no issue of this incident."));
        }
        self.make(known).await
    }

    /// A part of a digest: once, also where the digest is told again because another part was refused. The ticket notes
    /// which delivery wrote to it last.
    async fn go_once(&self) -> Result<Outcome, Stop> {
        let known =
            tickets::by_incident(&mut *self.house.store.read().await?, &self.destination.id, self.thread()).await?;
        if let Some(key) = known.filter(|ticket| ticket.tried_by == self.news.due.id.0).and_then(|it| it.issue_key) {
            return Ok(accepted(&format!("{key} says it already.")));
        }
        let outcome = self.go().await?;
        if outcome.ok() {
            let mut tx = self.house.store.begin().await?;
            let ticket = tickets::by_incident(&mut tx, &self.destination.id, self.thread()).await?;
            if ticket.is_some_and(|ticket| ticket.issue_key.is_some()) {
                let (now, id) = (self.house.now(), &self.news.due.id.0);
                tickets::intend(&mut tx, &self.destination.id, self.thread(), id, now).await?;
            }
            tx.commit().await?;
        }
        Ok(outcome)
    }

    fn thread(&self) -> &str {
        self.news.thread()
    }

    async fn make(&self, known: Option<Ticket>) -> Result<Outcome, Stop> {
        let now = self.house.now();
        if let Some(wait) = known.map(|ticket| UNSURE - now.since(ticket.tried_at)).filter(|wait| *wait > 0) {
            let why =
                "An issue may have been made a moment ago without saying so. Jira is asked again before another one.";
            return Ok(Outcome::new(Verdict::Later(Some(wait)), None, why));
        }
        let mut tx = self.house.store.begin().await?;
        tickets::intend(&mut tx, &self.destination.id, self.thread(), &self.news.due.id.0, now).await?;
        tx.commit().await?;
        let answer = self.api.create(&self.news).await;
        let refused = match &answer {
            // A gateway's 504, say, may hide a success.
            Ok(reply) => (400..500).contains(&reply.status),
            Err(error) => matches!(error, crate::net::NetError::Connect(_)),
        };
        if refused {
            // It was certainly not made, so that nothing has to be waited for.
            self.forget().await?;
        }
        let reply = self.heard(answer)?;
        let Some((id, key)) = api::made(&reply.body_start) else {
            return Ok(Outcome::new(Verdict::Later(None), Some(reply.status), "It did not say which issue it made."));
        };
        self.keep(&id, &key).await?;
        Ok(accepted(&format!("It is {key}.")))
    }

    async fn comment(&self, key: &str, comments: i64) -> Result<Outcome, Stop> {
        if comments >= COMMENTS && !self.news.is_triage() {
            return Ok(accepted(&format!(
                "{key} has {COMMENTS} comments about further uses already; the incident has them all."
            )));
        }
        let last = comments + 1 == COMMENTS && !self.news.is_triage();
        let answer = self.api.comment(key, &self.news, last).await;
        if matches!(&answer, Ok(reply) if reply.status == 404) {
            self.forget().await?;
            let why = format!("{key} is gone or hidden from Aviary. Another issue takes its place.");
            return Ok(Outcome::new(Verdict::Later(None), Some(404), &why));
        }
        self.heard(answer)?;
        if !self.news.is_triage() {
            let mut tx = self.house.store.begin().await?;
            tickets::count_comment(&mut tx, &self.destination.id, self.thread()).await?;
            tx.commit().await?;
        }
        Ok(accepted(&format!("It is a comment on {key}.")))
    }

    async fn keep(&self, id: &str, key: &str) -> Result<(), Stop> {
        let mut tx = self.house.store.begin().await?;
        tickets::keep(&mut tx, &self.destination.id, self.thread(), id, key, self.house.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn forget(&self) -> Result<(), Stop> {
        let mut tx = self.house.store.begin().await?;
        tickets::forget(&mut tx, &self.destination.id, self.thread()).await?;
        Ok(tx.commit().await?)
    }

    /// An answer that is a success; else what it means for this attempt.
    fn heard<T: api::Answer>(&self, answer: Result<T, crate::net::NetError>) -> Result<T::Value, Stop> {
        match answer {
            Ok(answer) => answer.take().map_err(|reply| Stop(service::outcome(self.house, &reply, judge(&reply)))),
            Err(error) => Err(Stop(Outcome::new(Verdict::Later(None), None, &super::sentence(&error)))),
        }
    }
}

fn accepted(said: &str) -> Outcome {
    Outcome::new(Verdict::Accepted, None, said)
}

/// A request that Jira does not understand stays one; a sign-in or a right can be mended by people.
fn judge(reply: &Reply) -> Verdict {
    match reply.status {
        400 | 410 | 413 | 422 => Verdict::Never,
        _ => Verdict::Later(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::service::sample, *};

    #[test]
    fn what_may_come_back_is_off_unless_it_is_named() {
        let form = sample::form("https://a.example/jira/", "t", &[("project", "sec"), ("user", "ana@example.com")]);
        let parts = read(&form).unwrap();
        assert_eq!(parts.address, "https://a.example/jira");
        assert_eq!((&parts.settings["project"], &parts.settings["issue_type"]), (&json!("SEC"), &json!("Task")));
        for (name, _) in ALLOWED {
            assert_eq!(parts.settings[name], "", "{name}");
        }
        assert_eq!(acts(&parts.settings), []);
        assert_eq!(acts(&json!({ "disable_label": "burn", "resolve_status": "" })), [Act::ManageTokens]);
    }

    #[test]
    fn issues_are_for_incidents() {
        let told: Vec<_> = AlertKind::ALL.into_iter().filter(|kind| is_of_incidents(*kind)).collect();
        assert_eq!(
            told.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
            ["hit", "exposed", "tampered", "unlogged_use", "digest", "acknowledged", "resolved", "reopened"]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_beside_its_field() {
        for (settings, field) in [
            (vec![("project", "SEC\" OR 1=1")], "settings.project"),
            (vec![], "settings.project"),
            (vec![("project", "SEC"), ("user", "ana")], "settings.user"),
            (vec![("project", "SEC"), ("disable_label", "a\nb")], "settings.disable_label"),
        ] {
            let faults = read(&sample::form("https://a.example", "t", &settings)).unwrap_err();
            assert!(faults.iter().any(|fault| fault.field == field), "{faults:?}");
        }
        assert!(read(&sample::form("https://a.example", "", &[("project", "SEC")])).is_err());
    }
}

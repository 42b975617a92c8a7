//! What the incident pages say about an incident, in sentences. Pure, so that each sentence can be tested.

use crate::model::{
    incident::{Incident, IncidentState, Resolution},
    moment::Moment,
};

/// `1 hit`, `14 hits`
pub fn hits(count: i64) -> String {
    if count == 1 { "1 hit".to_owned() } else { format!("{count} hits") }
}

/// `once`, `14 times`
fn times(count: i64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// What happened and who is on it: the sentence at the top of an incident's page.
pub fn sentence(incident: &Incident, now: Moment) -> String {
    let used = match incident.hit_count {
        1 => format!("The key was used once, {}.", incident.last_hit_at.relative(now)),
        count => format!("The key was used {}, most recently {}.", times(count), incident.last_hit_at.relative(now)),
    };
    match (incident.state, incident.resolution) {
        (IncidentState::Open, _) => format!("{used} Nobody is on it yet."),
        (IncidentState::Acknowledged, _) => {
            let who = incident.acknowledged_by.as_deref().unwrap_or("Somebody");
            // Whoever pressed the link in an alert is known by where it was sent.
            match who.strip_prefix("somebody at ") {
                Some(place) => format!("{used} Somebody at {place} is on it."),
                None => format!("{used} {who} is on it."),
            }
        }
        (IncidentState::Resolved, resolution) => {
            let what = resolution.map_or("resolved", outcome);
            let who = incident.resolved_by.as_deref().map(|who| format!(" by {who}")).unwrap_or_default();
            let when = incident.resolved_at.map(|at| format!(", {}", at.relative(now))).unwrap_or_default();
            format!("Closed as {what}{who}{when}, after {}.", hits(incident.hit_count))
        }
    }
}

/// A resolution inside a sentence.
pub fn outcome(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::TruePositive => "a true positive",
        Resolution::Drill => "a drill",
        Resolution::Expected => "expected",
        Resolution::FalsePositive => "a false positive",
    }
}

/// What a resolution means, beside its radio button.
pub fn meaning(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::TruePositive => "Somebody used the key who had no business with it.",
        Resolution::Drill => "A test, to see whether the alert comes.",
        Resolution::Expected => "A use that was announced, such as a scan of our own.",
        Resolution::FalsePositive => "A mistake: nobody meant to use the key.",
    }
}

/// One step of an incident's triage.
pub struct Step {
    /// When it was taken, where that is known.
    pub at: Option<Moment>,
    /// What happened, in words.
    pub what: String,
    /// What the responder wrote.
    pub comment: Option<String>,
}

/// What is known of an incident's course, oldest first.
pub fn steps(incident: &Incident) -> Vec<Step> {
    let step = |at: Moment, what: String| Step { at: Some(at), what, comment: None };
    let comment = (!incident.comment.is_empty()).then(|| incident.comment.clone());
    let by = |who: &Option<String>| who.as_deref().map(|who| format!(" by {who}")).unwrap_or_default();
    let mut steps = vec![step(incident.opened_at, "First hit; the incident was opened".to_owned())];
    if let Some(at) = incident.acknowledged_at {
        steps.push(step(at, format!("Acknowledged{}", by(&incident.acknowledged_by))));
    }
    if incident.hit_count > 1 {
        steps.push(step(incident.last_hit_at, "Latest hit".to_owned()));
    }
    if let Some(at) = incident.resolved_at {
        let what = incident.resolution.map_or("resolved", outcome);
        steps.push(Step { at: Some(at), comment, what: format!("Closed as {what}{}", by(&incident.resolved_by)) });
        steps.sort_by_key(|step| step.at);
    } else {
        steps.sort_by_key(|step| step.at);
        // Reopening keeps what was written when it was resolved, and no time of its own.
        if comment.is_some() {
            steps.push(Step { at: None, what: "Opened again; this was written before".to_owned(), comment });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::moment::{HOUR, MINUTE};

    fn incident(state: IncidentState) -> Incident {
        let now = Moment(0);
        Incident {
            id: "i".into(),
            token_id: "t".into(),
            team: "Payments".to_owned(),
            location: "Build server".to_owned(),
            access_key_id: "AKIAQ3EGTKWXNMRABCDE".to_owned(),
            state,
            resolution: (state == IncidentState::Resolved).then_some(Resolution::Drill),
            opened_at: now.plus(-5 * HOUR),
            last_hit_at: now.plus(-3 * MINUTE),
            hit_count: 14,
            acknowledged_by: Some("priya@example.com".to_owned()),
            acknowledged_at: Some(now.plus(-2 * HOUR)),
            resolved_by: Some("sam@example.com".to_owned()),
            resolved_at: (state == IncidentState::Resolved).then_some(now.plus(-MINUTE)),
            comment: "Announced on Monday.".to_owned(),
        }
    }

    #[test]
    fn each_state_says_what_happened_and_who_is_on_it() {
        let now = Moment(0);
        let said = |state| sentence(&incident(state), now);
        assert_eq!(
            said(IncidentState::Open),
            "The key was used 14 times, most recently 3 minutes ago. Nobody is on it yet."
        );
        assert!(said(IncidentState::Acknowledged).ends_with("priya@example.com is on it."));
        assert_eq!(said(IncidentState::Resolved), "Closed as a drill by sam@example.com, 1 minute ago, after 14 hits.");
    }

    #[test]
    fn the_course_of_an_incident_is_told_in_order() {
        let told: Vec<_> = steps(&incident(IncidentState::Resolved)).into_iter().map(|step| step.what).collect();
        assert_eq!(
            told,
            [
                "First hit; the incident was opened",
                "Acknowledged by priya@example.com",
                "Latest hit",
                "Closed as a drill by sam@example.com"
            ]
        );
    }

    #[test]
    fn what_was_written_before_an_incident_was_opened_again_is_kept() {
        let last = steps(&incident(IncidentState::Acknowledged)).pop().unwrap();
        assert_eq!((last.at, last.comment.as_deref()), (None, Some("Announced on Monday.")));
    }
}

//! The state of the house: what the overview shows, and how each part is doing.

use crate::{accounts, alerts, config::MailVia, hits, house::House, store, sweep, tokens};
use app::model::{
    alert::{DeliveryQuery, DeliveryState, DestinationState},
    fault::Fault,
    health::{Check, CheckGroup, HitOnToken, Light, Overview},
    hit::HitQuery,
    incident::{IncidentQuery, IncidentState},
    moment::{HOUR, MINUTE},
    token::{TokenQuery, TokenSort, TokenState},
    viewer::{Act, Viewer},
};

/// What the first page shows, of all that the viewer may see.
///
/// # Errors
/// Where the database refuses.
pub async fn overview(house: &House, viewer: &Viewer) -> Result<Overview, Fault> {
    let counts = tokens::list::counts(house, viewer).await?;
    let mut incidents = Vec::new();
    for state in [IncidentState::Open, IncidentState::Acknowledged] {
        incidents.extend(
            hits::incidents(
                house,
                viewer,
                &IncidentQuery { state: Some(state), limit: 10, ..IncidentQuery::default() },
            )
            .await?
            .items,
        );
    }
    incidents.truncate(10);
    let latest =
        hits::list(house, viewer, &HitQuery { limit: 10, no_drills: true, ..HitQuery::default() }).await?.items;
    let mut on_tokens = Vec::with_capacity(latest.len());
    let mut session = house.store.read().await?;
    for hit in latest {
        if let Some(row) = store::tokens::by_id(&mut session, &hit.token_id).await? {
            on_tokens.push(HitOnToken { hit, location: row.token.location, access_key_id: row.token.access_key_id });
        }
    }
    drop(session);
    let expiring =
        TokenQuery { state: Some(TokenState::Expiring), sort: TokenSort::Expires, limit: 5, ..TokenQuery::default() };
    let destinations = alerts::destinations(house, viewer).await?;
    let in_state = |state| i64::try_from(destinations.iter().filter(|d| d.state == state).count()).unwrap_or(0);
    Ok(Overview {
        open_incidents: hits::count_unresolved(house, viewer).await?,
        counts,
        incidents,
        hits: on_tokens,
        expiring: tokens::list::list(house, viewer, &expiring).await?.items,
        chart: hits::chart_of_everything(house, viewer).await?,
        confirmed_destinations: in_state(DestinationState::Confirmed),
        failing_destinations: in_state(DestinationState::Failing),
        stumbling_destinations: i64::try_from(
            destinations.iter().filter(|d| d.state == DestinationState::Confirmed && d.last_error.is_some()).count(),
        )
        .unwrap_or(0),
    })
}

fn check(name: &str, light: Light, says: impl Into<String>) -> Check {
    Check { name: name.to_owned(), light, says: says.into() }
}

/// How the house itself is doing, and each AWS account.
///
/// # Errors
/// `Forbidden` for those who may not see the state of the house.
pub async fn groups(house: &House, viewer: &Viewer) -> Result<Vec<CheckGroup>, Fault> {
    let own = CheckGroup {
        title: "Aviary".into(),
        account: String::new(),
        looked_at: None,
        checks: checks(house, viewer).await?,
    };
    let mut groups = vec![own];
    groups.extend(accounts::ears(house, viewer).await?);
    Ok(groups)
}

/// How each part is doing.
///
/// # Errors
/// `Forbidden` for those who may not see the state of the house.
pub async fn checks(house: &House, viewer: &Viewer) -> Result<Vec<Check>, Fault> {
    viewer.must(Act::SeeHealth)?;
    let mut checks = vec![database(house).await, ears(house, viewer).await?];
    checks.extend(house.ears.queues.checks());
    checks.extend(house.ears.refused.checks());
    checks.extend([deliveries(house, viewer).await?, mail(house), expiry(house).await?]);
    Ok(checks)
}

async fn database(house: &House) -> Check {
    match house.store.ping().await {
        Ok(()) => check("Database", Light::Good, format!("{} answers.", house.store.flavour().name())),
        Err(_) => check("Database", Light::Bad, "The database does not answer; the log says why."),
    }
}

async fn ears(house: &House, viewer: &Viewer) -> Result<Check, Fault> {
    let Some(address) = house.config.sandbox_listen else {
        return Ok(check("Sandbox", Light::Off, "Switched off by AVIARY_SANDBOX_LISTEN."));
    };
    let latest = hits::list(house, viewer, &HitQuery { limit: 1, no_drills: true, ..HitQuery::default() }).await?.items;
    let heard = latest.first().map_or("Nothing was heard yet.".to_owned(), |hit| {
        format!("The latest hit was at {}.", hit.event_time.exact())
    });
    Ok(check("Sandbox", Light::Good, format!("Configured to listen on {address}. {heard}")))
}

async fn deliveries(house: &House, viewer: &Viewer) -> Result<Check, Fault> {
    let now = house.now();
    let waiting = DeliveryQuery { state: Some(DeliveryState::Waiting), limit: 500, ..DeliveryQuery::default() };
    let waiting = alerts::deliveries(house, viewer, &waiting).await?.items;
    let failing =
        alerts::destinations(house, viewer).await?.into_iter().filter(|d| d.state == DestinationState::Failing).count();
    let oldest = waiting.iter().map(|delivery| now.since(delivery.created_at)).max().unwrap_or(0);
    Ok(match (failing, oldest) {
        (0, age) if age < 5 * MINUTE => check("Alerts", Light::Good, "Every alert is on its way or has arrived."),
        (0, age) if age < HOUR => {
            check("Alerts", Light::Look, format!("{} alerts are waiting for another attempt.", waiting.len()))
        }
        (0, _) => check(
            "Alerts",
            Light::Bad,
            format!("{} alerts are waiting, the oldest for more than an hour.", waiting.len()),
        ),
        (n, _) => {
            check("Alerts", Light::Bad, format!("{n} destinations are failing. Open them to see what they answer."))
        }
    })
}

fn mail(house: &House) -> Check {
    match (&house.config.mail_via, &house.config.smtp_url) {
        (MailVia::Ses(_), _) => check("Mail", Light::Good, "Sent through Amazon SES."),
        (MailVia::Smtp, Some(_)) => check("Mail", Light::Good, "Sent through the configured SMTP server."),
        (MailVia::Smtp, None) => check(
            "Mail",
            Light::Look,
            format!(
                "No SMTP server is set: mail is written to files in {}. Set AVIARY_SMTP_URL to send it.",
                house.config.data_dir.join("mail").display()
            ),
        ),
    }
}

async fn expiry(house: &House) -> Result<Check, Fault> {
    let every = i64::try_from(house.config.sweep_interval.as_millis()).unwrap_or(i64::MAX);
    Ok(match sweep::last(house).await? {
        None => check("Sweep", Light::Look, "It has not run yet."),
        Some(report) => match report.stopped {
            Some(why) => check("Sweep", Light::Bad, why),
            None if house.now().since(report.at) > every.saturating_mul(3) => {
                check("Sweep", Light::Bad, format!("It last ran at {}, which is too long ago.", report.at.exact()))
            }
            None if report.failed > 0 => {
                check("Sweep", Light::Look, format!("{} tokens could not be handled; it tries again.", report.failed))
            }
            None => check("Sweep", Light::Good, format!("It last ran at {}.", report.at.exact())),
        },
    })
}

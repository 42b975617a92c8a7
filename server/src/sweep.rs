//! ROOM sweep: warns before tokens expire, disables their keys when they do, deletes key and user after the grace.
//! The row and the hits stay. It stops itself when it would end an unusual number of tokens at once.

use crate::{
    alerts::{
        self,
        outbox::{Notice, announce},
    },
    audit::{self, Audited as _},
    house::House,
    issuers::Whose,
    people::sessions,
    store::{self, people::settings, tokens::TokenRow},
    tokens,
};
use app::model::{
    alert::AlertKind,
    fault::{Fault, FaultKind},
    moment::Moment,
    token::{TokenState, WARN_BEFORE},
    viewer::Viewer,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio_stream::{StreamExt as _, wrappers::IntervalStream};

/// What is done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It expires within a week: its people are told.
    Warn,
    /// Its time is over: the key is disabled.
    Disable,
    /// The grace is over: key and user are deleted.
    Delete,
}

/// What is to be done, to which token.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What.
    pub step: Step,
    /// To which.
    pub row: TokenRow,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// When it ran.
    pub at: Moment,
    /// How many tokens' people were told.
    pub warned: usize,
    /// How many keys were disabled.
    pub disabled: usize,
    /// How many keys and users were deleted.
    pub deleted: usize,
    /// What could not be done this time; it is tried again.
    pub failed: usize,
    /// Why it stopped itself before ending anything, if it did.
    pub stopped: Option<String>,
}

/// The name of the last report in the settings.
const LAST: &str = "sweep.last";
/// As many tokens as this may always end in one run.
const USUAL: i64 = 25;
/// How many tokens one run looks at; the rest follows in the next one.
const AT_ONCE: u32 = 1_000;

/// What the sweep would do to this token now.
pub fn next_step(row: &TokenRow, now: Moment, grace: i64) -> Option<Step> {
    let end = row.token.expires_at?;
    match (row.token.revoked_at, row.token.expired_at) {
        (Some(_), _) => None,
        // A key that was made elsewhere is not ours to delete: the token stays expired, and goes on matching.
        (None, Some(since)) => (now.since(since) >= grace && !row.token.adopted).then_some(Step::Delete),
        (None, None) if end <= now => Some(Step::Disable),
        (None, None) => (end.since(now) <= WARN_BEFORE && row.warned_at.is_none()).then_some(Step::Warn),
    }
}

fn grace(house: &House) -> i64 {
    i64::try_from(house.config.revoke_grace.as_millis()).unwrap_or(i64::MAX)
}

/// What a run would do now.
///
/// # Errors
/// Where the database refuses.
pub async fn plan(house: &House) -> Result<Vec<Plan>, Fault> {
    let now = house.now();
    let ending =
        store::tokens::Ending { warn_before: now.plus(WARN_BEFORE), now, disabled_before: now.plus(-grace(house)) };
    let rows = store::tokens::ending(&mut *house.store.read().await?, ending, AT_ONCE).await?;
    Ok(rows.into_iter().filter_map(|row| next_step(&row, now, grace(house)).map(|step| Plan { step, row })).collect())
}

/// Runs once. With `force` it does not stop itself at an unusual number.
///
/// # Errors
/// Where the database refuses.
pub async fn run_once(house: &House, force: bool) -> Result<Report, Fault> {
    let mut report = Report { at: house.now(), ..Report::default() };
    tokens::mint::recover(house, report.at.plus(-tokens::mint::LONGEST)).await?;
    sessions::tidy(house, report.at).await?;
    tokens::mint::forget_old_names(house, report.at).await?;
    alerts::tidy(house).await?;
    report.failed += respond(house).await?;
    let plan = plan(house).await?;
    if force {
        note_force(house, plan.len()).await?;
    }
    report.stopped = if force { None } else { unusual(house, &plan).await? };
    if let Some(why) = &report.stopped {
        tracing::error!(why, "the sweep stopped itself");
    }
    for Plan { step, row } in &plan {
        if report.stopped.is_some() && *step != Step::Warn {
            continue;
        }
        match carry_out(house, *step, row).await {
            Ok(()) => match step {
                Step::Warn => report.warned += 1,
                Step::Disable => report.disabled += 1,
                Step::Delete => report.deleted += 1,
            },
            Err(fault) => {
                tracing::warn!(token = %row.token.id, ?step, %fault, "the sweep could not do it; the next run tries again");
                report.failed += 1;
            }
        }
    }
    let mut tx = house.store.begin().await?;
    settings::set(&mut tx, LAST, &serde_json::to_string(&report).map_err(|_| Fault::internal())?).await?;
    tx.commit().await?;
    Ok(report)
}

/// Carries out the responses to hits that were cut off; how many could not be.
async fn respond(house: &House) -> Result<usize, Fault> {
    let (mut failed, mut after) = (0, String::new());
    loop {
        let rows = store::tokens::awaiting_response(&mut *house.store.read().await?, &after, AT_ONCE).await?;
        let Some(last) = rows.last() else { return Ok(failed) };
        after.clone_from(&last.token.id.0);
        for row in rows {
            if let Err(fault) = tokens::respond(house, &row.token.id).await {
                tracing::warn!(token = %row.token.id, %fault, "a key could not be disabled after its hits; the next run tries again");
                failed += 1;
            }
        }
    }
}

/// Whoever may run the command line told the sweep not to stop itself.
async fn note_force(house: &House, steps: usize) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    let detail = format!("{steps} steps were due");
    let (operator, subject) = (Viewer::system("command line"), audit::Subject::new("sweep", "", "Sweep"));
    audit::note_on(house, &mut tx, &operator, ("sweep.force", detail.as_str()), subject).await?;
    Ok(tx.commit().await?)
}

/// A fifth of all living tokens at once is more likely a wrong clock or a wrong form than a plan.
async fn unusual(house: &House, plan: &[Plan]) -> Result<Option<String>, Fault> {
    let counts = tokens::list::counts(house, &Viewer::system("sweep")).await?;
    let living = counts.total - counts.of(TokenState::Revoked) - counts.of(TokenState::Expired);
    let ending = i64::try_from(plan.iter().filter(|plan| plan.step == Step::Disable).count()).unwrap_or(i64::MAX);
    let most = USUAL.max(living / 5);
    Ok((ending > most).then(|| {
        format!(
            "{ending} of {living} living tokens expire at once, more than {most}. Look at them with `aviary sweep --dry-run`; \
             if it is meant, run `aviary sweep --force`."
        )
    }))
}

async fn carry_out(house: &House, step: Step, row: &TokenRow) -> Result<(), Fault> {
    let issuer = house.issuers.of(&row.token.account).filter(|_| !row.token.adopted);
    let refused = |error: crate::issuers::IssuerError| Fault::new(FaultKind::Unavailable, error.to_string());
    match (step, issuer) {
        (Step::Warn, _) => {}
        (Step::Disable, Some(issuer)) => tokens::keys::disable_all(house, &*issuer, row).await?,
        (Step::Delete, Some(issuer)) => {
            issuer.delete(&row.token.user_name, &Whose::Unique(row.unique_id.clone())).await.map_err(refused)?;
        }
        (_, None) if row.token.adopted => {}
        (_, None) => {
            return Err(Fault::new(
                FaultKind::Unavailable,
                format!("the account {} is not configured", row.token.account),
            ));
        }
    }
    write_down(house, step, row).await
}

async fn write_down(house: &House, step: Step, planned: &TokenRow) -> Result<(), Fault> {
    let (id, now, sweep) = (&planned.token.id, house.now(), Viewer::system("sweep"));
    let mut tx = house.store.begin().await?;
    store::tokens::lock(&mut tx, id).await?;
    let Some(mut row) = store::tokens::by_id(&mut tx, id).await? else {
        return Ok(());
    };
    // Somebody may have moved the expiry, or another replica may have been faster.
    if next_step(&row, now, grace(house)) != Some(step) {
        return Ok(());
    }
    let before = row.audited();
    let (act, alert) = match step {
        Step::Warn => {
            row.warned_at = Some(now);
            ("token.warn", Some(AlertKind::Expiring))
        }
        Step::Disable => {
            row.token.expired_at = Some(now);
            row.token.key_active = row.token.adopted;
            ("token.expire", Some(AlertKind::Expired))
        }
        Step::Delete => {
            row.token.revoked_at = Some(now);
            row.token.key_active = false;
            ("token.revoke", None)
        }
    };
    row.facts.expired_at = row.token.expired_at;
    row.facts.revoked_at = row.token.revoked_at;
    row.token.state = TokenState::of(&row.facts, now);
    store::tokens::update(&mut tx, &row).await?;
    audit::changed(house, &mut tx, &sweep, act, tokens::audit_subject(&row), before, row.audited()).await?;
    if let Some(kind) = alert {
        announce(house, &mut tx, &Notice { kind, token: &row.token, hit: None, incident: None }).await?;
    }
    Ok(tx.commit().await?)
}

/// What the last run did, in this or another process.
///
/// # Errors
/// Where the database refuses.
pub async fn last(house: &House) -> Result<Option<Report>, Fault> {
    let text = settings::get(&mut *house.store.read().await?, LAST).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Runs again and again, until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let every = house.config.sweep_interval.max(Duration::from_secs(1));
    let mut rounds = IntervalStream::new(tokio::time::interval(every));
    let work = async {
        while rounds.next().await.is_some() {
            match run_once(&house, false).await {
                Ok(report) if report.warned + report.disabled + report.deleted + report.failed > 0 => {
                    tracing::info!(?report, "swept");
                }
                Ok(_) => {}
                Err(fault) => tracing::error!(%fault, "the sweep failed; the next round tries again"),
            }
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

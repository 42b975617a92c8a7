//! What a destination calls back with. Whoever calls signs in nowhere: the signature is the right, and what it may do is
//! what an admin named when the destination was made.
//!
//! A call that somebody captured is worth nothing: the signature is over the whole body, the time in it included, so that
//! one that is too old is turned away, and one that is not is known by its body until it is.

use super::channels::{
    self,
    jira::{
        self,
        hook::{self, Change, Wish},
    },
};
use crate::{
    hits,
    house::{ChanceExt as _, House},
    store::{
        self, Tx,
        alerts::{
            destinations::{self, DestinationRow},
            hooks, tickets,
        },
        seen_messages,
    },
    tokens,
};
use app::model::{
    alert::{DestinationKind, DestinationState},
    fault::{Fault, FaultKind},
    ids::{DestinationId, IncidentId, TeamId, TokenId},
    incident::Resolution,
    moment::{HOUR, MINUTE, Moment},
    secret::Secret,
    viewer::{Actor, Origin, Viewer},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How old what is called back with may be, in milliseconds. Jira's Cloud repeats what was not taken five times, a quarter
/// of an hour apart at most, and may be a quarter of an hour late with the first one
/// (<https://developer.atlassian.com/cloud/jira/platform/webhooks/#retry-policy>). It has to be less than messages are
/// remembered.
const OLDEST: i64 = 2 * HOUR;

/// How far the clock of a Jira may be ahead of ours, in milliseconds.
const AHEAD: i64 = 5 * MINUTE;

/// How somebody shows that they are the destination.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// By the header `X-Hub-Signature`; empty where it is missing.
    Signature(&'a str),
    /// By the secret itself, which stands in the address.
    Secret(&'a str),
}

impl Shown<'_> {
    fn fits(&self, secret: &Secret, body: &[u8]) -> bool {
        match self {
            Self::Signature(header) => hook::is_signed(secret, header, body),
            Self::Secret(given) => bool::from(given.as_bytes().ct_eq(secret.expose().as_bytes())),
        }
    }
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// How whoever calls shows that they may.
    pub shown: Shown<'a>,
    /// The header `X-Atlassian-Webhook-Identifier`, the same in each repetition; empty where it is missing. Nobody signs
    /// it: it can only make a call known that is not known by its body.
    pub identifier: &'a str,
    /// What was sent.
    pub body: &'a [u8],
}

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Called {
    /// What was done: `acknowledged`, `resolved`, `disabled`.
    pub done: Vec<&'static str>,
    /// Why nothing, or not more, was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A secret for what is called back, and it sealed. It opens for this purpose only.
///
/// # Errors
/// `Internal`, where it cannot be sealed.
pub(super) fn new_secret(house: &House, id: &DestinationId) -> Result<(Secret, String), Fault> {
    let secret = Secret::new(house.chance.code());
    let sealed = house.sealer.seal(&secret, &owner(id), &*house.chance)?;
    Ok((secret, sealed))
}

/// Puts another secret in the place of the one that is there, which counts until `until` besides; whether nobody else was
/// faster.
///
/// # Errors
/// `Conflict` where there is none to replace.
pub(super) async fn rotate(
    house: &House,
    tx: &mut Tx,
    id: &DestinationId,
    until: Moment,
) -> Result<(Secret, bool), Fault> {
    let before = hooks::of(tx, id).await?.ok_or_else(|| Fault::conflict("It has no secret to rotate."))?;
    let (secret, sealed) = new_secret(house, id)?;
    let rotated = hooks::rotate(tx, id, &before.sealed_secret, &sealed, until).await?;
    Ok((secret, rotated))
}

fn owner(id: &DestinationId) -> String {
    format!("hook:{id}")
}

/// Refuses to let a destination hear about tokens of a team (with `None`: of all teams) to which it may do, when it calls
/// back, what this viewer may not do themselves: whoever works with its project could act on them.
///
/// # Errors
/// `Forbidden`.
pub(super) fn may_hear(viewer: &Viewer, destination: &DestinationRow, team: Option<&TeamId>) -> Result<(), Fault> {
    if !channels::acts_here(destination.kind, &destination.settings)
        || jira::acts(&destination.settings).into_iter().all(|act| viewer.may(act, team))
    {
        return Ok(());
    }
    Err(Fault::forbidden(
        "What is done to the issues of this destination acts on the tokens it hears about: it acknowledges, resolves or \
         disables. Only somebody who may do the same to these tokens may subscribe it to them.",
    ))
}

/// Takes what Jira sent.
///
/// # Errors
/// `Unauthenticated` where it does not show that it is the destination, or there is none; `Malformed` where it is not
/// what Jira sends; or what the token's account refuses.
pub async fn from_jira(house: &House, id: &DestinationId, call: &Call<'_>, origin: Origin) -> Result<Called, Fault> {
    let destination = caller(house, id, call).await?;
    let read = hook::read(call.body).map_err(|expected| Fault::new(FaultKind::Malformed, format!("{expected}.")))?;
    let Some(change) = read else { return Ok(nothing("It is no change of an issue.")) };
    // What says no time could be repeated for ever.
    let Some(at) = change.at else { return Ok(nothing("It does not say when it was sent.")) };
    if !(-AHEAD..=OLDEST).contains(&house.now().since(at)) {
        tracing::warn!(destination = %id, sent_at = %at.rfc3339(), "a call of Jira's was too old, or from the future");
        return Ok(nothing("It is more than two hours old, or from the future."));
    }
    let wishes = hook::wishes(&destination, &change);
    if wishes.is_empty() {
        return Ok(nothing("The destination's settings name no consequence of this."));
    }
    let marks = marks(id, call);
    let mut session = house.store.read().await?;
    for mark in &marks {
        if seen_messages::is_known(&mut session, mark).await? {
            return Ok(nothing("It was told before."));
        }
    }
    let incident = tickets::by_issue(&mut session, id, &change.issue_id).await?;
    let found = match &incident {
        Some(incident) => store::incidents::by_id(&mut session, incident).await?,
        None => None,
    };
    drop(session);
    let called = match found {
        Some((found, _)) => act(house, &change, (&found.id, &found.token_id), &wishes, origin).await?,
        None => nothing("This issue belongs to no incident."),
    };
    // Only now, so that what a crash cut off is done when Jira repeats it.
    let mut tx = house.store.begin().await?;
    for mark in &marks {
        seen_messages::first(&mut tx, mark, house.now()).await?;
    }
    tx.commit().await?;
    Ok(called)
}

/// By what a call is known when it comes again.
fn marks(id: &DestinationId, call: &Call<'_>) -> Vec<String> {
    let mark = |what: &str, bytes: &[u8]| format!("jira:{id}:{what}:{}", hex::encode(Sha256::digest(bytes)));
    let identifier = Some(call.identifier.trim()).filter(|identifier| !identifier.is_empty());
    let identifier = identifier.map(|identifier| mark("identifier", identifier.as_bytes()));
    [mark("body", call.body)].into_iter().chain(identifier).collect()
}

/// The destination, if whoever calls is it. All refusals look alike.
async fn caller(house: &House, id: &DestinationId, call: &Call<'_>) -> Result<DestinationRow, Fault> {
    let stranger = || Fault::new(FaultKind::Unauthenticated, "The signature is not that of a destination.");
    let mut session = house.store.read().await?;
    let row = destinations::by_id(&mut session, id).await?;
    let row = row.filter(|row| row.kind == DestinationKind::Jira && row.state != DestinationState::Unconfirmed);
    let (Some(row), Some(hook)) = (row, hooks::of(&mut session, id).await?) else { return Err(stranger()) };
    drop(session);
    let both = row.old_secret_until.is_some_and(|until| house.now() < until);
    let old = hook.sealed_old_secret.filter(|_| both);
    for sealed in [Some(hook.sealed_secret), old].into_iter().flatten() {
        if call.shown.fits(&house.sealer.open(&sealed, &owner(id))?, call.body) {
            return Ok(row);
        }
    }
    Err(stranger())
}

async fn act(
    house: &House,
    change: &Change,
    (incident, token): (&IncidentId, &TokenId),
    wishes: &[Wish],
    origin: Origin,
) -> Result<Called, Fault> {
    let who = if change.who.is_empty() { "Somebody" } else { change.who.as_str() };
    let viewer = Viewer {
        actor: Actor::System("jira".into()),
        origin,
        ..Viewer::system(&format!("{who} in Jira ({})", change.issue_key))
    };
    let mut called = Called::default();
    for wish in wishes {
        let (done, word) = match wish {
            Wish::Disable => (disable(house, &viewer, token).await, "disabled"),
            Wish::Acknowledge => (hits::acknowledge(house, &viewer, incident).await.map(|_| ()), "acknowledged"),
            Wish::Resolve => {
                let comment = format!("Resolved as {}.", change.issue_key);
                let done = hits::resolve(house, &viewer, incident, Resolution::TruePositive, &comment).await;
                (done.map(|_| ()), "resolved")
            }
        };
        match done {
            Ok(()) => called.done.push(word),
            // It is so already: the second time that Jira says it, or somebody here was faster.
            Err(fault) if fault.kind == FaultKind::Conflict => called.reason = Some(fault.message),
            Err(fault) => return Err(fault),
        }
    }
    Ok(called)
}

async fn disable(house: &House, viewer: &Viewer, token: &TokenId) -> Result<(), Fault> {
    let row = store::tokens::by_id(&mut *house.store.read().await?, token).await?;
    if row.is_some_and(|row| !row.token.key_active) {
        return Err(Fault::conflict("The key is disabled already."));
    }
    tokens::change::set_active(house, viewer, token, false).await.map(|_| ())
}

fn nothing(reason: &str) -> Called {
    Called { done: Vec::new(), reason: Some(reason.to_owned()) }
}

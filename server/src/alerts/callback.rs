//! What a destination calls back with. Whoever calls signs in nowhere: the signature is the right, and what it may do is
//! what an admin named when the destination was made.

use super::channels::jira::hook::{self, Change, Wish};
use crate::{
    hits,
    house::{ChanceExt as _, House},
    store::{
        self,
        alerts::{
            destinations::{self, DestinationRow},
            tickets,
        },
    },
    tokens,
};
use app::model::{
    alert::{DestinationKind, DestinationState},
    fault::{Fault, FaultKind},
    ids::{DestinationId, IncidentId, TokenId},
    incident::Resolution,
    moment::DAY,
    secret::Secret,
    viewer::{Actor, Origin, Viewer},
};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

/// How old what is called back with may be, in milliseconds. Jira repeats what was not taken for some hours.
const OLDEST: i64 = DAY;

/// How somebody shows that they are the destination.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// By the header `X-Hub-Signature`; empty where it is missing.
    Signature(&'a str),
    /// By the secret itself, which stands in the address.
    Secret(&'a str),
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

fn owner(id: &DestinationId) -> String {
    format!("hook:{id}")
}

/// Takes what Jira sent.
///
/// # Errors
/// `Unauthenticated` where it does not show that it is the destination, or there is none; `Malformed` where it is not
/// what Jira sends; or what the token's account refuses.
pub async fn from_jira(
    house: &House,
    id: &DestinationId,
    shown: Shown<'_>,
    body: &[u8],
    origin: Origin,
) -> Result<Called, Fault> {
    let destination = caller(house, id, shown, body).await?;
    let read = hook::read(body).map_err(|expected| Fault::new(FaultKind::Malformed, format!("{expected}.")))?;
    let Some(change) = read else { return Ok(nothing("It is no change of an issue.")) };
    if change.at.is_some_and(|at| house.now().since(at) > OLDEST) {
        return Ok(nothing("It is more than a day old."));
    }
    let wishes = hook::wishes(&destination, &change);
    if wishes.is_empty() {
        return Ok(nothing("The destination's settings name no consequence of this."));
    }
    let mut session = house.store.read().await?;
    let known = tickets::by_issue(&mut session, id, &change.issue_id).await?;
    let Some(incident) = known else { return Ok(nothing("This issue belongs to no incident.")) };
    let Some((found, _)) = store::incidents::by_id(&mut session, &incident).await? else {
        return Ok(nothing("This issue belongs to no incident."));
    };
    drop(session);
    act(house, &change, (&incident, &found.token_id), &wishes, origin).await
}

/// The destination, if whoever calls is it. All refusals look alike.
async fn caller(house: &House, id: &DestinationId, shown: Shown<'_>, body: &[u8]) -> Result<DestinationRow, Fault> {
    let stranger = || Fault::new(FaultKind::Unauthenticated, "The signature is not that of a destination.");
    let mut session = house.store.read().await?;
    let row = destinations::by_id(&mut session, id).await?;
    let row = row.filter(|row| row.kind == DestinationKind::Jira && row.state != DestinationState::Unconfirmed);
    let (Some(row), Some(sealed)) = (row, tickets::hook(&mut session, id).await?) else { return Err(stranger()) };
    let secret = house.sealer.open(&sealed, &owner(id))?;
    let right = match shown {
        Shown::Signature(header) => hook::is_signed(&secret, header, body),
        Shown::Secret(given) => bool::from(given.as_bytes().ct_eq(secret.expose().as_bytes())),
    };
    if right { Ok(row) } else { Err(stranger()) }
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

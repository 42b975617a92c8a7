//! Changing a token: its facts, whether its key works, and its end.

use super::{called, find_to_manage, form, keys, reveal};
use crate::{
    audit,
    house::House,
    issuers::{Issuer, IssuerError, KeyRef, Whose},
    people::fresh,
    store::{self, tokens::TokenRow},
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::TokenId,
    moment::Moment,
    token::{Token, TokenChange, TokenState},
    viewer::Viewer,
};
use std::sync::Arc;

/// Changes a token's row under its lock, with a note in the audit log.
pub(crate) async fn under_lock(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    act: &str,
    detail: &str,
    change: impl FnOnce(&mut TokenRow) + Send,
) -> Result<Token, Fault> {
    let mut tx = house.store.begin().await?;
    store::tokens::lock(&mut tx, id).await?;
    let mut row = store::tokens::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("token"))?;
    change(&mut row);
    row.facts.expires_at = row.token.expires_at;
    row.facts.expired_at = row.token.expired_at;
    row.facts.revoked_at = row.token.revoked_at;
    row.token.state = TokenState::of(&row.facts, house.now());
    store::tokens::update(&mut tx, &row).await?;
    audit::note(house, &mut tx, viewer, act, &called(&row), detail).await?;
    tx.commit().await?;
    // As when a key was disabled in answer to a hit.
    house.bell.look_again(row.token.id.clone(), row.token.team_id.clone());
    Ok(row.token)
}

/// Changes a token's facts. An expired token whose expiry is moved into the future stays disabled until it is enabled.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Invalid` with every field that is not acceptable.
pub async fn edit(house: &House, viewer: &Viewer, id: &TokenId, change: &TokenChange) -> Result<Token, Fault> {
    let row = find_to_manage(house, viewer, id).await?;
    let mut wrong = form::Wrong::default();
    let mut read = |field: &str, value: &Option<String>, longest: usize, required: bool| {
        value.as_ref().map(|value| wrong.take(form::text(field, value, longest, required))).transpose()
    };
    let owner = read("owner", &change.owner, 200, false)?;
    let location = read("location", &change.location, 500, true)?;
    let notes = read("notes", &change.notes, 4_000, false)?;
    // The owner may see the secret again: so that right is handed on only by those who have it.
    if owner.as_ref().is_some_and(|new| *new != row.token.owner) && !row.token.adopted && !reveal::may(viewer, &row) {
        wrong.add("owner", "only the owner, whoever minted the token, or an admin may hand it to somebody else");
    }
    let labels = change.labels.as_ref().map(|value| wrong.take(form::labels(value))).transpose()?;
    let on_hit = change.on_hit.as_ref().map(|value| wrong.take(form::on_hit(value))).transpose()?;
    // A form sends back what it showed, which is not to the millisecond; programs send what the API gave them.
    let shown = row.token.expires_at.map(Moment::short).unwrap_or_default();
    let given = row.token.expires_at.map(Moment::rfc3339).unwrap_or_default();
    let expires = match &change.expires {
        // A token that is over keeps its date, unless somebody gives it another one.
        Some(value) if value.trim() != shown && value.trim() != given => {
            Some(wrong.take(form::expires(value, house.now()))?)
        }
        _ => None,
    };
    wrong.finish()?;
    if row.token.revoked_at.is_some() && (expires.is_some() || on_hit.is_some_and(|on_hit| on_hit != row.token.on_hit))
    {
        return Err(Fault::conflict(
            "This token is revoked: its key is gone, so that only owner, location, notes and labels can change.",
        ));
    }
    let mut changed = Vec::new();
    let mut say = |what: &str, differs: bool| {
        if differs {
            changed.push(what.to_owned());
        }
    };
    say("owner", owner.as_ref().is_some_and(|new| *new != row.token.owner));
    say("location", location.as_ref().is_some_and(|new| *new != row.token.location));
    say("notes", notes.as_ref().is_some_and(|new| *new != row.token.notes));
    say("labels", labels.as_ref().is_some_and(|new| *new != row.token.labels));
    say("what happens at a hit", on_hit.is_some_and(|new| new != row.token.on_hit));
    say("expiry", expires.is_some_and(|new| new != row.token.expires_at));
    if changed.is_empty() {
        return Ok(row.token);
    }
    under_lock(house, viewer, id, "token.edit", &changed.join(", "), |row| {
        let token = &mut row.token;
        token.owner = owner.unwrap_or_else(|| token.owner.clone());
        token.location = location.unwrap_or_else(|| token.location.clone());
        token.notes = notes.unwrap_or_else(|| token.notes.clone());
        token.labels = labels.unwrap_or_else(|| token.labels.clone());
        token.on_hit = on_hit.unwrap_or(token.on_hit);
        if let Some(end) = expires
            && end != token.expires_at
        {
            token.expires_at = end;
            token.expired_at = None;
            row.warned_at = None;
        }
    })
    .await
}

pub(super) fn issuer_of(house: &House, row: &TokenRow) -> Result<Arc<dyn Issuer>, Fault> {
    match (house.issuers.of(&row.token.account), row.token.adopted) {
        (Some(issuer), _) => Ok(issuer),
        (None, true) => Err(Fault::conflict(refused_for_adopted(row))),
        (None, false) => Err(not_reachable(&row.token.account)),
    }
}

/// The account is none of those that Aviary knows.
pub(crate) fn not_reachable(account: &str) -> Fault {
    Fault::new(FaultKind::Unavailable, format!("The account {account} is not reachable from here at the moment."))
}

/// Why an adopted key cannot be switched off or deleted here.
pub(crate) fn refused_for_adopted(row: &TokenRow) -> String {
    format!(
        "This key was made elsewhere, in the account {}, which is not one of Aviary's. Disable or delete it there; \
         Aviary goes on watching it.",
        if row.token.account.is_empty() { "(unknown)" } else { &row.token.account },
    )
}

fn from_issuer(error: &IssuerError) -> Fault {
    Fault::new(FaultKind::Unavailable, format!("The account did not do it: {error}. Nothing was changed."))
}

/// Switches a token's key on or off.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` for a key that is gone or not ours, `Unavailable` where the account refuses.
pub async fn set_active(house: &House, viewer: &Viewer, id: &TokenId, active: bool) -> Result<Token, Fault> {
    let row = find_to_manage(house, viewer, id).await?;
    if row.token.revoked_at.is_some() {
        return Err(Fault::conflict("This token is revoked: its key is gone."));
    }
    if active && row.token.expires_at.is_some_and(|end| end <= house.now()) {
        return Err(Fault::conflict("This token has expired. Give it a later expiry first."));
    }
    let issuer = issuer_of(house, &row)?;
    let row = keys::with_user(&*issuer, row).await?;
    if active {
        let key = KeyRef { user_name: row.token.user_name.clone(), access_key_id: row.token.access_key_id.clone() };
        issuer.set_active(&key, true).await.map_err(|error| from_issuer(&error))?;
    } else {
        keys::disable_all(house, &*issuer, &row).await?;
    }
    under_lock(house, viewer, id, if active { "token.enable" } else { "token.disable" }, "", |row| {
        row.token.key_active = active;
        if active {
            row.hits_before = row.token.hit_count;
        }
    })
    .await
}

/// Deletes a token's key and user for good; of an adopted key, whose user is not ours, the key alone. The row and the hits
/// stay, and late records still match.
///
/// # Errors
/// As [`set_active`], or `Stale`, where the viewer has to show first that it is them.
pub async fn revoke(house: &House, viewer: &Viewer, id: &TokenId) -> Result<Token, Fault> {
    let row = find_to_manage(house, viewer, id).await?;
    if row.token.revoked_at.is_some() {
        return Ok(row.token);
    }
    fresh::must_be_fresh(house, viewer)?;
    let issuer = issuer_of(house, &row)?;
    let detail = if row.token.adopted {
        let row = keys::with_user(&*issuer, row).await?;
        let key = KeyRef { user_name: row.token.user_name, access_key_id: row.token.access_key_id };
        issuer.delete_key(&key).await.map_err(|error| from_issuer(&error))?;
        "key deleted"
    } else {
        let whose = Whose::Unique(row.unique_id.clone());
        issuer.delete(&row.token.user_name, &whose).await.map_err(|error| from_issuer(&error))?;
        "key and user deleted"
    };
    let now = house.now();
    under_lock(house, viewer, id, "token.revoke", detail, |row| {
        row.token.revoked_at = Some(now);
        row.token.key_active = false;
    })
    .await
}

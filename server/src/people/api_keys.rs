//! API keys: `avy_` and 43 letters, kept as a hash.

use super::{code_hash, must_manage, persons::team_of};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::{ChanceExt as _, House},
    store::people::{api_keys, api_keys::ApiKeyRow},
};
use app::model::{
    fault::Fault,
    ids::ApiKeyId,
    moment::MINUTE,
    person::{ApiKey, NewApiKey},
    secret::Secret,
    viewer::{Actor, Grant, Origin, Role, Viewer},
};

/// All keys.
///
/// # Errors
/// `Forbidden` for those who do not manage people.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<ApiKey>, Fault> {
    must_manage(viewer)?;
    let rows = api_keys::list(&mut *house.store.read().await?).await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Makes a key, which is shown once.
///
/// # Errors
/// `Forbidden`, or `Invalid` where a field is not acceptable.
pub async fn create(house: &House, viewer: &Viewer, name: &str, role: &str, team: &str) -> Result<NewApiKey, Fault> {
    must_manage(viewer)?;
    let name = name.trim();
    if !(1..=60).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Fault::field("name", "expected a name of 1 to 60 characters that says what uses the key"));
    }
    let role = Role::parse(role.trim())
        .ok_or_else(|| Fault::field("role", "expected one of viewer, placer, reviewer, admin, ingest"))?;
    let secret = format!("avy_{}", house.chance.code());
    let mut tx = house.store.begin().await?;
    let team_id = team_of(&mut tx, team).await?;
    let key = ApiKey {
        id: ApiKeyId(house.new_id()),
        name: name.to_owned(),
        prefix: secret.chars().take(10).collect(),
        role,
        team: Some(team.trim().to_owned()).filter(|team| !team.is_empty()),
        created_at: house.now(),
        last_used_at: None,
        revoked_at: None,
    };
    let row = ApiKeyRow { key: key.clone(), team_id };
    api_keys::insert(&mut tx, &row, &code_hash(&secret), &viewer.name).await?;
    let detail = format!("as {}", role.word());
    let (what, subject) = (("api_key.create", detail.as_str()), Subject::new("api_key", key.id.as_str(), name));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), key.audited()).await?;
    tx.commit().await?;
    Ok(NewApiKey { key, secret: Secret::new(secret) })
}

/// Revokes a key, at once.
///
/// # Errors
/// `Forbidden`, or `NotFound` where there is no such key or it is revoked already.
pub async fn revoke(house: &House, viewer: &Viewer, id: &ApiKeyId) -> Result<(), Fault> {
    must_manage(viewer)?;
    let mut tx = house.store.begin().await?;
    let name = api_keys::revoke(&mut tx, id, house.now()).await?.ok_or_else(|| Fault::not_found("API key"))?;
    audit::note_on(house, &mut tx, viewer, "api_key.revoke", Subject::new("api_key", id.as_str(), &name)).await?;
    Ok(tx.commit().await?)
}

/// Who holds this key, if it is good.
///
/// # Errors
/// Where the database refuses.
pub async fn viewer(house: &House, secret: &str, origin: Origin) -> Result<Option<Viewer>, Fault> {
    if !secret.starts_with("avy_") {
        return Ok(None);
    }
    let now = house.now();
    let Some(row) = api_keys::by_hash(&mut *house.store.read().await?, &code_hash(secret)).await? else {
        // One that was revoked and is still in use somewhere, or somebody who guesses.
        let shown: String = secret.chars().take(10).collect();
        audit::refused(house, &origin, "api_key.refuse", Subject::new("api_key", "", &shown), "unknown or revoked")
            .await;
        return Ok(None);
    };
    if row.key.last_used_at.is_none_or(|at| now.since(at) > MINUTE) {
        let mut tx = house.store.begin().await?;
        api_keys::used(&mut tx, &row.key.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Viewer {
        actor: Actor::ApiKey(row.key.id),
        name: row.key.name,
        grants: vec![Grant { team: row.team_id, role: row.key.role }],
        origin,
        proven_at: None,
    }))
}

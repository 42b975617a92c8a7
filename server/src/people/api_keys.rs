//! API keys: what each is for, until when, and who holds one. Only a hash of a key is kept.

pub mod text;

use super::{code_hash, fresh, must_manage, persons::team_of};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::House,
    store::people::{api_keys, api_keys::ApiKeyRow},
    tokens::form::{self, Wrong},
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::{ApiKeyId, TeamId},
    moment::MINUTE,
    person::{ApiKey, ApiKeyForm, NewApiKey},
    secret::Secret,
    viewer::{Act, Actor, Grant, Origin, Place, Role, Scope, Viewer},
};
use std::collections::BTreeSet;

/// All keys.
///
/// # Errors
/// `Forbidden` for those who do not manage people.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<ApiKey>, Fault> {
    must_manage(viewer)?;
    let rows = api_keys::list(&mut *house.store.read().await?).await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Makes a key of a whole role that does not end by itself. It is shown once.
///
/// # Errors
/// As [`make`].
pub async fn create(house: &House, viewer: &Viewer, name: &str, role: &str, team: &str) -> Result<NewApiKey, Fault> {
    let form = ApiKeyForm { name: name.into(), role: role.into(), team: team.into(), ..ApiKeyForm::default() };
    make(house, viewer, &form).await
}

/// Makes a key, which is shown once.
///
/// # Errors
/// `Forbidden`, also where the key would open more than its maker; `Invalid` with every field that is not acceptable;
/// `Stale`, where the viewer has to show first that it is them.
pub async fn make(house: &House, viewer: &Viewer, form: &ApiKeyForm) -> Result<NewApiKey, Fault> {
    must_manage(viewer)?;
    let mut wrong = Wrong::default();
    let name = wrong.take(named(&form.name))?;
    let (role, scopes) = wrong.take(powers(form))?;
    let expires_at = wrong.take(form::expires(&form.expires, house.now()))?;
    let mut tx = house.store.begin().await?;
    let team_id = wrong.take(team_of(&mut tx, &form.team).await)?;
    if team_id.is_some() && !scopes.is_empty() && !acts(&scopes).any(|act| act.row().place == Place::Team) {
        wrong.add("team", "what this key is for is done in the whole installation, not in a team");
    }
    wrong.finish()?;
    if !holds(viewer, &scopes, team_id.as_ref()) {
        return Err(Fault::forbidden(
            "A key cannot open more than whoever makes it. Choose a smaller role, or scopes.",
        ));
    }
    fresh::must_be_fresh(house, viewer)?;
    let secret = text::make(&*house.chance);
    let key = ApiKey {
        id: ApiKeyId(house.new_id()),
        name,
        prefix: secret.chars().take(10).collect(),
        role,
        scopes,
        team: Some(form.team.trim().to_owned()).filter(|team| !team.is_empty()),
        created_at: house.now(),
        expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    let row = ApiKeyRow { key: key.clone(), team_id };
    api_keys::insert(&mut tx, &row, &code_hash(&secret), &viewer.name).await?;
    let detail = described(&key);
    let (what, subject) = (("api_key.create", detail.as_str()), Subject::new("api_key", key.id.as_str(), &key.name));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), key.audited()).await?;
    tx.commit().await?;
    Ok(NewApiKey { key, secret: Secret::new(secret) })
}

fn named(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if !(1..=60).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Fault::field("name", "expected a name of 1 to 60 characters that says what uses the key"));
    }
    Ok(name.to_owned())
}

/// The role, and what of it the key may do.
fn powers(form: &ApiKeyForm) -> Result<(Option<Role>, BTreeSet<Scope>), Fault> {
    let role = match form.role.trim() {
        "" => None,
        word => Some(Role::parse(word).ok_or_else(|| {
            Fault::field("role", "expected one of viewer, placer, reviewer, admin, ingest; or none, and scopes")
        })?),
    };
    let asked = form.scopes.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    let asked: BTreeSet<Scope> = asked
        .map(|word| {
            Scope::parse(word).ok_or_else(|| {
                let known = Scope::ALL.map(Scope::word).join(", ");
                Fault::field("scopes", format!("there is no scope `{word}`; expected some of {known}"))
            })
        })
        .collect::<Result<_, _>>()?;
    match role {
        None if asked.is_empty() => Err(Fault::field("scopes", "choose a role, or at least one scope")),
        None => Ok((None, asked)),
        Some(role) if asked.is_empty() => Ok((Some(role), role.scopes())),
        Some(role) => match asked.iter().copied().find(|scope| !role.scopes().contains(scope)) {
            None => Ok((Some(role), asked)),
            Some(more) => {
                let says = format!("the role {} does not have the scope {}", role.word(), more.word());
                Err(Fault::field("scopes", says))
            }
        },
    }
}

/// Whether somebody may do all that these scopes allow: nobody gives away what they do not have.
fn holds(viewer: &Viewer, scopes: &BTreeSet<Scope>, team: Option<&TeamId>) -> bool {
    acts(scopes).all(|act| viewer.may(act, team))
}

/// All that these scopes allow.
fn acts(scopes: &BTreeSet<Scope>) -> impl Iterator<Item = Act> {
    Act::ALL.iter().copied().filter(|act| scopes.contains(&act.row().scope))
}

/// What a key is for, in the audit log.
fn described(key: &ApiKey) -> String {
    let mut said = key.role.map_or_else(String::new, |role| format!("as {}", role.word()));
    if key.is_limited() {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.word()).collect();
        let only = if said.is_empty() { "for" } else { ", only for" };
        said = format!("{said}{only} {}", scopes.join(" "));
    }
    if let Some(team) = &key.team {
        said = format!("{said}, in {team}");
    }
    match key.expires_at {
        Some(end) => format!("{said}, until {}", end.exact()),
        None => said,
    }
}

/// Revokes a key, at once.
///
/// # Errors
/// `Forbidden`, `Stale`, or `NotFound` where there is no such key or it is revoked already.
pub async fn revoke(house: &House, viewer: &Viewer, id: &ApiKeyId) -> Result<(), Fault> {
    must_manage(viewer)?;
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    let key = api_keys::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("API key"))?.key;
    if !api_keys::revoke(&mut tx, id, house.now()).await? {
        return Err(Fault::not_found("API key"));
    }
    let detail = described(&key);
    let (what, subject) = (("api_key.revoke", detail.as_str()), Subject::new("api_key", id.as_str(), &key.name));
    audit::changed(house, &mut tx, viewer, what, subject, key.audited(), Facts::default()).await?;
    Ok(tx.commit().await?)
}

/// Who holds this key, if it is one of ours that is not revoked. It is looked up for each request, so that a key that was
/// revoked opens nothing from the next one on.
///
/// # Errors
/// `Unauthenticated` with the reason, for a key that is not whole or whose time is over; else where the database refuses.
pub async fn viewer(house: &House, secret: &str, origin: Origin) -> Result<Option<Viewer>, Fault> {
    match text::form(secret) {
        text::Form::Other => return Ok(None),
        text::Form::Broken => {
            let says = "This is not a whole Aviary API key: a letter is wrong or missing. Copy it again.";
            return Err(Fault::new(FaultKind::Unauthenticated, says));
        }
        text::Form::Whole => {}
    }
    let now = house.now();
    let Some(row) = api_keys::by_hash(&mut *house.store.read().await?, &code_hash(secret)).await? else {
        // One that was revoked and is still in use somewhere, or somebody who guesses.
        let shown: String = secret.chars().take(10).collect();
        audit::refused(house, &origin, "api_key.refuse", Subject::new("api_key", "", &shown), "unknown or revoked")
            .await;
        return Ok(None);
    };
    if let Some(end) = row.key.expires_at.filter(|end| *end <= now) {
        let says = format!("This API key ran out at {}. Ask an admin for another one.", end.exact());
        return Err(Fault::new(FaultKind::Unauthenticated, says));
    }
    if row.key.last_used_at.is_none_or(|at| now.since(at) > MINUTE) {
        let mut tx = house.store.begin().await?;
        api_keys::used(&mut tx, &row.key.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Viewer {
        actor: Actor::ApiKey(row.key.id),
        name: row.key.name,
        grants: vec![Grant { team: row.team_id, scopes: row.key.scopes }],
        origin,
        proven_at: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(role: &str, scopes: &[&str]) -> Result<(Option<Role>, Vec<&'static str>), Fault> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let form = ApiKeyForm { role: role.to_owned(), scopes, ..ApiKeyForm::default() };
        powers(&form).map(|(role, scopes)| (role, scopes.into_iter().map(Scope::word).collect()))
    }

    #[test]
    fn a_key_has_a_role_or_a_part_of_one_or_scopes_alone() {
        assert_eq!(asked("ingest", &[]).unwrap(), (Some(Role::Ingest), vec!["records:ingest"]));
        assert_eq!(asked("admin", &["hits:read"]).unwrap(), (Some(Role::Admin), vec!["hits:read"]));
        let words = ["tokens:write", "tokens:read", "tokens:read", ""];
        assert_eq!(asked("", &words).unwrap(), (None, vec!["tokens:read", "tokens:write"]));
        for (role, scope, field) in [
            ("king", "", "role"),
            ("", "", "scopes"),
            ("", "tokens", "scopes"),
            ("viewer", "tokens:write", "scopes"),
            ("ingest", "tokens:read", "scopes"),
        ] {
            assert!(asked(role, &[scope]).unwrap_err().of(field).is_some(), "{role} {scope}");
        }
    }

    #[test]
    fn nobody_gives_away_what_they_do_not_have() {
        let admin = Viewer::system("ana");
        let team: TeamId = "blue".into();
        assert!(holds(&admin, &Role::Admin.scopes(), None));
        let limited = [Scope::PeopleWrite, Scope::HitsRead].into();
        let key = Viewer { grants: vec![Grant { team: None, scopes: limited }], ..admin };
        assert!(holds(&key, &[Scope::HitsRead].into(), Some(&team)));
        assert!(!holds(&key, &[Scope::HitsRead, Scope::TokensRead].into(), Some(&team)));
    }
}

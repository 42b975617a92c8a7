//! Adding, changing and removing providers; admins of the installation.

use super::{client::redirect_uri, directory::place, find, form, probe};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::House,
    people::{fresh, must_manage, persons::team_of},
    store::{
        Conn,
        people::{identities, provider_sessions, providers, providers::ProviderRow},
    },
};
use app::model::{
    fault::Fault,
    provider::{ProviderForm, ProviderSettings, ProviderStatus, ProviderView, Strangers},
    viewer::Viewer,
};

/// Every provider.
///
/// # Errors
/// `Forbidden` for those who do not manage people.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<ProviderView>, Fault> {
    must_manage(viewer)?;
    let mut session = house.store.read().await?;
    let mut views = Vec::new();
    for row in providers::all(&mut session).await? {
        views.push(view(house, &mut session, row).await?);
    }
    Ok(views)
}

/// One provider.
///
/// # Errors
/// `Forbidden`, or `NotFound` where there is none.
pub async fn get(house: &House, viewer: &Viewer, id: &str) -> Result<ProviderView, Fault> {
    let row = row(house, viewer, id).await?;
    view(house, &mut *house.store.read().await?, row).await
}

/// The provider, for those who may change it.
pub(super) async fn row(house: &House, viewer: &Viewer, id: &str) -> Result<ProviderRow, Fault> {
    must_manage(viewer)?;
    find(house, id).await?.ok_or_else(|| Fault::not_found("provider"))
}

async fn view(house: &House, conn: &mut Conn, row: ProviderRow) -> Result<ProviderView, Fault> {
    let rules = providers::rules(conn, &row.id).await?;
    let base = &house.config.base_url;
    Ok(ProviderView {
        has_secret: row.sealed_secret.is_some(),
        rules: rules.into_iter().map(|row| row.rule).collect(),
        people: identities::count(conn, &row.id).await?,
        redirect_uri: redirect_uri(house, &row.id),
        signed_out_uri: format!("{base}/signed-out"),
        back_channel_uri: format!("{base}/oidc/{}/back-channel", row.id),
        created_at: row.created_at,
        settings: row.settings,
        status: row.status,
        id: row.id,
    })
}

/// Adds a provider.
///
/// # Errors
/// `Forbidden`, `Invalid` where a field is not acceptable, or `Stale`.
pub async fn add(house: &House, viewer: &Viewer, form: &ProviderForm) -> Result<ProviderView, Fault> {
    must_manage(viewer)?;
    let settings = form::read(form, house.providers.allowed())?;
    fresh::must_be_fresh(house, viewer)?;
    let id = house.new_id();
    let row = ProviderRow {
        sealed_secret: seal(house, form, &id)?,
        id,
        settings,
        status: ProviderStatus::default(),
        created_at: house.now(),
    };
    let mut tx = house.store.begin().await?;
    must_have_team(&mut tx, &row.settings).await?;
    named(providers::insert(&mut tx, &row, &viewer.name).await)?;
    let (says, subject) = (detail(&row.settings), Subject::new("provider", &row.id, &row.settings.name));
    let what = ("provider.add", says.as_str());
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), row.settings.audited()).await?;
    tx.commit().await?;
    get(house, viewer, &row.id).await
}

/// Changes a provider. Whoever is in through it stays in, unless it is switched off: then its sessions end.
///
/// # Errors
/// `Forbidden`, `NotFound`, `Invalid` where a field is not acceptable, or `Stale`.
pub async fn edit(house: &House, viewer: &Viewer, id: &str, form: &ProviderForm) -> Result<ProviderView, Fault> {
    let mut row = row(house, viewer, id).await?;
    let (issuer, former) = (row.settings.issuer.clone(), place(&row.settings));
    let before = row.settings.audited();
    row.settings = form::read(form, house.providers.allowed())?;
    fresh::must_be_fresh(house, viewer)?;
    row.status = ProviderStatus::default();
    let typed = seal(house, form, id)?;
    let goes_elsewhere = place(&row.settings) != former && typed.is_none() && row.sealed_secret.is_some();
    row.sealed_secret = typed.or(row.sealed_secret.take());
    let mut tx = house.store.begin().await?;
    must_have_team(&mut tx, &row.settings).await?;
    // A subject is somebody within its issuer alone: elsewhere the same text is somebody else.
    if row.settings.issuer != issuer && identities::count(&mut tx, id).await? > 0 {
        return Err(Fault::field("issuer", "people have come from this issuer already; add the other one beside it"));
    }
    // Whoever can change an address shall not learn by it what was kept for another.
    if goes_elsewhere {
        return Err(Fault::field("client_secret", "type it again: it was given for another address"));
    }
    named(providers::set(&mut tx, &row).await)?;
    if !row.settings.enabled {
        provider_sessions::end_all(&mut tx, id).await?;
    }
    let (says, subject) = (detail(&row.settings), Subject::new("provider", id, &row.settings.name));
    let what = ("provider.edit", says.as_str());
    audit::changed(house, &mut tx, viewer, what, subject, before, row.settings.audited()).await?;
    tx.commit().await?;
    house.providers.forget(id);
    get(house, viewer, id).await
}

/// Removes a provider: its sessions end, and the roles that followed from its rules go. The people stay, without a way in
/// if they have no password.
///
/// # Errors
/// `Forbidden`, `NotFound`, `Invalid` where `confirm` is not its name, or `Stale`.
pub async fn remove(house: &House, viewer: &Viewer, id: &str, confirm: &str) -> Result<(), Fault> {
    let row = row(house, viewer, id).await?;
    let name = &row.settings.name;
    if confirm.trim() != name.as_str() {
        return Err(Fault::field("confirm", format!("type {name} to remove it")));
    }
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    providers::remove(&mut tx, id).await?;
    let (what, subject) = (("provider.remove", "its sessions and roles ended"), Subject::new("provider", id, name));
    audit::changed(house, &mut tx, viewer, what, subject, row.settings.audited(), Facts::default()).await?;
    tx.commit().await?;
    house.providers.forget(id);
    Ok(())
}

/// Asks a provider about itself, and keeps what was found.
///
/// # Errors
/// `Forbidden`, or `NotFound`. A provider that does not answer is a finding and no error.
pub async fn test(house: &House, viewer: &Viewer, id: &str) -> Result<ProviderView, Fault> {
    let row = row(house, viewer, id).await?;
    let checks = probe::look(house, &row).await;
    let status = ProviderStatus { checks, tested_at: Some(house.now()) };
    house.providers.forget(id);
    let mut tx = house.store.begin().await?;
    providers::set_status(&mut tx, id, &status).await?;
    audit::note(house, &mut tx, viewer, "provider.test", &row.settings.name, "").await?;
    tx.commit().await?;
    get(house, viewer, id).await
}

fn seal(house: &House, form: &ProviderForm, id: &str) -> Result<Option<String>, Fault> {
    let typed = form.secret.expose().trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let secret = app::model::secret::Secret::new(typed.to_owned());
    house.sealer.seal(&secret, id, &*house.chance).map(Some)
}

async fn must_have_team(conn: &mut Conn, settings: &ProviderSettings) -> Result<(), Fault> {
    match &settings.strangers {
        Strangers::Role { team, .. } => team_of(conn, team).await.map(|_| ()),
        _ => Ok(()),
    }
}

fn named(done: crate::store::Stored<()>) -> Result<(), Fault> {
    match done {
        Err(error) if error.is_unique_violation() => {
            Err(Fault::field("name", "there is a provider of this name already"))
        }
        done => Ok(done?),
    }
}

fn detail(settings: &ProviderSettings) -> String {
    let mut says = vec![format!("issuer {}", settings.issuer)];
    says.push(if settings.enabled { "switched on" } else { "switched off" }.to_owned());
    says.push(match &settings.strangers {
        Strangers::Refuse => "strangers stay out".to_owned(),
        Strangers::Rules => "strangers come in by rules".to_owned(),
        Strangers::Role { team, role } if team.is_empty() => {
            format!("strangers come in as {} in the whole installation", role.word())
        }
        Strangers::Role { team, role } => format!("strangers come in as {} in {team}", role.word()),
    });
    if settings.owns_addresses {
        says.push("its addresses are ours".to_owned());
    }
    if settings.trust_unverified {
        says.push("unverified addresses count".to_owned());
    }
    says.join("; ")
}

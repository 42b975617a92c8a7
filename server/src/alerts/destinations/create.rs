//! Making a destination.

use super::{mask, proof, shown};
use crate::{
    alerts::{
        callback,
        channels::{self, Parts, webhook},
    },
    audit,
    house::{ChanceExt as _, House},
    people::teams,
    store::alerts::{
        destinations::{self, DestinationRow},
        tickets,
    },
};
use app::model::{
    alert::{DestinationForm, DestinationKind, DestinationState, NewDestination},
    fault::{Fault, FieldFault},
    ids::{DestinationId, TeamId},
    secret::Secret,
    viewer::{Act, Actor, Viewer},
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

/// How many destinations of one person may wait for their confirmation. Each got a message that it did not ask for.
const UNCONFIRMED: i64 = 20;

/// Makes a destination, and asks whoever is there for the proof that they want alerts: by a link in a mail, by a
/// challenge that a webhook echoes, by a code in a message. That the proof failed is no error: the destination stays
/// unconfirmed and says why.
///
/// # Errors
/// `Invalid` for the fields, `Forbidden`, or `Conflict` where too many wait for their confirmation.
pub async fn create_destination(
    house: &House,
    viewer: &Viewer,
    form: &DestinationForm,
) -> Result<NewDestination, Fault> {
    viewer.must(Act::Subscribe)?;
    let (kind, parts, name) = read(form)?;
    if channels::is_for_admins(kind, &parts) && !viewer.may(Act::ManageDestinations, None) {
        return Err(Fault::forbidden(
            "Only an admin of the installation may make this: it acts with more than its owner's rights.",
        ));
    }
    let Parts { address, settings, secret: typed } = parts;
    let id = DestinationId(house.new_id());
    let hook = (kind == DestinationKind::Jira).then(|| callback::new_secret(house, &id)).transpose()?;
    let secret = (kind == DestinationKind::Webhook).then(|| webhook::new_secret(house.chance.bytes()));
    let sealed_secret = secret.as_ref().or(typed.as_ref()).map(|secret| seal(house, secret, &id)).transpose()?;
    let mut tx = house.store.begin().await?;
    let team = team(&mut tx, viewer, &form.team).await?;
    let bounded = !viewer.may(Act::ManageDestinations, None);
    if bounded && destinations::count_unconfirmed(&mut tx, audit::actor_id(viewer)).await? >= UNCONFIRMED {
        return Err(Fault::conflict(format!(
            "{UNCONFIRMED} destinations of yours wait for their confirmation. Remove those that will not be confirmed."
        )));
    }
    let row = DestinationRow {
        name: name.unwrap_or_else(|| called(kind, &address, team.is_some())),
        id: id.clone(),
        kind,
        address,
        sealed_secret,
        sealed_old_secret: None,
        old_secret_until: None,
        settings,
        team_id: team.as_ref().map(|(id, _)| id.clone()),
        team: team.map(|(_, name)| name),
        owner_id: audit::actor_id(viewer).to_owned(),
        created_by: viewer.name.clone(),
        created_at: house.now(),
        state: DestinationState::Unconfirmed,
        confirm_until: None,
        proof_until: None,
        last_error: None,
    };
    destinations::insert(&mut tx, &row).await?;
    if let Some((_, sealed)) = &hook {
        tickets::set_hook(&mut tx, &id, sealed).await?;
    }
    audit::note(house, &mut tx, viewer, "destination.create", &row.name, kind.word()).await?;
    tx.commit().await?;
    proof::ask(house, &row).await?;
    let row = destinations::by_id(&mut *house.store.read().await?, &id).await?;
    let row = row.ok_or_else(|| Fault::not_found("destination"))?;
    let secret = secret.or(hook.map(|(secret, _)| secret));
    Ok(NewDestination { destination: shown(house, row, viewer), secret })
}

/// Seals what a destination hides, so that it opens in its own row only.
pub(super) fn seal(house: &House, secret: &Secret, id: &DestinationId) -> Result<String, Fault> {
    house.sealer.seal(secret, id.as_str(), &*house.chance)
}

/// The team that it belongs to. The key of a program that works for one team makes destinations of that team: keys are
/// replaced, and nobody else would see what the old one made.
async fn team(conn: &mut crate::store::Conn, viewer: &Viewer, name: &str) -> Result<Option<(TeamId, String)>, Fault> {
    let everywhere = viewer.may(Act::Subscribe, None);
    let personal = everywhere || !matches!(viewer.actor, Actor::ApiKey(_));
    if name.trim().is_empty() && personal {
        return Ok(None);
    }
    let team = teams::choose(conn, viewer, Act::Subscribe, name).await?;
    Ok(Some((team.id, team.name)))
}

/// The kind, its parts, and the name if one was given.
fn read(form: &DestinationForm) -> Result<(DestinationKind, Parts, Option<String>), Fault> {
    let mut faults = Vec::new();
    let kind = DestinationKind::parse(form.kind.trim()).filter(|kind| DestinationKind::OFFERED.contains(kind));
    let parts = match kind.map(|kind| channels::read(kind, form)) {
        Some(Ok(parts)) => Some(parts),
        Some(Err(wrong)) => {
            faults.extend(wrong);
            None
        }
        None => {
            let words: Vec<String> = DestinationKind::OFFERED.iter().map(|kind| format!("`{}`", kind.word())).collect();
            faults.push(FieldFault {
                field: "kind".to_owned(),
                message: format!("expected one of {}", words.join(", ")),
            });
            None
        }
    };
    let name = form.name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        let message = "expected a name of at most 80 characters".to_owned();
        faults.push(FieldFault { field: "name".to_owned(), message });
    }
    match (kind, parts) {
        (Some(kind), Some(parts)) if faults.is_empty() => {
            Ok((kind, parts, Some(name.to_owned()).filter(|name| !name.is_empty())))
        }
        _ => Err(Fault::invalid(faults)),
    }
}

/// A name for a destination that was given none. Names are seen by those who do not see addresses.
fn called(kind: DestinationKind, address: &str, of_team: bool) -> String {
    let name = match kind {
        DestinationKind::Email if of_team => mask::masked(kind, address),
        DestinationKind::Email => address.to_owned(),
        // The name at the end of an ARN.
        _ if address.starts_with("arn:") => address.rsplit([':', '/']).next().unwrap_or_default().to_owned(),
        _ => {
            let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
            host.unwrap_or_else(|| mask::masked(kind, address))
        }
    };
    name.chars().take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_not_offered_is_refused_with_those_that_are() {
        for kind in ["pigeon", ""] {
            let form = DestinationForm { kind: kind.into(), ..DestinationForm::default() };
            let fault = read(&form).unwrap_err();
            assert!(fault.of("kind").unwrap().starts_with("expected one of `email`, `webhook`"), "{fault}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let form = DestinationForm { kind: "webhook".into(), name: "x".repeat(81), ..DestinationForm::default() };
        let fault = read(&form).unwrap_err();
        assert!(fault.of("address").is_some() && fault.of("name").is_some());
    }

    #[test]
    fn a_name_made_for_a_team_does_not_give_the_address_away() {
        assert_eq!(called(DestinationKind::Email, "ana@example.com", true), "a…@example.com");
        assert_eq!(called(DestinationKind::Email, "ana@example.com", false), "ana@example.com");
        assert_eq!(called(DestinationKind::Sns, "arn:aws:sns:eu-west-1:123456789012:alerts", true), "alerts");
        assert_eq!(called(DestinationKind::Syslog, "tls://logs.example.com:6514", true), "logs.example.com");
        assert_eq!(called(DestinationKind::Webhook, "https://hooks.example.com/secret", true), "hooks.example.com");
    }
}

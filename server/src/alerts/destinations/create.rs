//! Making a destination.

use super::{mask, proof, shown};
use crate::{
    alerts::channels::webhook,
    audit,
    house::{ChanceExt as _, House},
    people::{leads_somewhere, teams},
    store::alerts::destinations::{self, DestinationRow},
};
use app::model::{
    alert::{DestinationForm, DestinationKind, DestinationState, NewDestination},
    fault::{Fault, FieldFault},
    ids::{DestinationId, TeamId},
    secret::Secret,
    viewer::{Act, Actor, Viewer},
};

/// The longest address of a webhook, in bytes.
const LONGEST_URL: usize = 2_000;

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

/// How many mail addresses of one person may wait for their confirmation. Each got a mail that it did not ask for.
const UNCONFIRMED: i64 = 20;

/// Makes a destination, and asks whoever is there for the proof that they want alerts: by a link in a mail, or by a
/// challenge that a webhook echoes. That the proof failed is no error: the destination stays unconfirmed and says why.
///
/// # Errors
/// `Invalid` for the fields, `Forbidden`, or `Conflict` where too many addresses wait for their confirmation.
pub async fn create_destination(
    house: &House,
    viewer: &Viewer,
    form: &DestinationForm,
) -> Result<NewDestination, Fault> {
    if !viewer.may_somewhere(Act::Subscribe) {
        return Err(Fault::forbidden("Your role does not allow making destinations."));
    }
    let (kind, address, name) = read(form)?;
    let id = DestinationId(house.new_id());
    let secret = (kind == DestinationKind::Webhook).then(|| webhook::new_secret(house.chance.bytes()));
    let sealed_secret = secret.as_ref().map(|secret| seal(house, secret, &id)).transpose()?;
    let mut tx = house.store.begin().await?;
    let team = team(&mut tx, viewer, &form.team).await?;
    let bounded = kind == DestinationKind::Email && !viewer.may(Act::ManageDestinations, None);
    if bounded && destinations::count_unconfirmed(&mut tx, audit::actor_id(viewer)).await? >= UNCONFIRMED {
        return Err(Fault::conflict(format!(
            "{UNCONFIRMED} addresses of yours wait for their confirmation. Remove those that will not be confirmed."
        )));
    }
    let row = DestinationRow {
        name: name.unwrap_or_else(|| called(kind, &address, team.is_some())),
        id: id.clone(),
        kind,
        address,
        sealed_secret,
        team_id: team.as_ref().map(|(id, _)| id.clone()),
        team: team.map(|(_, name)| name),
        owner_id: audit::actor_id(viewer).to_owned(),
        created_by: viewer.name.clone(),
        created_at: house.now(),
        state: DestinationState::Unconfirmed,
        confirm_until: None,
        last_error: None,
    };
    destinations::insert(&mut tx, &row).await?;
    audit::note(house, &mut tx, viewer, "destination.create", &row.name, kind.word()).await?;
    tx.commit().await?;
    proof::ask(house, &row).await?;
    let row = destinations::by_id(&mut *house.store.read().await?, &id).await?;
    let row = row.ok_or_else(|| Fault::not_found("destination"))?;
    Ok(NewDestination { destination: shown(row, viewer), secret })
}

fn seal(house: &House, secret: &Secret, id: &DestinationId) -> Result<String, Fault> {
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

/// The kind, the address in one spelling, and the name if one was given.
fn read(form: &DestinationForm) -> Result<(DestinationKind, String, Option<String>), Fault> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        faults.push(FieldFault { field: field.to_owned(), message: message.to_owned() });
    };
    let kind = DestinationKind::parse(form.kind.trim());
    let address = match kind {
        Some(DestinationKind::Email) => mail_address(&form.address),
        Some(DestinationKind::Webhook) => web_address(&form.address),
        None => {
            wrong("kind", "expected `email` or `webhook`");
            Ok(String::new())
        }
    };
    if let Err(expected) = &address {
        wrong("address", expected);
    }
    let name = form.name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        wrong("name", "expected a name of at most 80 characters");
    }
    match (kind, address) {
        (Some(kind), Ok(address)) if faults.is_empty() => {
            Ok((kind, address, Some(name.to_owned()).filter(|name| !name.is_empty())))
        }
        _ => Err(Fault::invalid(faults)),
    }
}

fn mail_address(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    match text.parse::<lettre::Address>() {
        Ok(address) if text.len() <= 254 && leads_somewhere(address.domain()) => Ok(address.to_string()),
        _ => Err("expected a mail address, such as ana@example.com"),
    }
}

fn web_address(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let Ok(mut url) = url::Url::parse(text) else {
        return Err("expected an address that begins with https:// or http://");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("expected an address that begins with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected an address without a user name or password; every request is signed instead");
    }
    url.set_fragment(None);
    let address = url.to_string();
    if address.len() > LONGEST_URL {
        return Err("expected an address of at most 2000 characters");
    }
    Ok(address)
}

/// A name for a destination that was given none. Names are seen by those who do not see addresses.
fn called(kind: DestinationKind, address: &str, of_team: bool) -> String {
    match kind {
        DestinationKind::Email if of_team => mask::masked(kind, address),
        DestinationKind::Email => address.chars().take(LONGEST_NAME).collect(),
        DestinationKind::Webhook => {
            let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
            host.unwrap_or_default().chars().take(LONGEST_NAME).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str, address: &str) -> DestinationForm {
        DestinationForm { kind: kind.into(), address: address.into(), ..DestinationForm::default() }
    }

    #[test]
    fn addresses_are_kept_in_one_spelling() {
        for (kind, typed, kept) in [
            ("email", " Ana@Example.com ", "Ana@Example.com"),
            ("webhook", "HTTPS://Hooks.Example.com", "https://hooks.example.com/"),
            ("webhook", "http://0x7f.1:80/a?b=c#d", "http://127.0.0.1/a?b=c"),
        ] {
            assert_eq!(read(&form(kind, typed)).unwrap().1, kept);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_beside_its_field() {
        for (kind, typed) in [
            ("email", "ana"),
            ("email", "dana@x"),
            ("email", "ana@example.com\r\nBcc: x@example.com"),
            ("email", ""),
            ("webhook", "hooks.example.com"),
            ("webhook", "ftp://example.com/"),
            ("webhook", "file:///etc/passwd"),
            ("webhook", "https://user:word@example.com/"),
            ("webhook", "https://"),
        ] {
            assert!(read(&form(kind, typed)).unwrap_err().of("address").is_some(), "{typed}");
        }
        assert!(read(&form("pigeon", "x")).unwrap_err().of("kind").is_some());
    }

    #[test]
    fn a_name_made_for_a_team_does_not_give_the_address_away() {
        assert_eq!(called(DestinationKind::Email, "ana@example.com", true), "a…@example.com");
        assert_eq!(called(DestinationKind::Email, "ana@example.com", false), "ana@example.com");
        assert_eq!(called(DestinationKind::Webhook, "https://hooks.example.com/secret", true), "hooks.example.com");
    }
}

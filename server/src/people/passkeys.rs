//! Passkeys (WebAuthn): added on the account page, used at the door without an address and a password. Each counts as
//! both factors, since the authenticator recognises its owner before it signs.

pub mod answer;
pub mod party;

use super::{
    code_hash,
    entry::newcomer,
    factors::{forget_codes_of_nothing, not_me},
    fresh::must_be_fresh,
    letters,
    limits::{self, Door},
    persons::me,
    recovery, second, sessions,
};
use crate::{
    audit::{self, Subject},
    house::{ChanceExt as _, House},
    store::people::{
        ceremonies::{self, Ceremony, NewCeremony},
        passkeys::{self, PasskeyRow},
    },
};
use answer::{Assertion, Refused};
use app::model::{
    fault::{Fault, FaultKind},
    ids::{PasskeyId, PersonId},
    moment::MINUTE,
    person::Person,
    secret::Secret,
    viewer::{Origin, Via, Viewer},
};
use party::Party;
use serde_json::{Value, json};

/// How long a browser may take.
const LIFE: i64 = 5 * MINUTE;
/// How many ceremonies can be under way from one address. Nobody has to be signed in to begin one.
const MOST_UNDER_WAY: i64 = 200;
/// How many passkeys somebody can have.
const MOST: usize = 20;

/// Whether passkeys can be used here: they are a local way in, and browsers want a name in the address, and https unless that name is `localhost`.
pub fn offered(house: &House) -> bool {
    house.config.local_sign_in && Party::at(&house.config.base_url).is_some()
}

fn party(house: &House) -> Result<Party, Fault> {
    if !house.config.local_sign_in {
        return Err(Fault::conflict("Passkeys are switched off here; sign in through your organisation's provider."));
    }
    Party::at(&house.config.base_url)
        .ok_or_else(|| Fault::conflict("Browsers take no passkey at the address under which this console is reached."))
}

/// Begins to add a passkey: what the browser is asked for, and the handle for its cookie.
///
/// # Errors
/// `Conflict`, where passkeys cannot be used here or there are enough; or where the viewer has to prove first who they are.
pub async fn begin_to_add(house: &House, viewer: &Viewer) -> Result<(Value, String), Fault> {
    must_be_fresh(house, viewer)?;
    let (party, person) = (party(house)?, me(house, viewer).await?);
    let known = passkeys::of(&mut *house.store.read().await?, &person.id).await?;
    if known.len() >= MOST {
        return Err(Fault::conflict("You have twenty passkeys. Remove one that you no longer use."));
    }
    let (challenge, handle) = begin(house, "add", Some(&person.id), &viewer.origin).await?;
    let known = known.iter().map(|key| {
        let transports: Value = serde_json::from_str(&key.transports).unwrap_or_else(|_| json!([]));
        json!({ "type": "public-key", "id": key.credential, "transports": transports })
    });
    let ways = answer::ALGORITHMS.map(|number| json!({ "type": "public-key", "alg": number }));
    let options = json!({
        "rp": { "id": party.id, "name": "Aviary" },
        "user": {
            "id": answer::encoded(person.id.as_str().as_bytes()),
            "name": person.email,
            "displayName": person.email,
        },
        "challenge": challenge,
        "pubKeyCredParams": ways,
        "timeout": LIFE,
        "excludeCredentials": known.collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
    });
    Ok((options, handle))
}

/// Adds the passkey that the browser made. Recovery codes, if the viewer has none left: to be shown once.
///
/// # Errors
/// `Invalid` for `name`; `Conflict`, where the browser made none, or one that is here already; or where the viewer has to
/// prove first who they are.
pub async fn add(
    house: &House,
    viewer: &Viewer,
    handle: &str,
    name: &str,
    answered: &str,
) -> Result<Vec<Secret>, Fault> {
    must_be_fresh(house, viewer)?;
    let (party, person) = (party(house)?, me(house, viewer).await?);
    let name = name.trim();
    if !(1..=60).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Fault::field("name", "expected a name of 1 to 60 characters, such as that of the device"));
    }
    let not_made = || Fault::conflict("No passkey was made. Try again, and answer what the browser asks.");
    let ceremony = take(house, handle, "add").await?.filter(|one| one.person.as_ref() == Some(&person.id));
    let ceremony = ceremony.ok_or_else(not_made)?;
    let made = answer::made(answered, &party, &ceremony.challenge).map_err(|refused: Refused| {
        tracing::warn!(%refused, "a new passkey was not accepted");
        not_made()
    })?;
    let row = PasskeyRow {
        id: PasskeyId(house.new_id()),
        person: person.id.clone(),
        name: name.to_owned(),
        credential: made.credential,
        public_key: made.public_key,
        algorithm: made.algorithm,
        counter: made.counter,
        synced: made.synced,
        transports: json!(made.transports).to_string(),
        created_at: house.now(),
        used_at: None,
    };
    let mut tx = house.store.begin().await?;
    match passkeys::insert(&mut tx, &row).await {
        Err(error) if error.is_unique_violation() => return Err(Fault::conflict("This passkey is here already.")),
        done => done?,
    }
    let codes = recovery::make_first(house, &mut tx, &person.id).await?;
    audit::note(house, &mut tx, viewer, "person.passkey_add", &person.email, name).await?;
    tx.commit().await?;
    let text = format!("The passkey “{name}” was added to your account at Aviary.\n\n{}", not_me(house));
    letters::tell(house, &person.email, "A passkey was added", &text);
    Ok(codes)
}

/// Removes a passkey of the viewer's own.
///
/// # Errors
/// `NotFound`; or where the viewer has to prove first who they are.
pub async fn remove(house: &House, viewer: &Viewer, id: &PasskeyId) -> Result<(), Fault> {
    must_be_fresh(house, viewer)?;
    let person = me(house, viewer).await?;
    let mut tx = house.store.begin().await?;
    let name = passkeys::remove(&mut tx, &person.id, id).await?.ok_or_else(|| Fault::not_found("passkey"))?;
    forget_codes_of_nothing(&mut tx, &person.id).await?;
    audit::note(house, &mut tx, viewer, "person.passkey_remove", &person.email, &name).await?;
    tx.commit().await?;
    let text = format!("The passkey “{name}” was removed from your account at Aviary.\n\n{}", not_me(house));
    letters::tell(house, &person.email, "A passkey was removed", &text);
    Ok(())
}

/// Begins to sign in, or to prove again who one is: what the browser is asked for, and the handle for its cookie.
///
/// # Errors
/// `Conflict`, where passkeys cannot be used here; `TooMany`.
pub async fn begin_to_enter(house: &House, origin: &Origin) -> Result<(Value, String), Fault> {
    let party = party(house)?;
    let (challenge, handle) = begin(house, "enter", None, origin).await?;
    // With no credential named, the browser offers those that it knows of this site: nobody has to say who they are, and
    // nobody learns who has a passkey.
    let options = json!({
        "challenge": challenge,
        "timeout": LIFE,
        "rpId": party.id,
        "allowCredentials": [],
        "userVerification": "required",
    });
    Ok((options, handle))
}

/// Signs in with a passkey; the code of a session.
///
/// # Errors
/// `Unauthenticated`, where it is not accepted; `TooMany`.
pub async fn enter(house: &House, handle: &str, answered: &str, origin: &Origin) -> Result<String, Fault> {
    let (person, name) = check(house, handle, answered, origin).await?;
    let mut tx = house.store.begin().await?;
    let viewer = newcomer(&person.id, &person.email, origin);
    audit::note(house, &mut tx, &viewer, "person.sign_in", &person.email, &format!("with the passkey {name}")).await?;
    let session = sessions::open(house, &mut tx, &person.id, Via::Passkey, origin, house.now()).await?;
    tx.commit().await?;
    Ok(session)
}

/// Proves once more who somebody is that is signed in.
///
/// # Errors
/// `Unauthenticated`, where the passkey is not accepted or is somebody else's; `TooMany`.
pub async fn prove(house: &House, viewer: &Viewer, handle: &str, answered: &str) -> Result<(), Fault> {
    let (person, _) = check(house, handle, answered, &viewer.origin).await?;
    if viewer.person() == Some(&person.id) { Ok(()) } else { Err(not_accepted()) }
}

/// Whose passkey it is that answered, and its name.
async fn check(house: &House, handle: &str, answered: &str, origin: &Origin) -> Result<(Person, String), Fault> {
    let party = party(house)?;
    let ceremony = take(house, handle, "enter").await?.ok_or_else(not_accepted)?;
    let refused = |refused: Refused| {
        tracing::warn!(%refused, "a passkey was not accepted");
        not_accepted()
    };
    let assertion = Assertion::read(answered).map_err(refused)?;
    // It is what others say of themselves, so it is cut before it is remembered.
    let subject: String = assertion.id.chars().take(64).collect();
    limits::try_again(house, Door::Passkey, &subject, origin)?;
    let fail = |fault: Fault| {
        limits::failed(house, Door::Passkey, &subject, origin);
        fault
    };
    let found = passkeys::by_credential(&mut *house.store.read().await?, &assertion.id).await?;
    let row = found.ok_or_else(|| fail(not_accepted()))?;
    let person = second::known(house, &row.person).await?.ok_or_else(|| fail(not_accepted()))?;
    let used = assertion.check(&party, &ceremony.challenge, row.person.as_str(), &row.public_key, row.algorithm);
    let used = match used {
        Ok(used) => used,
        Err(why) => {
            note_refusal(house, origin, &person, &format!("the passkey {} was not accepted", row.name)).await;
            return Err(fail(refused(why)));
        }
    };
    let mut tx = house.store.begin().await?;
    if !passkeys::used(&mut tx, &row.id, used.counter, used.synced, house.now()).await? {
        drop(tx);
        let detail = format!("the counter of the passkey {} went back: it may have been copied", row.name);
        note_refusal(house, origin, &person, &detail).await;
        return Err(fail(not_accepted()));
    }
    tx.commit().await?;
    limits::passed(house, Door::Passkey, &subject, origin);
    Ok((person, row.name))
}

/// A known passkey was refused: that is for the audit log, as wrong passwords and codes are.
async fn note_refusal(house: &House, origin: &Origin, person: &Person, why: &str) {
    let subject = Subject::new("person", person.id.as_str(), &person.email);
    audit::refused(house, origin, "person.refuse", subject, why).await;
}

fn not_accepted() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "The passkey was not accepted. Try again, or sign in with your password and a code.",
    )
}

/// A challenge, and the handle by which the answer to it is known.
async fn begin(
    house: &House,
    kind: &str,
    person: Option<&PersonId>,
    origin: &Origin,
) -> Result<(String, String), Fault> {
    let (challenge, handle, now) = (house.chance.code(), house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    let new = NewCeremony {
        handle_hash: &code_hash(&handle),
        kind,
        person,
        challenge: &challenge,
        address: &limits::network(origin.address.as_deref().unwrap_or_default()),
        now,
        until: now.plus(LIFE),
    };
    if !ceremonies::begin(&mut tx, &new, MOST_UNDER_WAY).await? {
        return Err(Fault::new(
            FaultKind::TooMany,
            "Too many passkeys are asked for from here. Try again in five minutes.",
        ));
    }
    tx.commit().await?;
    Ok((challenge, handle))
}

async fn take(house: &House, handle: &str, kind: &str) -> Result<Option<Ceremony>, Fault> {
    let mut tx = house.store.begin().await?;
    let ceremony = ceremonies::take(&mut tx, &code_hash(handle), kind, house.now()).await?;
    tx.commit().await?;
    Ok(ceremony)
}

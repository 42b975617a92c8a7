//! Who somebody is here whom a provider knows, and with which roles they come in.

use crate::{
    audit,
    house::House,
    people::{
        claims::{self, Barred, Claims, Given, Standing},
        entry::newcomer,
        mail_address,
        persons::{audit_subject, team_of},
    },
    store::{
        Conn, Tx,
        people::{identities, persons, providers, providers::ProviderRow, sessions},
    },
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::PersonId,
    provider::Strangers,
    viewer::{Origin, RoleIn, Viewer},
};

/// Somebody who may come in.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Who.
    pub person: PersonId,
    /// Whom the provider means.
    pub subject: String,
}

/// Finds or makes the person whom these claims, which were checked, are about; writes down the roles that follow.
///
/// # Errors
/// Why they stay out, for the person.
pub async fn admit(house: &House, provider: &ProviderRow, claims: &Claims, origin: &Origin) -> Result<Admitted, Fault> {
    let name = &provider.settings.name;
    let subject = claims::text(claims, "sub").unwrap_or_default().to_owned();
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let known = identities::person(&mut tx, &provider.id, &subject).await?;
    let found = match known {
        Some(known) => Found { id: known.person, email: known.email, disabled: known.disabled, how: How::Known },
        None => by_address(house, &mut tx, provider, claims).await?,
    };
    if found.disabled {
        return Err(Fault::forbidden("Your account here is switched off. An admin can switch it on again."));
    }
    let viewer = newcomer(&found.id, &found.email, origin);
    let given = match roles(&mut tx, provider, claims, &found.id, found.how != How::New).await? {
        Ok(given) => given,
        Err(barred) => {
            // What somebody had before, and has no more, goes even though they stay out.
            write_roles(house, &mut tx, provider, &found, &viewer, &[]).await?;
            if found.how == How::Known {
                tx.commit().await?;
            }
            return Err(stays_out(name, barred));
        }
    };
    let (with, through) = (format!("with {name}"), format!("through {name}"));
    let who = || audit_subject(&found.id, &found.email);
    match found.how {
        How::Known => {}
        How::Linked => audit::note_on(house, &mut tx, &viewer, ("person.link", with.as_str()), who()).await?,
        How::New => {
            match identities::insert_person(&mut tx, &found.id, &found.email, now).await {
                Err(error) if error.is_unique_violation() => return Err(taken(name, &found.email)),
                done => done?,
            }
            audit::note_on(house, &mut tx, &viewer, ("person.join", through.as_str()), who()).await?;
        }
    }
    let said = claims::text(claims, &provider.settings.email_claim).unwrap_or(&found.email);
    let said: String = said.chars().take(254).collect();
    identities::seen(&mut tx, &provider.id, &subject, &found.id, &said, now).await?;
    write_roles(house, &mut tx, provider, &found, &viewer, &given).await?;
    audit::note_on(house, &mut tx, &viewer, ("person.sign_in", through.as_str()), who()).await?;
    tx.commit().await?;
    Ok(Admitted { person: found.id, subject })
}

/// Makes the roles of somebody anew who is here already; `false` where they would not come in any more.
///
/// # Errors
/// Where the database refuses.
pub async fn again(
    house: &House,
    tx: &mut Tx,
    provider: &ProviderRow,
    claims: &Claims,
    person: &PersonId,
    email: &str,
) -> Result<bool, Fault> {
    let found = Found { id: person.clone(), email: email.to_owned(), disabled: false, how: How::Known };
    let viewer = Viewer::system("sign-in providers");
    let given = roles(tx, provider, claims, person, true).await?;
    write_roles(house, tx, provider, &found, &viewer, given.as_deref().unwrap_or_default()).await?;
    Ok(given.is_ok())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// They came before.
    Known,
    /// They have an account here, and the provider says that its address is theirs.
    Linked,
    /// Nobody here has their address.
    New,
}

#[derive(Clone, Debug)]
struct Found {
    id: PersonId,
    email: String,
    disabled: bool,
    how: How,
}

/// Somebody who comes for the first time. An account that is here already is theirs only if the provider's addresses are
/// the organisation's: else whoever can write an address into a profile there would own the account here.
async fn by_address(house: &House, conn: &mut Conn, provider: &ProviderRow, claims: &Claims) -> Result<Found, Fault> {
    let (settings, name) = (&provider.settings, &provider.settings.name);
    let Some(said) = claims::text(claims, &settings.email_claim) else {
        return Err(Fault::forbidden(format!(
            "{name} does not say which mail address is yours (the claim `{}`). An admin has to let it: usually the \
             scope `email` is missing.",
            settings.email_claim
        )));
    };
    let verified = claims::is_verified(claims, &settings.email_claim);
    if !verified && !settings.trust_unverified {
        return Err(Fault::forbidden(format!(
            "{name} has not verified your mail address. Verify it there, then come back."
        )));
    }
    let email = mail_address(said)
        .map_err(|_| Fault::forbidden(format!("What {name} gives as your mail address is none that works.")))?;
    match persons::login(conn, &email).await? {
        Some(login) if verified && settings.owns_addresses => {
            Ok(Found { id: login.id, email: login.email, disabled: login.disabled, how: How::Linked })
        }
        Some(_) => Err(taken(name, &email)),
        None => Ok(Found { id: PersonId(house.new_id()), email, disabled: false, how: How::New }),
    }
}

fn taken(name: &str, email: &str) -> Fault {
    Fault::forbidden(format!(
        "There is an account for {email} here already, and it does not belong to {name}. Sign in the way you always do, \
         or ask an admin."
    ))
}

fn stays_out(name: &str, barred: Barred) -> Fault {
    Fault::forbidden(match barred {
        Barred::Stranger => {
            format!("{name} knows you, but you have no account here. Ask an admin of this console for one.")
        }
        Barred::NoRole => format!(
            "{name} knows you, but nothing that it says gives you a role here. Ask an admin which group you need."
        ),
    })
}

async fn roles(
    conn: &mut Conn,
    provider: &ProviderRow,
    claims: &Claims,
    person: &PersonId,
    known: bool,
) -> Result<Result<Vec<Given>, Barred>, Fault> {
    let rules = providers::rules(conn, &provider.id).await?;
    let standing = Standing { known, by_hand: identities::has_role_by_hand(conn, person).await? };
    let usual = usual(conn, provider).await?;
    Ok(claims::let_in(&provider.settings.strangers, standing, claims::given(claims, &rules), usual))
}

/// What strangers get where no rule gives a role. Without its team there is nothing to get.
pub(super) async fn usual(conn: &mut Conn, provider: &ProviderRow) -> Result<Option<Given>, Fault> {
    let Strangers::Role { team, role } = &provider.settings.strangers else { return Ok(None) };
    match team_of(conn, team).await {
        Ok(id) => {
            let named = Some(team.clone()).filter(|team| !team.is_empty());
            Ok(Some(Given { grant: RoleIn { team: id, role: *role }, team: named }))
        }
        Err(fault) if fault.kind == FaultKind::Invalid => {
            tracing::warn!(team, "the team for strangers is gone");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

async fn write_roles(
    house: &House,
    tx: &mut Tx,
    provider: &ProviderRow,
    found: &Found,
    viewer: &Viewer,
    given: &[Given],
) -> Result<(), Fault> {
    let before = identities::roles(tx, &provider.id, &found.id).await?;
    let grants: Vec<RoleIn> = given.iter().map(|given| given.grant.clone()).collect();
    let same = before.len() == grants.len() && before.iter().all(|grant| grants.contains(grant));
    if same {
        return Ok(());
    }
    identities::set_roles(tx, &provider.id, &found.id, &grants).await?;
    sessions::age_through(tx, &found.id, &provider.id).await?;
    let says = match given {
        [] => "none".to_owned(),
        given => given.iter().map(Given::says).collect::<Vec<_>>().join(", "),
    };
    let detail = format!("{says}, by the rules for {}", provider.settings.name);
    let who = audit_subject(&found.id, &found.email);
    audit::note_on(house, tx, viewer, ("person.roles", detail.as_str()), who).await
}

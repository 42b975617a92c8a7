//! Minting: the intent is written down, the issuer makes user and key, the secret is sealed, the token is committed.
//!
//! A failure at any step takes away what was made. A crash leaves the intent behind, and the next start undoes it.

use super::{
    form::{self, Facts, Wrong},
    names, reveal, rotate,
};
use crate::{
    alerts::{
        self,
        outbox::{Notice, announce},
    },
    audit::{self, Audited as _},
    drills,
    house::House,
    issuers::{Issued, Issuer, IssuerError, Whose, Wish},
    people::teams,
    store::{self, connect::Flavour, tokens::TokenRow},
};
use app::model::{
    alert::{AlertKind, Scope, SubscriptionForm},
    fault::{Fault, FaultKind},
    ids::{DestinationId, TokenId},
    moment::{DAY, MINUTE, Moment},
    pace::SubscriptionChange,
    person::Team,
    token::{Token, TokenFacts, TokenForm, TokenState, TokenWithSecret},
    viewer::{Act, Viewer},
};
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};

/// What a good form asks for.
struct Order {
    team: Team,
    facts: Facts,
    issuer: Arc<dyn Issuer>,
    destinations: Vec<DestinationId>,
    wants: SubscriptionChange,
}

async fn order(house: &House, viewer: &Viewer, form: &TokenForm) -> Result<Order, Fault> {
    viewer.must(Act::Mint)?;
    let mut wrong = Wrong::default();
    let team = match teams::choose(&mut *house.store.read().await?, viewer, Act::Mint, &form.team).await {
        Ok(team) => Some(team),
        Err(fault) => wrong.take::<Option<Team>>(Err(fault))?,
    };
    let facts = form::facts(form, &viewer.name, house.now(), &mut wrong)?;
    let accounts = house.issuers.accounts();
    let account = match (form.account.trim(), accounts.as_slice()) {
        ("", [only]) => only.id.clone(),
        (asked, _) => asked.to_owned(),
    };
    let issuer = house.issuers.of(&account);
    if issuer.is_none() {
        let names = accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>().join(", ");
        wrong.add("account", &format!("expected one of: {names}"));
    }
    if !alerts::all_visible(house, viewer, &form.destinations).await? {
        wrong.add("destinations", "one of these is gone; choose again");
    }
    let wants = wrong.take(alerts::chosen_of_token(form))?;
    wrong.finish()?;
    match (team, issuer) {
        (Some(team), Some(issuer)) => Ok(Order { team, facts, issuer, destinations: form.destinations.clone(), wants }),
        _ => Err(Fault::internal()),
    }
}

/// Looks at a form without minting.
///
/// # Errors
/// `Invalid`, with every field that would be refused.
pub async fn check(house: &House, viewer: &Viewer, form: &TokenForm) -> Result<(), Fault> {
    order(house, viewer, form).await.map(|_| ())
}

/// Mints a token. It goes on to its end even if the caller goes away in the middle.
///
/// # Errors
/// `Forbidden`, `Invalid`, or `Unavailable` where the issuer could not make the key; then there is none.
pub async fn mint(house: &Arc<House>, viewer: &Viewer, form: &TokenForm) -> Result<TokenWithSecret, Fault> {
    teams::begin_with_one(house, viewer).await?;
    let order = order(house, viewer, form).await?;
    let (house, viewer) = (Arc::clone(house), viewer.clone());
    let work = tokio::spawn(async move { carry_out(&house, &viewer, order).await });
    work.await.map_err(|error| {
        tracing::error!(%error, "a mint was cut off");
        Fault::internal()
    })?
}

/// Whether a text can name a request in `Idempotency-Key`: 1 to 255 printable characters of ASCII.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// Mints a token once per `name`: asked again with the same form, it answers with the token that it made before.
///
/// # Errors
/// As [`mint`]; `Conflict`, where the name came with another form or the first request is still at work.
pub async fn mint_once(
    house: &Arc<House>,
    viewer: &Viewer,
    form: &TokenForm,
    name: &str,
) -> Result<TokenWithSecret, Fault> {
    // Before the name is remembered: whoever may not mint takes none.
    viewer.must(Act::Mint)?;
    if !is_name(name) {
        return Err(Fault::new(FaultKind::Malformed, "Idempotency-Key: expected 1 to 255 printable ASCII characters"));
    }
    let body = serde_json::to_vec(form).map_err(|_| Fault::internal())?;
    let (actor, hash) = (audit::actor_id(viewer).to_owned(), hex::encode(Sha256::digest(&body)));
    let mut tx = house.store.begin().await?;
    let taken = store::tokens::take_idempotency(&mut tx, &actor, name, &hash, house.now()).await?;
    tx.commit().await?;
    match taken {
        None => {}
        Some((known, _)) if known != hash => {
            return Err(Fault::conflict("This Idempotency-Key was used with another request."));
        }
        Some((_, Some(id))) => return again(house, viewer, &id).await,
        Some((_, None)) => {
            return Err(Fault::conflict("The first request with this Idempotency-Key is still at work."));
        }
    }
    let (house, viewer, form, name) = (Arc::clone(house), viewer.clone(), form.clone(), name.to_owned());
    // In a task of its own, so that the key is settled even if the caller goes away.
    let work = tokio::spawn(async move {
        let minted = mint(&house, &viewer, &form).await;
        let mut tx = house.store.begin().await?;
        let id = minted.as_ref().ok().map(|minted| &minted.token.id);
        store::tokens::end_idempotency(&mut tx, &actor, &name, id).await?;
        tx.commit().await?;
        minted
    });
    work.await.map_err(|_| Fault::internal())?
}

async fn again(house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenWithSecret, Fault> {
    let mut tx = house.store.begin().await?;
    let row = store::tokens::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("token"))?;
    let sealed = row.sealed_secret.as_deref().ok_or_else(Fault::internal)?;
    let secret = house.sealer.open(sealed, id.as_str())?;
    let subject = super::audit_subject(&row);
    let minted = reveal::unless_held_back(house, &mut tx, row.token, secret).await?;
    if minted.secret_access_key.is_some() {
        // It is shown once more.
        let what = ("token.reveal", "to the request that minted it, which was made again");
        audit::note_on(house, &mut tx, viewer, what, subject).await?;
    }
    tx.commit().await?;
    Ok(minted)
}

/// Writes down that a mint begins, unless the account holds as many tokens as an admin allows: those that are being made
/// count too, and two who ask at the same time ask one after the other.
async fn begin(house: &House, id: &TokenId, issuer: &dyn Issuer, user_name: &str) -> Result<(), Fault> {
    let (account, cap) = (issuer.account(), issuer.naming().cap);
    let mut tx = house.store.begin().await?;
    store::tokens::end_mint(&mut tx, id).await?;
    if cap > 0 {
        store::accounts::lock(&mut tx, &account.id).await?;
        let living = store::accounts::count_tokens(&mut tx, &account.id).await?;
        if living + store::tokens::count_intents(&mut tx, &account.id).await? >= cap {
            return Err(Fault::conflict(format!(
                "The account {} holds {cap} living tokens, as many as an admin allows. Revoke some, or mint in another \
                 account.",
                account.name
            )));
        }
    }
    store::tokens::begin_mint(&mut tx, id, &account.id, user_name, house.now()).await?;
    Ok(tx.commit().await?)
}

async fn carry_out(house: &Arc<House>, viewer: &Viewer, order: Order) -> Result<TokenWithSecret, Fault> {
    let id = TokenId(house.new_id());
    let issued = issue(house, &id, &order).await?;
    let minted = commit(house, viewer, &id, &order, &issued).await;
    match &minted {
        Ok(_) => drills::after_mint(house, viewer, &id).await,
        Err(_) => drop(undo(house, &id, &*order.issuer, &issued.user_name, false).await),
    }
    minted
}

/// How often another name is tried when one is taken.
const NAMES: u32 = 8;

async fn issue(house: &House, id: &TokenId, order: &Order) -> Result<Issued, Fault> {
    let (account, naming) = (order.issuer.account().id, order.issuer.naming());
    for _ in 0..NAMES {
        let user_name = names::choose(&naming, &order.team.name, &*house.chance);
        begin(house, id, &*order.issuer, &user_name).await?;
        let wish = Wish { token_id: id.clone(), user_name: user_name.clone(), path: naming.path.clone() };
        let made = tokio::time::timeout(PATIENCE, order.issuer.mint(&wish)).await;
        let too_long = || IssuerError::Unavailable("it took too long; many others may be waiting".into());
        let refused = match made.unwrap_or_else(|_| Err(too_long())) {
            Ok(issued) => return Ok(issued),
            Err(IssuerError::NameTaken(_)) => {
                // The name belongs to somebody else: the intent must not lead to their deletion.
                let mut tx = house.store.begin().await?;
                store::tokens::end_mint(&mut tx, id).await?;
                tx.commit().await?;
                continue;
            }
            Err(error) => error,
        };
        let clean = undo(house, id, &*order.issuer, &user_name, matches!(refused, IssuerError::Refused(_))).await;
        tracing::warn!(%account, error = %refused, "the issuer did not make a key");
        let left = if clean {
            "Nothing was left behind."
        } else {
            "What was made of it is not known yet; Aviary takes it away by itself."
        };
        return Err(Fault::new(FaultKind::Unavailable, format!("The key could not be made: {refused}. {left}")));
    }
    Err(Fault::new(FaultKind::Unavailable, "No free user name was found. Try again."))
}

async fn commit(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    order: &Order,
    issued: &Issued,
) -> Result<TokenWithSecret, Fault> {
    let now = house.now();
    let armed_at = order.issuer.heard_at_once().then_some(now);
    let facts = TokenFacts { armed_at, expires_at: order.facts.expires_at, ..TokenFacts::default() };
    let row = TokenRow {
        token: Token {
            id: id.clone(),
            account: order.issuer.account().id,
            access_key_id: issued.key.access_key_id.clone(),
            user_name: issued.user_name.clone(),
            arn: issued.arn.clone(),
            team: order.team.name.clone(),
            owner: order.facts.owner.clone(),
            location: order.facts.location.clone(),
            notes: order.facts.notes.clone(),
            labels: order.facts.labels.clone(),
            state: TokenState::of(&facts, now),
            on_hit: order.facts.on_hit,
            created_at: now,
            expires_at: order.facts.expires_at,
            last_hit_at: None,
            hit_count: 0,
            adopted: false,
            key_active: true,
            team_id: order.team.id.clone(),
            created_by: viewer.name.clone(),
            expired_at: None,
            revoked_at: None,
            proven_at: None,
        },
        issuer: order.issuer.kind().to_owned(),
        unique_id: issued.unique_id.clone(),
        sealed_secret: Some(house.sealer.seal(&issued.key.secret, id.as_str(), &*house.chance)?),
        created_by_id: audit::actor_id(viewer).to_owned(),
        warned_at: None,
        proven_at: None,
        drilled_at: None,
        hits_before: 0,
        facts,
    };
    let mut tx = house.store.begin().await?;
    store::tokens::insert(&mut tx, &row).await?;
    if !store::tokens::end_mint(&mut tx, id).await? {
        // Another process took the mint for one that was cut off, and has deleted its user.
        return Err(Fault::new(FaultKind::Unavailable, "The mint took too long and was undone. Try again."));
    }
    let detail = format!("for the team {}", row.token.team);
    let (what, subject) = (("token.mint", detail.as_str()), super::audit_subject(&row));
    audit::changed(house, &mut tx, viewer, what, subject, audit::Facts::default(), row.audited()).await?;
    // Who was chosen to hear about it hears from the first moment on, or there is no token.
    for destination_id in &order.destinations {
        let scope = Scope::Token { token_id: id.clone() };
        let form = SubscriptionForm::wanting(destination_id.clone(), scope, order.wants.clone());
        alerts::subscribe_in(house, &mut tx, viewer, &form).await?;
    }
    let notice = Notice { kind: AlertKind::Minted, token: &row.token, hit: None, incident: None };
    announce(house, &mut tx, &notice).await?;
    let minted = reveal::unless_held_back(house, &mut tx, row.token, issued.key.secret.clone()).await?;
    tx.commit().await?;
    Ok(minted)
}

/// Takes away what was made; whether it is certain that nothing is left.
async fn undo(house: &House, id: &TokenId, issuer: &dyn Issuer, user_name: &str, may_forget: bool) -> bool {
    match issuer.delete(user_name, &Whose::Minting(id.clone())).await {
        Ok(true) => {}
        // IAM may not know yet what was made a moment ago: the sweep looks again before the intent is forgotten.
        Ok(false) if !may_forget => return false,
        Ok(false) => {}
        Err(error) => {
            // The intent stays, so that the sweep and the next start try again.
            tracing::error!(user_name, %error, "a half-made user could not be deleted yet");
            return false;
        }
    }
    let ended = async {
        let mut tx = house.store.begin().await?;
        store::tokens::end_mint(&mut tx, id).await?;
        tx.commit().await
    };
    if let Err(error) = ended.await {
        tracing::error!(%error, "the end of a mint could not be written down; the next start looks at it again");
    }
    true
}

/// Undoes mints that were cut off before this process started (or an hour ago, whichever a caller names).
///
/// # Errors
/// Where the database refuses.
pub async fn recover(house: &House, before: Moment) -> Result<usize, Fault> {
    let cut_off = store::tokens::unfinished_mints(&mut *house.store.read().await?, before).await?;
    let mut undone = 0;
    for (id, account, user_name, begun) in cut_off {
        if let Some(issuer) = house.issuers.of(&account) {
            let settled = house.now().since(begun) > SETTLED;
            if rotate::recover(house, &id, &user_name, &*issuer, settled).await {
                tracing::warn!(%account, user_name, "a rotation was cut off; its key is deleted");
                undone += 1;
                continue;
            }
            tracing::warn!(%account, user_name, "a mint was cut off; its user is deleted");
            undo(house, &id, &*issuer, &user_name, settled).await;
            undone += 1;
        }
    }
    Ok(undone)
}

/// Undoes mints that were cut off before this process started.
///
/// # Errors
/// Where the database refuses.
pub async fn recover_at_start(house: &House) -> Result<usize, Fault> {
    // Of one file there is one server; on PostgreSQL another replica may be in the middle of a mint.
    let before = match house.store.flavour() {
        Flavour::Sqlite => house.now(),
        Flavour::Postgres => house.now().plus(-LONGEST),
    };
    recover(house, before).await
}

/// Forgets the names of requests that were cut off, so that they can be made again, and those that are old.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_old_names(house: &House, now: Moment) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    store::tokens::forget_idempotency(&mut tx, now.plus(-2 * LONGEST), now.plus(-KEPT)).await?;
    Ok(tx.commit().await?)
}

/// How long an issuer may take, its queue included. Less than [`LONGEST`], so that nobody takes a mint that waits for one
/// that was cut off.
const PATIENCE: Duration = Duration::from_secs(8 * 60);
/// How long the name of a request is kept, in milliseconds.
const KEPT: i64 = 7 * DAY;
/// A mint that is older than this was cut off: no issuer takes so long.
pub const LONGEST: i64 = 10 * MINUTE;
/// After this time IAM knows every user that it made.
const SETTLED: i64 = 2 * MINUTE;

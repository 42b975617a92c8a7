//! Subscriptions: which destination hears about what, of which kinds, and how eagerly.

pub mod change;

use super::destinations::{find, find_to_change, is_mine, must_change_some, sees, sight};
use crate::{
    audit,
    house::House,
    people::teams,
    store::{
        Conn, Tx,
        alerts::{
            destinations::{self, DestinationRow},
            held as store_held,
            subscriptions::{self, Subject, SubscriptionRow},
        },
        tokens,
    },
};
use app::model::{
    alert::{Scope, Subscription, SubscriptionForm},
    fault::Fault,
    ids::{DestinationId, SubscriptionId, TokenId},
    pace::{Held, USUAL},
    viewer::{Act, Viewer},
};

/// Subscriptions of one destination, or those that hear about one token (then also those of destinations that the
/// viewer may not see: that somebody hears is no secret), or all of the destinations that the viewer may see.
///
/// # Errors
/// `NotFound` where the destination or token is not there for the viewer.
pub async fn subscriptions(
    house: &House,
    viewer: &Viewer,
    of: Option<&DestinationId>,
    about: Option<&TokenId>,
) -> Result<Vec<Subscription>, Fault> {
    viewer.must(Act::SeeDestinations)?;
    if let Some(id) = of {
        find(house, viewer, id).await?;
    }
    let mut session = house.store.read().await?;
    let rows = match (of, about) {
        (None, None) => subscriptions::in_sight(&mut session, &sight(viewer, Act::SeeDestinations)).await?,
        (Some(id), None) => subscriptions::of_destination(&mut session, id).await?,
        (of, Some(token)) => {
            let row = tokens::by_id(&mut session, token).await?;
            let team = row.as_ref().map(|row| &row.token.team_id);
            viewer.must_with(Act::SeeTokens, Act::SeeTokens, team, "token")?;
            let row = row.ok_or_else(|| Fault::not_found("token"))?;
            let mut rows = subscriptions::about_token(&mut session, &row.token).await?;
            rows.retain(|row| of.is_none_or(|of| row.subscription.destination_id == *of));
            rows
        }
    };
    Ok(rows.into_iter().map(|row| shown(row, viewer)).collect())
}

/// What is held back for a destination's next digests, of tokens that the viewer may see.
///
/// # Errors
/// `NotFound` where the destination is not there for the viewer.
pub async fn held(house: &House, viewer: &Viewer, of: &DestinationId) -> Result<Vec<Held>, Fault> {
    find(house, viewer, of).await?;
    let mut held = store_held::of_destination(&mut *house.store.read().await?, of).await?;
    held.retain(|(_, team)| viewer.may(Act::SeeHits, Some(team)));
    Ok(held.into_iter().map(|(held, _)| held).collect())
}

/// Lets a destination hear about something. Doing it twice is the same as doing it once; doing it again with other kinds
/// or another pace changes these.
///
/// # Errors
/// `NotFound`, `Invalid`, or `Forbidden` where the viewer may not see what the destination would hear about, or would
/// change somebody else's subscription.
pub async fn subscribe(house: &House, viewer: &Viewer, form: &SubscriptionForm) -> Result<Subscription, Fault> {
    let mut tx = house.store.begin().await?;
    let subscription = subscribe_in(house, &mut tx, viewer, form).await?;
    tx.commit().await?;
    Ok(subscription)
}

/// As [`subscribe`], in the caller's transaction: for a token that is made in it.
///
/// # Errors
/// As [`subscribe`].
pub async fn subscribe_in(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    form: &SubscriptionForm,
) -> Result<Subscription, Fault> {
    viewer.must(Act::Subscribe)?;
    let destination = destinations::by_id(tx, &form.destination_id).await?;
    let destination = destination.filter(|row| sees(row, viewer, Act::Subscribe));
    let destination = destination.ok_or_else(|| Fault::not_found("destination"))?;
    let kinds = form.kinds.as_deref().map(change::checked).transpose()?;
    let subject = subject(tx, viewer, &form.scope).await?;
    let id = SubscriptionId(house.new_id());
    let wants = (kinds.as_deref().unwrap_or(&USUAL), form.pace.unwrap_or_default());
    let made =
        subscriptions::insert(tx, &id, &destination.id, &subject, wants, audit::actor_id(viewer), house.now()).await?;
    let row = subscriptions::find(tx, &destination.id, &subject).await?.ok_or_else(Fault::internal)?;
    let row = if made {
        audit::note(house, tx, viewer, "subscription.create", &destination.name, &change::described(&row)).await?;
        row
    } else {
        change::apply(house, tx, viewer, &destination, row, (kinds, form.pace)).await?
    };
    Ok(shown(row, viewer))
}

/// Ends a subscription.
///
/// # Errors
/// `NotFound`, or `Forbidden` for those who neither own the destination nor made the subscription.
pub async fn unsubscribe(house: &House, viewer: &Viewer, id: &SubscriptionId) -> Result<(), Fault> {
    must_change_some(viewer)?;
    let row = subscriptions::by_id(&mut *house.store.read().await?, id).await?;
    let row = row.ok_or_else(|| Fault::not_found("subscription"))?;
    let destination = find_to_change(house, viewer, &row.subscription.destination_id).await;
    let destination = destination.map_err(|_| Fault::not_found("subscription"))?;
    if !may_change(&destination, &row, viewer) {
        return Err(Fault::forbidden("Only those who own the destination or made the subscription may end it."));
    }
    let mut tx = house.store.begin().await?;
    subscriptions::delete(&mut tx, id).await?;
    audit::note(house, &mut tx, viewer, "subscription.remove", &destination.name, &about(&row)).await?;
    Ok(tx.commit().await?)
}

/// Whether a viewer may change or end a subscription: who owns the destination, or made the subscription.
fn may_change(destination: &DestinationRow, row: &SubscriptionRow, viewer: &Viewer) -> bool {
    is_mine(destination, viewer) || row.created_by == audit::actor_id(viewer)
}

/// What a destination would hear about. To hear is to see: who may let destinations of a team hear about its tokens sees
/// these tokens, or holds a key that was made for just that.
async fn subject(conn: &mut Conn, viewer: &Viewer, scope: &Scope) -> Result<Subject, Fault> {
    match scope {
        Scope::Token { token_id } => {
            let row = tokens::by_id(conn, token_id).await?;
            let row = row.filter(|row| viewer.may(Act::Subscribe, Some(&row.token.team_id)));
            row.map(|row| Subject::Token(row.token.id)).ok_or_else(|| Fault::not_found("token"))
        }
        Scope::Team { team } => Ok(Subject::Team(teams::choose(conn, viewer, Act::Subscribe, team).await?.id)),
        Scope::Label { label, team } => {
            let label = label.trim();
            let wrong = || Fault::field("label", "expected one label of at most 64 characters");
            let fits = |label: &str| {
                let odd = |c: char| c == ',' || c.is_whitespace() || c.is_control();
                (1..=64).contains(&label.chars().count()) && !label.contains(odd)
            };
            let label = Some(label).filter(|label| fits(label)).ok_or_else(wrong)?.to_owned();
            match team.as_deref().map(str::trim).filter(|team| !team.is_empty()) {
                Some(team) => {
                    let team = teams::choose(conn, viewer, Act::Subscribe, team).await?;
                    Ok(Subject::Label(Some(team.id), label))
                }
                None if viewer.may(Act::Triage, None) => Ok(Subject::Label(None, label)),
                None => Err(Fault::forbidden(
                    "Only a reviewer or admin of the whole installation may subscribe to a label in all teams. Choose a team.",
                )),
            }
        }
        // Whoever triages the whole installation sees everything; a viewer of it could flood others with everything.
        Scope::Everything if viewer.may(Act::Triage, None) => Ok(Subject::Everything),
        Scope::Everything => {
            Err(Fault::forbidden("Only a reviewer or admin of the whole installation may subscribe to everything."))
        }
    }
}

fn about(row: &SubscriptionRow) -> String {
    match &row.subscription.scope {
        Scope::Token { .. } => format!("about the token in {}", row.subscription.about),
        Scope::Team { team } => format!("about the team {team}"),
        Scope::Label { label, team: Some(team) } => format!("about the label {label} in the team {team}"),
        Scope::Label { label, team: None } => format!("about the label {label}"),
        Scope::Everything => "about everything".to_owned(),
    }
}

/// A subscription as this viewer sees it: a token of a team that they may not see has no name.
fn shown(row: SubscriptionRow, viewer: &Viewer) -> Subscription {
    let hidden = row.token_team.as_ref().is_some_and(|team| !viewer.may(Act::SeeTokens, Some(team)));
    let mut subscription = row.subscription;
    if hidden {
        subscription.about = "A token of another team".to_owned();
    }
    subscription
}

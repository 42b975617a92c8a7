//! Subscriptions: which destination hears about what, of which kinds, and how eagerly.

pub mod change;

use super::{
    callback,
    destinations::{find, find_to_change, is_mine, must_change_some, sees, sight},
};
use crate::{
    audit::{self, Audited, Facts},
    house::House,
    people::teams,
    store::{
        Conn, Tx,
        alerts::{
            destinations::{self, DestinationRow},
            held as store_held,
            subscriptions::{self, Subject, SubscriptionRow, Wants},
        },
        tokens,
    },
};
use app::model::{
    alert::{AlertKind, Scope, Subscription, SubscriptionForm},
    fault::Fault,
    ids::{DestinationId, SubscriptionId, TeamId, TokenId},
    pace::{Held, Pace, QUIET, SubscriptionChange, USUAL},
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
/// or another pace or quiet time changes these.
///
/// # Errors
/// `NotFound`, `Invalid`, or `Forbidden` where the viewer may not see what the destination would hear about, would change
/// somebody else's subscription, or the destination may do to the tokens what the viewer may not.
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
    let SubscriptionForm { kinds, pace, quiet_minutes, .. } = form.clone();
    let asked = change::sound(SubscriptionChange { kinds, pace, quiet_minutes })?;
    let kinds = asked.kinds.as_deref();
    change::may_choose(viewer, &form.scope, kinds.unwrap_or_default())?;
    let (subject, team) = subject(tx, viewer, &form.scope).await?;
    callback::may_hear(viewer, &destination, team.as_ref())?;
    let id = SubscriptionId(house.new_id());
    let usual = if matches!(kinds, Some([AlertKind::Audit])) { Pace::Every } else { Pace::default() };
    let wants = Wants {
        kinds: kinds.unwrap_or(&USUAL),
        pace: asked.pace.unwrap_or(usual),
        quiet_minutes: asked.quiet_minutes.unwrap_or(QUIET),
    };
    let made =
        subscriptions::insert(tx, &id, &destination.id, &subject, wants, audit::actor_id(viewer), house.now()).await?;
    let row = subscriptions::find(tx, &destination.id, &subject).await?.ok_or_else(Fault::internal)?;
    let row = if made {
        let detail = change::described(&row);
        let what = ("subscription.create", detail.as_str());
        let subject = audit_subject(&row, &destination);
        audit::changed(house, tx, viewer, what, subject, Facts::default(), row.audited()).await?;
        row
    } else {
        change::apply(house, tx, viewer, &destination, row, asked).await?
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
    let (detail, subject) = (about(&row), audit_subject(&row, &destination));
    let what = ("subscription.remove", detail.as_str());
    // Where it was one to the audit log, its end is told there.
    tx.hearers().await?;
    subscriptions::delete(&mut tx, id).await?;
    audit::changed(house, &mut tx, viewer, what, subject, row.audited(), Facts::default()).await?;
    Ok(tx.commit().await?)
}

/// A subscription in the audit log: by its own identifier and its destination's name.
fn audit_subject(row: &SubscriptionRow, destination: &DestinationRow) -> audit::Subject {
    audit::Subject::new("subscription", row.subscription.id.as_str(), &destination.name)
}

impl Audited for SubscriptionRow {
    fn audited(&self) -> Facts {
        let kinds: Vec<String> = self.subscription.kinds.iter().map(|kind| kind.word().to_owned()).collect();
        Facts::default()
            .with("destination_id", self.subscription.destination_id.as_str())
            .with("about", about(self))
            .with("kinds", kinds.as_slice())
            .with("pace", self.subscription.pace.word())
            .with("quiet_minutes", self.subscription.quiet_minutes)
    }
}

/// Whether a viewer may change or end a subscription: who owns the destination, or made the subscription.
fn may_change(destination: &DestinationRow, row: &SubscriptionRow, viewer: &Viewer) -> bool {
    is_mine(destination, viewer) || row.created_by == audit::actor_id(viewer)
}

/// What a destination would hear about, and the team of the tokens; `None` where those of several teams are meant. To hear
/// is to see: who may let destinations of a team hear about its tokens sees these tokens, or holds a key that was made for
/// just that.
async fn subject(conn: &mut Conn, viewer: &Viewer, scope: &Scope) -> Result<(Subject, Option<TeamId>), Fault> {
    match scope {
        Scope::Token { token_id } => {
            let row = tokens::by_id(conn, token_id).await?;
            let row = row.filter(|row| viewer.may(Act::Subscribe, Some(&row.token.team_id)));
            let token = row.ok_or_else(|| Fault::not_found("token"))?.token;
            Ok((Subject::Token(token.id), Some(token.team_id)))
        }
        Scope::Team { team } => {
            let team = teams::choose(conn, viewer, Act::Subscribe, team).await?.id;
            Ok((Subject::Team(team.clone()), Some(team)))
        }
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
                    let team = teams::choose(conn, viewer, Act::Subscribe, team).await?.id;
                    Ok((Subject::Label(Some(team.clone()), label), Some(team)))
                }
                None if viewer.may(Act::Triage, None) => Ok((Subject::Label(None, label), None)),
                None => Err(Fault::forbidden(
                    "Only a reviewer or admin of the whole installation may subscribe to a label in all teams. Choose a team.",
                )),
            }
        }
        // Whoever triages the whole installation sees everything; a viewer of it could flood others with everything.
        Scope::Everything if viewer.may(Act::Triage, None) => Ok((Subject::Everything, None)),
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

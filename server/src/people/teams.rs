//! Teams.

use super::must_manage;
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::House,
    store::{Conn, Tx, people::teams},
};
use app::model::{
    fault::Fault,
    ids::TeamId,
    person::Team,
    viewer::{Act, Viewer},
};

/// Teams that the viewer belongs to; all of them for a role in the whole installation.
///
/// # Errors
/// Where the database refuses.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<Team>, Fault> {
    let mut teams = teams::list(&mut *house.store.read().await?, &viewer.reach(Act::SeeTokens)).await?;
    let counted = house.store.tokens_counted(house.now()).await?;
    for team in &mut teams {
        team.tokens = counted.iter().filter(|some| some.team_id == team.id).map(|some| some.tokens).sum();
    }
    Ok(teams)
}

/// A team's name as it is kept.
///
/// # Errors
/// `Invalid` for the field, where it is empty, too long, or has control characters.
pub fn team_name(field: &str, text: &str) -> Result<String, Fault> {
    let text = text.trim();
    match text.chars().count() {
        1..=60 if !text.chars().any(char::is_control) => Ok(text.to_owned()),
        _ => Err(Fault::field(field, "expected a name of 1 to 60 characters")),
    }
}

/// Makes a team.
///
/// # Errors
/// `Forbidden`, or `Invalid` where the name is taken or not acceptable.
pub async fn create(house: &House, viewer: &Viewer, name: &str) -> Result<Team, Fault> {
    must_manage(viewer)?;
    let name = team_name("name", name)?;
    let mut tx = house.store.begin().await?;
    if teams::by_name(&mut tx, &name).await?.is_some() {
        return Err(Fault::field("name", "there is a team of this name already"));
    }
    let team = add(house, &mut tx, viewer, &name, "").await?;
    tx.commit().await?;
    Ok(team)
}

/// Makes a team of this name, which nobody has, and notes that.
pub(super) async fn add(house: &House, tx: &mut Tx, viewer: &Viewer, name: &str, detail: &str) -> Result<Team, Fault> {
    let team = Team { id: TeamId(house.new_id()), name: name.to_owned(), tokens: 0, people: 0 };
    teams::insert(tx, &team.id, name, house.now()).await?;
    let (what, subject) = (("team.create", detail), Subject::new("team", team.id.as_str(), name));
    audit::changed(house, tx, viewer, what, subject, Facts::default(), team.audited()).await?;
    Ok(team)
}

/// The name of the team that a new installation begins with.
pub(super) const FIRST: &str = "Security";

/// Makes the first team, if there is none and the viewer may mint everywhere: a token belongs to a team, and programs
/// and the command line may ask for one before the first admin came through the door.
///
/// # Errors
/// Where the database refuses.
pub async fn begin_with_one(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    if !viewer.may(Act::Mint, None) || !list(house, viewer).await?.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    if teams::by_name(&mut tx, FIRST).await?.is_none() {
        add(house, &mut tx, viewer, FIRST, "the first one").await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The team of this name in which the viewer may do this; with an empty name: their only one.
///
/// # Errors
/// `Invalid` for field `team`, which says what to choose from.
pub async fn choose(conn: &mut Conn, viewer: &Viewer, act: Act, name: &str) -> Result<Team, Fault> {
    let choices = teams::list(conn, &viewer.reach(act)).await?;
    let name = name.trim();
    let names = || choices.iter().map(|team| team.name.as_str()).collect::<Vec<_>>().join(", ");
    match choices.as_slice() {
        [] => Err(Fault::forbidden(
            "You are in no team for which you may do this. Ask an admin for the role of a placer.",
        )),
        [only] if name.is_empty() => Ok(only.clone()),
        many => match many.iter().find(|team| team.name.eq_ignore_ascii_case(name) || team.id.as_str() == name) {
            Some(team) => Ok(team.clone()),
            None if name.is_empty() => Err(Fault::field("team", format!("choose a team: {}", names()))),
            None => Err(Fault::field(
                "team",
                format!("there is no team `{name}` for which you may do this; expected one of: {}", names()),
            )),
        },
    }
}

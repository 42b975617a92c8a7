//! News of what people decided about an incident, for those destinations that can do something with it: they have the
//! incident as a thing of their own, which moves with it.

use super::outbox::{Notice, tell};
use crate::{
    house::House,
    store::{self, Tx, alerts::tickets},
};
use app::model::{
    alert::{AlertKind, DestinationKind},
    fault::Fault,
    incident::Incident,
};

/// The kinds of destinations that understand it.
const UNDERSTAND: [DestinationKind; 2] = [DestinationKind::Pagerduty, DestinationKind::Jira];

/// Writes a delivery for everyone who has the incident as a thing of their own, in the caller's transaction; how many
/// those are.
///
/// # Errors
/// Where the database refuses; then what was decided must not be committed either.
pub async fn announce(house: &House, tx: &mut Tx, kind: AlertKind, incident: &Incident) -> Result<usize, Fault> {
    let Some(row) = store::tokens::by_id(tx, &incident.token_id).await? else { return Ok(0) };
    let to = tickets::heard_of(tx, &incident.id, incident.opened_at, &row.token.team_id, &UNDERSTAND).await?;
    if to.is_empty() {
        return Ok(0);
    }
    let notice = Notice { kind, token: &row.token, hit: None, incident: Some(incident) };
    tell(house, tx, &notice, &to).await
}

//! The outbox: what happened, and who is to hear of it, written in one transaction.

use super::{body::Body, herald::Herald};
use crate::{
    house::House,
    store::{
        Tx,
        alerts::queue::{self, AlertRow, News},
    },
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    hit::Hit,
    ids::{DeliveryId, DestinationId},
    incident::Incident,
    token::Token,
};

/// Something that happened to a token.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// What sort of news.
    pub kind: AlertKind,
    /// The token, as it is now.
    pub token: &'a Token,
    /// The hit that caused it.
    pub hit: Option<&'a Hit>,
    /// The incident that the hit belongs to.
    pub incident: Option<&'a Incident>,
}

/// Writes a delivery for everyone who hears of this at once, and counts it for those who hear of it in a digest, in the
/// caller's transaction; how many deliveries those are. Of several pieces of news about one token a [`Herald`] tells faster.
///
/// # Errors
/// Where the database refuses; then what happened must not be committed either.
pub async fn announce(house: &House, tx: &mut Tx, notice: &Notice<'_>) -> Result<usize, Fault> {
    announce_but(house, tx, notice, None).await
}

/// As [`announce`], without a destination that is told in another way.
///
/// # Errors
/// As [`announce`].
pub async fn announce_but(
    house: &House,
    tx: &mut Tx,
    notice: &Notice<'_>,
    but: Option<&DestinationId>,
) -> Result<usize, Fault> {
    let mut herald = Herald::of(house, tx, notice.token).await?.but(but);
    let told = herald.tell(tx, notice).await?;
    let news = herald.finish(tx).await?;
    write_all(house, tx, &news).await?;
    Ok(told)
}

/// Writes a delivery for these destinations, whoever else hears of the token.
///
/// # Errors
/// Where the database refuses.
pub async fn tell(house: &House, tx: &mut Tx, notice: &Notice<'_>, to: &[DestinationId]) -> Result<usize, Fault> {
    let Notice { kind, token, hit, incident } = *notice;
    let body = Body::about(kind, house.now(), &house.config.base_url, token, hit, incident);
    Ok(write(house, tx, &body, to).await?.len())
}

/// Writes an alert and its deliveries; which those are, one for each destination.
pub(super) async fn write(
    house: &House,
    tx: &mut Tx,
    body: &Body,
    to: &[DestinationId],
) -> Result<Vec<DeliveryId>, Fault> {
    let news = compose(house, body, to)?;
    write_all(house, tx, std::slice::from_ref(&news)).await?;
    Ok(news.to.into_iter().map(|(id, _)| id).collect())
}

/// Writes alerts and their deliveries, in the caller's transaction.
///
/// # Errors
/// Where the database refuses; then what happened must not be committed either.
pub async fn write_all(house: &House, tx: &mut Tx, news: &[News]) -> Result<(), Fault> {
    if news.is_empty() {
        return Ok(());
    }
    queue::insert(tx, news).await?;
    house.step("written");
    tx.deliver(news.iter().flat_map(|news| &news.to).map(|(_, destination)| destination.clone()));
    Ok(())
}

/// An alert with a delivery for each of these destinations, to be written.
pub(super) fn compose(house: &House, body: &Body, to: &[DestinationId]) -> Result<News, Fault> {
    let payload = serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an alert cannot be written as JSON");
        Fault::internal()
    })?;
    let alert = AlertRow {
        id: house.new_id(),
        kind: body.kind,
        token_id: body.data.token.as_ref().map(|token| token.id.clone()),
        hit_id: body.data.hit.as_ref().map(|hit| hit.id.clone()),
        summary: body.summary(),
        payload,
        created_at: body.timestamp,
    };
    let to = to.iter().map(|destination| (DeliveryId(house.new_id()), destination.clone())).collect();
    Ok(News { alert, to })
}

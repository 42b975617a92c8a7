//! SNS over HTTPS: whoever wants may post here, so nothing is believed before its signature is checked.
//!
//! In this order: the topic must be one that an account names; the certificate may come from the topic's own region's
//! SNS alone; its chain must end at a root that this machine trusts; the signature must fit. Only then is the message
//! read, filed, and answered. (AWS, "Verifying the signatures of Amazon SNS messages".)

mod certificate;
pub(crate) mod envelope;
mod trust;

pub use envelope::Envelope;
pub use trust::{Fetch, Trust};

use super::{
    files::{self, Buckets, Trouble},
    keep,
    queues::message::{Content, message},
    read::{KEPT, Unreadable},
    receive,
};
use crate::{
    house::House,
    issuers::aws::{AwsIssuer, words},
    store,
};
use app::model::{
    fault::{Fault, FaultKind},
    hit::Source,
    moment::{DAY, HOUR, MINUTE},
};
use envelope::Kind;
use std::sync::Arc;

/// The largest body, in bytes: SNS's 256 KiB, escaped.
pub const LARGEST: usize = 1 << 20;
/// How old a message may be. SNS repeats for an hour; what is older than we remember could be somebody else's repetition.
const OLDEST: i64 = 14 * DAY;
/// How long a file that is not there yet is waited for. SNS itself gives up after some more.
const PATIENCE: i64 = 10 * MINUTE;
/// How far SNS's clock may be ahead of ours.
const AHEAD: i64 = HOUR;

/// Takes what somebody posts as SNS. When it returns, what the message says is committed.
///
/// # Errors
/// `Malformed` where it is no message of SNS, `Forbidden` where it is not from a topic of ours or not signed by SNS;
/// `Unavailable` where SNS should try again.
pub async fn take(house: &Arc<House>, body: &[u8]) -> Result<(), Fault> {
    let envelope = Envelope::read(body)?;
    let topic = envelope.topic_arn.as_str();
    let accounts = house.issuers.aws();
    let named = accounts.iter().find(|issuer| issuer.settings().topics.iter().any(|known| known == topic));
    let Some(issuer) = named else {
        return Err(Fault::forbidden("This topic is named by none of the accounts."));
    };
    let age = house.now().since(envelope.timestamp);
    if !(-AHEAD..=OLDEST).contains(&age) {
        return Err(Fault::forbidden("The message is too old, or from the future."));
    }
    trust::verify(house, &envelope).await?;
    match envelope.kind {
        Kind::Subscription => confirm(issuer, &envelope).await,
        Kind::Unsubscription => {
            tracing::warn!(topic, "the subscription to a topic was ended; nothing more comes from it");
            Ok(())
        }
        Kind::Notification => notification(house, issuer, &envelope).await,
    }
}

/// Confirms a subscription as the account's role, so that nobody else can end it.
async fn confirm(issuer: &Arc<AwsIssuer>, envelope: &Envelope) -> Result<(), Fault> {
    let config = issuer.clients().config_in(envelope.region()).await;
    let asked = aws_sdk_sns::Client::new(&config).confirm_subscription().topic_arn(&envelope.topic_arn);
    asked
        .token(&envelope.token)
        .authenticate_on_unsubscribe("true")
        .send()
        .await
        .map_err(|error| Fault::new(FaultKind::Unavailable, words("sns:ConfirmSubscription", &error).to_string()))?;
    tracing::info!(topic = envelope.topic_arn, "the subscription to a topic was confirmed");
    Ok(())
}

async fn notification(house: &Arc<House>, issuer: &Arc<AwsIssuer>, envelope: &Envelope) -> Result<(), Fault> {
    let id = format!("sns:{}", envelope.message_id);
    if store::seen_messages::is_known(&mut *house.store.read().await?, &id).await? {
        return Ok(());
    }
    let unread = match message(&envelope.message) {
        Ok(Content::Chatter) => None,
        Ok(Content::Records(batch)) => {
            receive(house, Source::Sns, batch.records).await?;
            batch.unreadable.into_iter().next().map(|one| one.reason)
        }
        Ok(Content::Objects(places)) => {
            let (buckets, mut unread, mut later) = (Buckets::default(), None, None);
            for place in places {
                match files::read(house, issuer, &buckets, &place).await {
                    Ok(_) => {}
                    Err(Trouble::Unreadable(why)) => {
                        unread = Some(format!("s3://{}/{}: {why}", place.bucket, place.key))
                    }
                    Err(Trouble::Later(why)) => {
                        later = later.or(Some(format!("s3://{}/{}: {why}", place.bucket, place.key)))
                    }
                    Err(Trouble::Ours(fault)) => return Err(fault),
                }
            }
            // SNS repeats; but a file that never comes must not end with nobody knowing, once SNS gives up.
            match later {
                Some(why) if house.now().since(envelope.timestamp) < PATIENCE => {
                    return Err(Fault::new(FaultKind::Unavailable, why));
                }
                later => unread.or(later),
            }
        }
        Err(why) => Some(why),
    };
    let mut tx = house.store.begin().await?;
    let first = store::seen_messages::first(&mut tx, &id, house.now()).await?;
    if let Some(why) = unread.filter(|_| first) {
        let reason = format!("Message {} of the topic {}: {why}", envelope.message_id, envelope.topic_arn);
        let body = envelope.message.chars().take(KEPT / 4).filter(|c| *c != '\0').collect();
        keep(house, &mut tx, Source::Sns, &[Unreadable { reason, body }]).await?;
    }
    Ok(tx.commit().await?)
}

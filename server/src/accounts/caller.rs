//! As whom Aviary acts in each account: by that its own changes are told apart from those of others.

use crate::{house::House, store};
use app::model::fault::Fault;

/// Asks as whom Aviary acts in the accounts where that is not known yet: those without a role to assume, where it is
/// whoever the environment's credentials belong to. What AWS does not answer is asked again in the next round.
///
/// # Errors
/// Where the database refuses.
pub async fn learn(house: &House) -> Result<(), Fault> {
    for issuer in house.issuers.aws().iter() {
        if issuer.clients().caller_arn().is_some() {
            continue;
        }
        let answer = issuer.clients().sts().await.get_caller_identity().send().await;
        let Some(arn) =
            answer.ok().filter(|answer| answer.account() == Some(issuer.id())).and_then(|answer| answer.arn)
        else {
            tracing::debug!(account = issuer.id(), "AWS did not say as whom Aviary acts there");
            continue;
        };
        issuer.clients().learn_caller(&arn);
        // The next start, and other replicas, know it from the first moment on.
        let mut tx = house.store.begin().await?;
        store::accounts::lock(&mut tx, issuer.id()).await?;
        if let Some(row) = store::accounts::by_id(&mut tx, issuer.id()).await?
            && row.settings == *issuer.settings()
        {
            let status = app::model::account::AccountStatus { caller_arn: arn, ..row.status };
            store::accounts::set_status(&mut tx, issuer.id(), &status).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

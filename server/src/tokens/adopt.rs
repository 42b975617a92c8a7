//! Adopting: a key that was made elsewhere is watched from now on. No secret is held.

use super::form::{self, Wrong};
use crate::{
    alerts,
    audit::{self, Audited as _, Facts},
    house::House,
    people::teams,
    store::{self, tokens::TokenRow},
};
use app::model::{
    alert::{Scope, SubscriptionForm},
    fault::Fault,
    ids::TokenId,
    key,
    pace::SubscriptionChange,
    person::Team,
    token::{Token, TokenFacts, TokenForm, TokenState},
    viewer::{Act, Viewer},
};

/// What an ARN of an IAM user says.
struct UserArn {
    account: String,
    user_name: String,
}

fn user_arn(text: &str) -> Option<UserArn> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let name = resource.strip_prefix("user/")?.rsplit('/').next()?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b);
    let fits = arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && (1..=64).contains(&name.len())
        && resource.bytes().all(allowed);
    fits.then(|| UserArn { account: account.to_owned(), user_name: name.to_owned() })
}

struct Order {
    team: Option<Team>,
    facts: form::Facts,
    access_key_id: String,
    arn: String,
    user: Option<UserArn>,
    wants: SubscriptionChange,
}

async fn order(house: &House, viewer: &Viewer, form: &TokenForm) -> Result<Order, Fault> {
    viewer.must(Act::Mint)?;
    let mut wrong = Wrong::default();
    let access_key_id = form.access_key_id.trim().to_owned();
    if !key::is_access_key_id(&access_key_id) {
        wrong.add("access_key_id", "expected an access key id, such as AKIAIOSFODNN7EXAMPLE");
    }
    let arn = form.arn.trim().to_owned();
    let user = user_arn(&arn);
    if !arn.is_empty() && user.is_none() {
        wrong.add("arn", "expected the ARN of an IAM user, such as arn:aws:iam::123456789012:user/path/name");
    }
    let mut session = house.store.read().await?;
    let team = match teams::choose(&mut session, viewer, Act::Mint, &form.team).await {
        Ok(team) => Some(team),
        Err(fault) => wrong.take::<Option<Team>>(Err(fault))?,
    };
    if store::tokens::by_access_key_id(&mut session, &access_key_id).await?.is_some() {
        wrong.add("access_key_id", "this key is watched already");
    }
    drop(session);
    let facts = form::facts(form, &viewer.name, house.now(), &mut wrong)?;
    if !alerts::all_visible(house, viewer, &form.destinations).await? {
        wrong.add("destinations", "one of these is gone; choose again");
    }
    let wants = wrong.take(alerts::chosen_of_token(form))?;
    wrong.finish()?;
    Ok(Order { team, facts, access_key_id, arn, user, wants })
}

/// Looks at a form without adopting.
///
/// # Errors
/// `Invalid`, with every field that would be refused.
pub async fn check(house: &House, viewer: &Viewer, form: &TokenForm) -> Result<(), Fault> {
    order(house, viewer, form).await.map(|_| ())
}

/// Watches a key that was made elsewhere.
///
/// # Errors
/// `Forbidden`, or `Invalid` where a field is not acceptable or the key is watched already.
pub async fn adopt(house: &House, viewer: &Viewer, form: &TokenForm) -> Result<Token, Fault> {
    teams::begin_with_one(house, viewer).await?;
    let order = order(house, viewer, form).await?;
    let team = order.team.ok_or_else(Fault::internal)?;
    let now = house.now();
    let facts = TokenFacts { expires_at: order.facts.expires_at, ..TokenFacts::default() };
    let account =
        order.user.as_ref().map(|user| user.account.clone()).or_else(|| key::account_of(&order.access_key_id));
    let row = TokenRow {
        token: Token {
            id: TokenId(house.new_id()),
            account: account.unwrap_or_default(),
            access_key_id: order.access_key_id,
            user_name: order.user.map(|user| user.user_name).unwrap_or_default(),
            arn: order.arn,
            team: team.name,
            owner: order.facts.owner,
            location: order.facts.location,
            notes: order.facts.notes,
            labels: order.facts.labels,
            state: TokenState::of(&facts, now),
            on_hit: order.facts.on_hit,
            created_at: now,
            expires_at: order.facts.expires_at,
            last_hit_at: None,
            hit_count: 0,
            adopted: true,
            key_active: true,
            team_id: team.id,
            created_by: viewer.name.clone(),
            expired_at: None,
            revoked_at: None,
            proven_at: None,
        },
        issuer: "adopted".to_owned(),
        unique_id: String::new(),
        sealed_secret: None,
        created_by_id: audit::actor_id(viewer).to_owned(),
        warned_at: None,
        proven_at: None,
        drilled_at: None,
        hits_before: 0,
        facts,
    };
    let mut tx = house.store.begin().await?;
    match store::tokens::insert(&mut tx, &row).await {
        Err(error) if error.is_unique_violation() => {
            return Err(Fault::field("access_key_id", "this key is watched already"));
        }
        done => done?,
    }
    let detail = format!("for the team {}", row.token.team);
    let (what, subject) = (("token.adopt", detail.as_str()), super::audit_subject(&row));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), row.audited()).await?;
    for destination_id in &form.destinations {
        let scope = Scope::Token { token_id: row.token.id.clone() };
        let form = SubscriptionForm::wanting(destination_id.clone(), scope, order.wants.clone());
        alerts::subscribe_in(house, &mut tx, viewer, &form).await?;
    }
    tx.commit().await?;
    Ok(row.token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_arn_of_an_iam_user_is_taken() {
        let user = user_arn("arn:aws:iam::123456789012:user/ci/deploy/build-7").unwrap();
        assert_eq!((user.account.as_str(), user.user_name.as_str()), ("123456789012", "build-7"));
        assert!(user_arn("arn:aws-cn:iam::123456789012:user/x").is_some());
        for text in [
            "",
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:sts::123456789012:user/x",
            "arn:aws:iam::1234:user/x",
            "user/x",
            "arn:aws:iam::123456789012:user/",
        ] {
            assert!(user_arn(text).is_none(), "{text}");
        }
    }
}

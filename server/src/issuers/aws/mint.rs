//! The steps of a mint, and how they are undone.

use super::{
    super::{Issued, IssuerError, Whose, Wish},
    AwsIssuer, REF_TAG, code_of, keys, policy, words,
};
use crate::issuers::KeyRef;
use aws_sdk_iam::types::{Tag, User};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::time::Duration;

/// How often a call is made again because IAM has not settled yet, and how long the first wait is. IAM is eventually
/// consistent: a user that was just made may be unknown to the next call for some seconds.
const UNSETTLED: u32 = 6;
const WAIT: Duration = Duration::from_millis(250);

/// Makes a call again while IAM says `ConcurrentModification`, or that it does not know what was just made. Throttling is
/// the SDK's matter.
pub(super) async fn settled<T, E, R, F>(call: impl Fn() -> F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, R>>>,
{
    let mut wait = WAIT;
    for _ in 1..UNSETTLED {
        match call().await {
            Err(error) if code_of(&error) == "ConcurrentModification" => {}
            done => return done,
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    call().await
}

/// As [`settled`], of a user that was just made: that IAM does not know it yet is worth another try as well.
async fn after_birth<T, E, R, F>(call: impl Fn() -> F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, R>>>,
{
    let mut wait = WAIT;
    for _ in 1..UNSETTLED {
        match settled(&call).await {
            Err(error) if code_of(&error) == "NoSuchEntity" => {}
            done => return done,
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    call().await
}

/// Makes user, policy and key.
pub(super) async fn mint(issuer: &AwsIssuer, wish: &Wish) -> Result<Issued, IssuerError> {
    let user = create_user(issuer, wish).await?;
    let iam = issuer.clients.iam().await;
    let document = policy::document(&issuer.settings);
    let put = async || {
        iam.put_user_policy()
            .user_name(&wish.user_name)
            .policy_name(policy::NAME)
            .policy_document(&document)
            .send()
            .await
    };
    after_birth(put).await.map_err(|error| words("iam:PutUserPolicy", &error))?;
    let key = keys::create(issuer, &wish.user_name).await?;
    // The SDK repeats a call whose answer got lost, and each repetition makes a key. Nobody may hold one unknown to us.
    for other in keys::list(issuer, &wish.user_name).await?.into_iter().filter(|id| *id != key.access_key_id) {
        keys::delete(issuer, &KeyRef { user_name: wish.user_name.clone(), access_key_id: other }).await?;
    }
    Ok(Issued {
        account_id: issuer.id.clone(),
        user_name: user.user_name().to_owned(),
        arn: user.arn().to_owned(),
        unique_id: user.user_id().to_owned(),
        key,
    })
}

async fn create_user(issuer: &AwsIssuer, wish: &Wish) -> Result<User, IssuerError> {
    let iam = issuer.clients.iam().await;
    let tags = issuer.settings.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
    let mut marked = Vec::new();
    for (key, value) in tags.chain([(REF_TAG, wish.token_id.as_str())]) {
        let tag = Tag::builder().key(key).value(value).build();
        marked.push(tag.map_err(|error| IssuerError::Refused(format!("a tag cannot be used: {error}")))?);
    }
    let call = async || {
        iam.create_user().user_name(&wish.user_name).path(&wish.path).set_tags(Some(marked.clone())).send().await
    };
    let made = match settled(call).await {
        Ok(made) => made.user().cloned(),
        // The SDK repeats a call whose answer got lost: then the user of this name is our own.
        Err(error) if code_of(&error) == "EntityAlreadyExists" => match find(issuer, &wish.user_name).await? {
            Some(user) if is_ours(&user, &Whose::Minting(wish.token_id.clone())) => Some(user),
            _ => return Err(IssuerError::NameTaken(wish.user_name.clone())),
        },
        Err(error) => return Err(words("iam:CreateUser", &error)),
    };
    made.ok_or_else(|| IssuerError::Unavailable("AWS answered without a user".into()))
}

async fn find(issuer: &AwsIssuer, user_name: &str) -> Result<Option<User>, IssuerError> {
    match issuer.clients.iam().await.get_user().user_name(user_name).send().await {
        Ok(found) => Ok(found.user().cloned()),
        Err(error) if code_of(&error) == "NoSuchEntity" => Ok(None),
        Err(error) => Err(words("iam:GetUser", &error)),
    }
}

/// Whether a user is the one that this account's issuer made. A name alone is no proof: somebody may have made another
/// user of the same name since.
fn is_ours(user: &User, whose: &Whose) -> bool {
    let token = match whose {
        Whose::Unique(id) => return user.user_id() == id,
        Whose::Minting(token) => token,
    };
    user.tags().iter().any(|tag| tag.key() == REF_TAG && tag.value() == token.as_str())
}

/// Deletes a user with everything that hangs on it. IAM refuses to delete a user who still has keys or policies; the
/// quarantine policy that AWS attaches to a public key's user is one of these.
pub(super) async fn delete(issuer: &AwsIssuer, user_name: &str, whose: &Whose) -> Result<bool, IssuerError> {
    let Some(user) = find(issuer, user_name).await? else { return Ok(false) };
    if !is_ours(&user, whose) {
        tracing::warn!(account = %issuer.id, user_name, "a user of this name belongs to somebody else; it is left alone");
        return Ok(false);
    }
    // The keys first: from here on nobody can use them, whatever fails later.
    for access_key_id in keys::list(issuer, user_name).await? {
        keys::delete(issuer, &KeyRef { user_name: user_name.to_owned(), access_key_id }).await?;
    }
    let iam = issuer.clients.iam().await;
    let mut inline = iam.list_user_policies().user_name(user_name).into_paginator().items().send();
    while let Some(name) = inline.next().await {
        let name = name.map_err(|error| words("iam:ListUserPolicies", &error))?;
        let call = async || iam.delete_user_policy().user_name(user_name).policy_name(&name).send().await;
        gone(
            settled(call)
                .await
                .map_err(|error| (code_of(&error) == "NoSuchEntity", words("iam:DeleteUserPolicy", &error))),
        )?;
    }
    let mut attached = iam.list_attached_user_policies().user_name(user_name).into_paginator().items().send();
    while let Some(one) = attached.next().await {
        let one = one.map_err(|error| words("iam:ListAttachedUserPolicies", &error))?;
        let Some(arn) = one.policy_arn() else { continue };
        let call = async || iam.detach_user_policy().user_name(user_name).policy_arn(arn).send().await;
        gone(
            settled(call)
                .await
                .map_err(|error| (code_of(&error) == "NoSuchEntity", words("iam:DetachUserPolicy", &error))),
        )?;
    }
    let call = async || iam.delete_user().user_name(user_name).send().await;
    gone(settled(call).await.map_err(|error| (code_of(&error) == "NoSuchEntity", words("iam:DeleteUser", &error))))?;
    Ok(true)
}

/// What is gone already needs no deleting.
fn gone<T>(done: Result<T, (bool, IssuerError)>) -> Result<(), IssuerError> {
    match done {
        Ok(_) | Err((true, _)) => Ok(()),
        Err((false, error)) => Err(error),
    }
}

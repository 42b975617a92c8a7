//! Access keys of a user.

use super::{
    super::{IssuerError, KeyRef, NewKey},
    AwsIssuer, code_of, words,
};
use app::model::secret::Secret;
use aws_sdk_iam::types::StatusType;

/// Makes a key.
pub(super) async fn create(issuer: &AwsIssuer, user_name: &str) -> Result<NewKey, IssuerError> {
    let iam = issuer.clients.iam().await;
    let made = super::mint::settled(async || iam.create_access_key().user_name(user_name).send().await)
        .await
        .map_err(|error| words("iam:CreateAccessKey", &error))?;
    let key = made.access_key().ok_or_else(|| IssuerError::Unavailable("AWS answered without a key".into()))?;
    Ok(NewKey {
        access_key_id: key.access_key_id().to_owned(),
        secret: Secret::new(key.secret_access_key().to_owned()),
    })
}

/// The ids of all keys of a user.
pub(super) async fn list(issuer: &AwsIssuer, user_name: &str) -> Result<Vec<String>, IssuerError> {
    let iam = issuer.clients.iam().await;
    let mut pages = iam.list_access_keys().user_name(user_name).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                ids.extend(page.access_key_metadata().iter().filter_map(|key| key.access_key_id()).map(str::to_owned));
            }
            Err(error) if code_of(&error) == "NoSuchEntity" => return Ok(ids),
            Err(error) => return Err(words("iam:ListAccessKeys", &error)),
        }
    }
    Ok(ids)
}

/// The name of the user whose key this is. IAM has no call of that name, but tells it along with the last use.
pub(super) async fn user_of(issuer: &AwsIssuer, access_key_id: &str) -> Result<Option<String>, IssuerError> {
    let iam = issuer.clients.iam().await;
    match iam.get_access_key_last_used().access_key_id(access_key_id).send().await {
        Ok(found) => Ok(found.user_name().filter(|name| !name.is_empty()).map(str::to_owned)),
        // AWS says AccessDenied for a key of another account, too: only its message would tell.
        Err(error) if matches!(code_of(&error), "NoSuchEntity" | "AccessKeyLastUsedNotFound") => Ok(None),
        Err(error) => Err(words("iam:GetAccessKeyLastUsed", &error)),
    }
}

/// Deletes a key; one that is gone is no error.
pub(super) async fn delete(issuer: &AwsIssuer, key: &KeyRef) -> Result<(), IssuerError> {
    let iam = issuer.clients.iam().await;
    let call =
        async || iam.delete_access_key().user_name(&key.user_name).access_key_id(&key.access_key_id).send().await;
    match super::mint::settled(call).await {
        Ok(_) => Ok(()),
        Err(error) if code_of(&error) == "NoSuchEntity" => Ok(()),
        Err(error) => Err(words("iam:DeleteAccessKey", &error)),
    }
}

/// Switches a key on or off. A key that is gone cannot be used any more: that is no error when it is switched off.
pub(super) async fn set_active(issuer: &AwsIssuer, key: &KeyRef, active: bool) -> Result<(), IssuerError> {
    let iam = issuer.clients.iam().await;
    let status = if active { StatusType::Active } else { StatusType::Inactive };
    let call = async || {
        iam.update_access_key()
            .user_name(&key.user_name)
            .access_key_id(&key.access_key_id)
            .status(status.clone())
            .send()
            .await
    };
    match super::mint::settled(call).await {
        Ok(_) => Ok(()),
        Err(error) if code_of(&error) == "NoSuchEntity" && !active => Ok(()),
        Err(error) => Err(words("iam:UpdateAccessKey", &error)),
    }
}

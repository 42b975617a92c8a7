//! Using a key as its thief would.

use super::{
    super::{IssuerError, NewKey},
    AwsIssuer, Clients, code_of, words,
};
use aws_config::retry::RetryConfig;
use aws_sdk_sts::operation::RequestId as _;
use aws_types::app_name::AppName;

/// Asks STS in a region whose key it is. Works under any policy: STS lets nobody deny this call.
///
/// # Errors
/// `Unavailable` where the key is not known yet (IAM takes some seconds to tell every region) or AWS cannot be asked.
pub(super) async fn call(issuer: &AwsIssuer, key: &NewKey, region: &str, mark: &str) -> Result<String, IssuerError> {
    let mark = AppName::new(mark.to_owned()).map_err(|_| IssuerError::Refused("the mark cannot be used".into()))?;
    let config = issuer.clients.config_as(&key.access_key_id, &key.secret, region, mark).await;
    ask(once(&config).build(), region).await
}

/// One try: a mark stands for one call, and the SDK's own repetitions would be others under the same mark.
fn once(config: &aws_types::SdkConfig) -> aws_sdk_sts::config::Builder {
    aws_sdk_sts::config::Builder::from(config).retry_config(RetryConfig::disabled())
}

/// As [`call`], of the sandbox at this address.
pub(in super::super) async fn call_at(
    clients: &Clients,
    endpoint: &str,
    key: &NewKey,
    region: &str,
    mark: &str,
) -> Result<String, IssuerError> {
    let mark = AppName::new(mark.to_owned()).map_err(|_| IssuerError::Refused("the mark cannot be used".into()))?;
    let config = clients.config_as(&key.access_key_id, &key.secret, region, mark).await;
    // Said to the service's own configuration: else what the environment says about endpoints would win.
    ask(once(&config).endpoint_url(endpoint).build(), region).await
}

async fn ask(config: aws_sdk_sts::Config, region: &str) -> Result<String, IssuerError> {
    match aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await {
        Ok(identity) => Ok(identity.request_id().unwrap_or_default().to_owned()),
        Err(error) if code_of(&error) == "InvalidClientTokenId" => {
            Err(IssuerError::Unavailable(format!("{region} does not know the key (yet)")))
        }
        // Something between AWS and us lost the answer: that says nothing about the key.
        Err(error) if error.raw_response().is_some_and(|answer| answer.status().is_server_error()) => {
            Err(IssuerError::Unavailable(format!("{region}: sts:GetCallerIdentity was not answered")))
        }
        Err(error) => Err(words("sts:GetCallerIdentity", &error)),
    }
}

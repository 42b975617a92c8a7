//! The way to an account's services: credentials, region, one HTTP stack, retries.

use app::model::{account::AccountSettings, secret::Secret};
use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::app_name::AppName;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::OnceCell;

/// How often a call is made in all before its failure is told. The SDK waits in between, longer each time, with jitter,
/// and with `adaptive` it also slows down all calls of an account that AWS throttles.
const ATTEMPTS: u32 = 8;
/// How long a call may take with all its attempts.
const WHOLE: Duration = Duration::from_secs(120);
/// How long an attempt may take. A long poll of a queue takes 20 seconds.
const ATTEMPT: Duration = Duration::from_secs(40);
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// The name of Aviary's sessions in an account's CloudTrail: what it is, without saying for what.
const SESSION: &str = "automation";

/// Makes the ways to all accounts; they share their connections.
#[derive(Clone)]
pub struct AwsClients {
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    place: Place,
}

/// Where AWS is, and as whom it is spoken to.
#[derive(Clone, Default)]
enum Place {
    /// As the environment says.
    #[default]
    Usual,
    /// With this profile of the environment's.
    Profile(String),
    /// At this address, with this key.
    At(String, Credentials),
}

impl Default for AwsClients {
    fn default() -> Self {
        let provider = Provider::Rustls(CryptoMode::Ring);
        Self { http: aws_smithy_http_client::Builder::new().tls_provider(provider).build_https(), place: Place::Usual }
    }
}

impl AwsClients {
    /// All services at one address, with these credentials, whatever the environment says.
    pub fn at(endpoint: &str, access_key_id: &str, secret: &Secret) -> Self {
        let key = Credentials::new(access_key_id, secret.expose(), None, None, "given");
        Self { place: Place::At(endpoint.to_owned(), key), ..Self::default() }
    }

    /// With this profile of `~/.aws/config`, instead of the one that the environment names.
    pub fn profile(name: &str) -> Self {
        Self { place: Place::Profile(name.to_owned()), ..Self::default() }
    }

    /// Where AWS is said to be besides its own hosts: host and port, by configuration.
    pub fn endpoints(&self) -> Vec<String> {
        let named = match &self.place {
            Place::At(endpoint, _) => vec![endpoint.clone()],
            Place::Usual | Place::Profile(_) => ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok())
                .collect(),
        };
        named.iter().filter_map(|endpoint| url::Url::parse(endpoint).ok()).filter_map(|url| authority(&url)).collect()
    }

    /// The way to one account. Nothing is asked yet.
    pub fn to(&self, settings: &AccountSettings) -> Arc<Clients> {
        Arc::new(Clients {
            http: self.http.clone(),
            place: self.place.clone(),
            region: settings.region.clone(),
            role_arn: settings.role_arn.clone(),
            external_id: settings.external_id.clone(),
            config: OnceCell::new(),
            caller_arn: OnceLock::new(),
        })
    }
}

/// The way to one account.
pub struct Clients {
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    place: Place,
    region: String,
    role_arn: String,
    external_id: String,
    config: OnceCell<SdkConfig>,
    caller_arn: OnceLock<String>,
}

fn usual(config: aws_config::ConfigLoader) -> aws_config::ConfigLoader {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).operation_timeout(WHOLE);
    config.retry_config(RetryConfig::adaptive().with_max_attempts(ATTEMPTS)).timeout_config(timeouts.build())
}

impl Clients {
    /// The configuration for the account's services in its home region.
    pub async fn config(&self) -> &SdkConfig {
        self.config
            .get_or_init(async || {
                let mut base = usual(aws_config::defaults(BehaviorVersion::latest())).http_client(self.http.clone());
                // Without one, the environment names it.
                if !self.region.is_empty() {
                    base = base.region(Region::new(self.region.clone()));
                }
                base = match &self.place {
                    Place::Usual => base,
                    Place::Profile(name) => base.profile_name(name),
                    Place::At(endpoint, key) => base.endpoint_url(endpoint).credentials_provider(key.clone()),
                };
                let base = base.load().await;
                if self.role_arn.is_empty() {
                    return base;
                }
                let mut role = AssumeRoleProvider::builder(&self.role_arn)
                    .session_name(SESSION)
                    .region(Region::new(self.region.clone()))
                    .configure(&base);
                if !self.external_id.is_empty() {
                    role = role.external_id(&self.external_id);
                }
                base.into_builder().credentials_provider(SharedCredentialsProvider::new(role.build().await)).build()
            })
            .await
    }

    /// The configuration for the account's services in another region.
    pub async fn config_in(&self, region: &str) -> SdkConfig {
        let config = self.config().await;
        config.to_builder().region(Region::new(region.to_owned())).build()
    }

    /// The configuration of somebody who holds a key of the account, in a region: the default chain has no part in it.
    /// `mark` stands in the user agent.
    pub async fn config_as(&self, access_key_id: &str, secret: &Secret, region: &str, mark: AppName) -> SdkConfig {
        let key = Credentials::new(access_key_id, secret.expose(), None, None, "drill");
        self.config()
            .await
            .to_builder()
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(key))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .app_name(mark)
            .build()
    }

    /// IAM.
    pub async fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(self.config().await)
    }

    /// STS, as Aviary itself.
    pub async fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(self.config().await)
    }

    /// SQS, in the region of a queue's address; the home region where the address does not say one.
    pub async fn sqs(&self, queue_url: &str) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config_in(self.queue_region(queue_url)).await)
    }

    /// The region of a queue's address; the home region where the address does not say one.
    pub(super) fn queue_region<'a>(&'a self, queue_url: &'a str) -> &'a str {
        region_of_queue(queue_url).unwrap_or(&self.region)
    }

    /// S3. Where the operator's environment names another endpoint, buckets stand in the path, not in the host's name.
    pub async fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = self.config_in(if region.is_empty() { &self.region } else { region }).await;
        let elsewhere = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(elsewhere).build())
    }

    /// As whom Aviary acts in the account, once [`Clients::learn_caller`] has asked.
    pub fn caller_arn(&self) -> Option<String> {
        self.caller_arn.get().cloned()
    }

    /// Keeps as whom Aviary acts in the account.
    pub fn learn_caller(&self, arn: &str) {
        // The first answer stays: credentials of one configuration do not change their owner.
        let _ = self.caller_arn.set(arn.to_owned());
    }
}

/// Host and port of an address.
pub fn authority(url: &url::Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// `eu-west-1` of `https://sqs.eu-west-1.amazonaws.com/123456789012/name`.
fn region_of_queue(url: &str) -> Option<&str> {
    let host = url.split("://").nth(1)?.split('/').next()?;
    let region = host.strip_prefix("sqs.")?.split('.').next()?;
    (host.contains(".amazonaws.com") && !region.is_empty()).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_queue_says_its_region() {
        assert_eq!(region_of_queue("https://sqs.eu-west-1.amazonaws.com/123456789012/q"), Some("eu-west-1"));
        assert_eq!(region_of_queue("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"), Some("cn-north-1"));
        assert_eq!(region_of_queue("http://127.0.0.1:4566/000000000000/q"), None);
    }
}

//! Mail by SES v2, with the credentials that Aviary itself runs with.

use super::{AwsClients, Clients, code_of, words};
use app::model::account::AccountSettings;
use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sesv2::{
    primitives::Blob,
    types::{Destination, EmailContent, RawMessage},
};
use std::{sync::Arc, time::Duration};

/// How long a mail may take.
const WHOLE: Duration = Duration::from_secs(30);

/// Sends mail by SES.
#[derive(Clone)]
pub struct Ses {
    clients: Arc<Clients>,
}

/// Why SES did not take a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SesRefusal {
    /// Whether sending the same mail again is pointless.
    pub permanent: bool,
    /// The reason, for people.
    pub text: String,
}

impl Ses {
    /// SES in this region; empty for the one that the environment names.
    pub fn new(aws: &AwsClients, region: &str) -> Self {
        let settings = AccountSettings { region: region.to_owned(), ..AccountSettings::default() };
        Self { clients: aws.to(&settings) }
    }

    /// Sends a mail as it was written, from one address to one.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(&self, from: &str, to: &str, message: Vec<u8>) -> Result<(), SesRefusal> {
        let limits = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(WHOLE);
        let config = self.clients.config().await.to_builder();
        let config = config.retry_config(RetryConfig::standard().with_max_attempts(2)).timeout_config(limits.build());
        let ses = aws_sdk_sesv2::Client::new(&config.build());
        let raw = RawMessage::builder().data(Blob::new(message)).build();
        let raw = raw.map_err(|error| SesRefusal { permanent: true, text: error.to_string() })?;
        let content = EmailContent::builder().raw(raw).build();
        let to = Destination::builder().to_addresses(to).build();
        match ses.send_email().from_email_address(from).destination(to).content(content).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(SesRefusal {
                // What is paused, not verified or too much can be mended; a mail that is refused stays refused.
                permanent: matches!(code_of(&error), "MessageRejected" | "BadRequestException"),
                text: words("ses:SendEmail", &error).to_string(),
            }),
        }
    }
}

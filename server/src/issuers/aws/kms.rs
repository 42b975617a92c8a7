//! Keys that KMS wraps. What is wrapped leaves KMS only for whoever may decrypt with its key, and only for the installation
//! that it was made for.

use super::{AwsClients, Clients, words};
use app::model::account::AccountSettings;
use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use std::{sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long KMS may take; Aviary does not start before it has answered.
const WHOLE: Duration = Duration::from_secs(30);

/// One key of KMS, for one installation.
pub struct Kms {
    clients: Arc<Clients>,
    key: String,
    installation: String,
}

impl Kms {
    /// The key with this ARN, in the region that the ARN names.
    pub fn new(aws: &AwsClients, key: &str, installation: &str) -> Self {
        let region = key.split(':').nth(3).unwrap_or_default().to_owned();
        let settings = AccountSettings { region, ..AccountSettings::default() };
        Self { clients: aws.to(&settings), key: key.to_owned(), installation: installation.to_owned() }
    }

    async fn client(&self) -> aws_sdk_kms::Client {
        let limits = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(WHOLE);
        let config = self.clients.config().await.to_builder();
        let config = config.retry_config(RetryConfig::standard().with_max_attempts(4)).timeout_config(limits.build());
        aws_sdk_kms::Client::new(&config.build())
    }

    /// A new key of 32 bytes, wrapped. Nobody sees it unwrapped before somebody decrypts it.
    ///
    /// # Errors
    /// Why not, for people.
    pub async fn new_data_key(&self) -> Result<Vec<u8>, String> {
        let made = self
            .client()
            .await
            .generate_data_key_without_plaintext()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("application", "aviary")
            .encryption_context("installation", &self.installation)
            .send()
            .await
            .map_err(|error| words("kms:GenerateDataKeyWithoutPlaintext", &error).to_string())?;
        let blob = made.ciphertext_blob.map(Blob::into_inner).filter(|blob| !blob.is_empty());
        blob.ok_or_else(|| "kms:GenerateDataKeyWithoutPlaintext: the answer has no key".to_owned())
    }

    /// Unwraps a key.
    ///
    /// # Errors
    /// Why not, for people.
    pub async fn decrypt(&self, blob: Vec<u8>) -> Result<Zeroizing<Vec<u8>>, String> {
        let opened = self
            .client()
            .await
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(blob))
            .encryption_context("application", "aviary")
            .encryption_context("installation", &self.installation)
            .send()
            .await
            .map_err(|error| words("kms:Decrypt", &error).to_string())?;
        let plain = opened.plaintext.map(Blob::into_inner).ok_or("kms:Decrypt: the answer has no key")?;
        Ok(Zeroizing::new(plain))
    }
}

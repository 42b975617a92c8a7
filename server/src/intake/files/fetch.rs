//! Fetches objects from S3, within a bound.

use super::Trouble;
use crate::{
    intake::queues::message::Place,
    issuers::aws::{AwsIssuer, code_of, words},
};
use app::model::fault::{Fault, FaultKind};
use aws_sdk_s3::{Client, operation::get_object::GetObjectError};
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// The largest object that is fetched, in bytes. CloudTrail's files have some hundred KiB.
pub const LARGEST: usize = 10 << 20;
/// How many buckets' regions are remembered.
const REMEMBERED: usize = 10_000;

/// What S3 answers instead of an object.
pub(crate) type Refused = SdkError<GetObjectError, Response>;

/// The ways to buckets, by region, and which bucket is in which region.
#[derive(Debug, Default)]
pub struct Buckets {
    clients: Mutex<BTreeMap<String, Client>>,
    regions: Mutex<BTreeMap<String, String>>,
}

impl Buckets {
    /// The way to the buckets of a region; with an empty name, of the account's home region.
    pub async fn client(&self, issuer: &AwsIssuer, region: &str) -> Client {
        let known = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(region).cloned();
        if let Some(client) = known {
            return client;
        }
        let client = issuer.clients().s3(region).await;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(region.to_owned()).or_insert(client).clone()
    }

    /// The way to a bucket, in whichever region it is.
    ///
    /// # Errors
    /// Where S3 refuses.
    pub async fn client_of(&self, issuer: &AwsIssuer, bucket: &str) -> Result<Client, Fault> {
        let home = self.client(issuer, "").await;
        let region = match home.head_bucket().bucket(bucket).send().await {
            Ok(_) => return Ok(home),
            Err(refused) => elsewhere(&refused).ok_or_else(|| {
                Fault::new(FaultKind::Unavailable, format!("{bucket}: {}", words("s3:ListBucket", &refused)))
            })?,
        };
        self.remember(bucket, &region);
        Ok(self.client(issuer, &region).await)
    }

    /// The content of an object.
    ///
    /// # Errors
    /// `Later` where S3 refuses or does not answer, `Unreadable` where it is too large.
    pub async fn fetch(&self, issuer: &AwsIssuer, place: &Place) -> Result<Vec<u8>, Trouble> {
        self.ask(issuer, place).await.map_err(|error| match error {
            Ok(trouble) => trouble,
            Err(refused) => Trouble::Later(told(place, &refused)),
        })
    }

    /// As [`Buckets::fetch`], with what S3 itself said where it refuses.
    pub(crate) async fn ask(
        &self,
        issuer: &AwsIssuer,
        place: &Place,
    ) -> Result<Vec<u8>, Result<Trouble, Box<Refused>>> {
        let known = self.regions.lock().unwrap_or_else(PoisonError::into_inner).get(&place.bucket).cloned();
        let region = known.unwrap_or_else(|| place.region.clone());
        let refused = match self.fetch_in(issuer, place, &region).await {
            Err(Err(refused)) => refused,
            done => return done,
        };
        let Some(other) = elsewhere(&refused).filter(|other| *other != region) else { return Err(Err(refused)) };
        self.remember(&place.bucket, &other);
        self.fetch_in(issuer, place, &other).await
    }

    fn remember(&self, bucket: &str, region: &str) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if regions.len() < REMEMBERED {
            regions.insert(bucket.to_owned(), region.to_owned());
        }
    }

    async fn fetch_in(
        &self,
        issuer: &AwsIssuer,
        place: &Place,
        region: &str,
    ) -> Result<Vec<u8>, Result<Trouble, Box<Refused>>> {
        let client = self.client(issuer, region).await;
        let mut object = client
            .get_object()
            .bucket(&place.bucket)
            .key(&place.key)
            .send()
            .await
            .map_err(|error| Err(Box::new(error)))?;
        let stated = object.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let too_large = || Ok(Trouble::Unreadable(format!("it has more than {} MiB", LARGEST >> 20)));
        if stated > LARGEST {
            return Err(too_large());
        }
        let mut file = Vec::with_capacity(stated);
        loop {
            match object.body.try_next().await {
                Ok(Some(portion)) if file.len() + portion.len() <= LARGEST => file.extend_from_slice(&portion),
                Ok(Some(_)) => return Err(too_large()),
                Ok(None) => return Ok(file),
                Err(error) => return Err(Ok(Trouble::Later(format!("s3:GetObject broke off: {error}")))),
            }
        }
    }
}

fn told(place: &Place, refused: &Refused) -> String {
    match code_of(refused) {
        "NoSuchKey" => "the object is not there".to_owned(),
        "NoSuchBucket" => format!("there is no bucket {}", place.bucket),
        _ => words("s3:GetObject", refused).to_string(),
    }
}

/// The region in which S3 says that the bucket is.
fn elsewhere<E>(refused: &SdkError<E, Response>) -> Option<String> {
    let region = refused.raw_response()?.headers().get("x-amz-bucket-region")?;
    crate::accounts::is_region(region).then(|| region.to_owned())
}

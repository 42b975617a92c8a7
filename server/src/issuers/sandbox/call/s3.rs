//! S3's operations: they have no name in the request, but follow from its method, its path and one word in its query.
//!
//! Sources: the S3 API reference; "Actions, resources, and condition keys for Amazon S3"; "Amazon S3 CloudTrail events".

use super::{Call, parameters};
use crate::issuers::sandbox::ask::Ask;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A bucket, and a key in it; both empty where the account itself is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key of an object.
    pub key: String,
}

/// What a bucket has, by the word in the query: the name in the operation, and the name in the IAM action.
const OF_BUCKET: [(&str, &str, &str); 22] = [
    ("accelerate", "BucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("acl", "BucketAcl", "BucketAcl"),
    ("analytics", "BucketAnalyticsConfiguration", "AnalyticsConfiguration"),
    ("cors", "BucketCors", "BucketCORS"),
    ("encryption", "BucketEncryption", "EncryptionConfiguration"),
    ("intelligent-tiering", "BucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"),
    ("inventory", "BucketInventoryConfiguration", "InventoryConfiguration"),
    ("lifecycle", "BucketLifecycle", "LifecycleConfiguration"),
    ("location", "BucketLocation", "BucketLocation"),
    ("logging", "BucketLogging", "BucketLogging"),
    ("metrics", "BucketMetricsConfiguration", "MetricsConfiguration"),
    ("notification", "BucketNotification", "BucketNotification"),
    ("object-lock", "BucketObjectLockConfiguration", "BucketObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls", "BucketOwnershipControls"),
    ("policy", "BucketPolicy", "BucketPolicy"),
    ("policyStatus", "BucketPolicyStatus", "BucketPolicyStatus"),
    ("publicAccessBlock", "BucketPublicAccessBlock", "BucketPublicAccessBlock"),
    ("replication", "BucketReplication", "ReplicationConfiguration"),
    ("requestPayment", "BucketRequestPayment", "BucketRequestPayment"),
    ("tagging", "BucketTagging", "BucketTagging"),
    ("versioning", "BucketVersioning", "BucketVersioning"),
    ("website", "BucketWebsite", "BucketWebsite"),
];

/// What an object has, likewise.
const OF_OBJECT: [(&str, &str, &str); 6] = [
    ("acl", "ObjectAcl", "ObjectAcl"),
    ("attributes", "ObjectAttributes", "ObjectAttributes"),
    ("legal-hold", "ObjectLegalHold", "ObjectLegalHold"),
    ("retention", "ObjectRetention", "ObjectRetention"),
    ("tagging", "ObjectTagging", "ObjectTagging"),
    ("torrent", "ObjectTorrent", "ObjectTorrent"),
];

/// Fills in what is asked of S3.
pub fn read(call: &mut Call, ask: &Ask) {
    let place = place_of(ask);
    let query = ask.query_parameters();
    let words: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    let copies = !ask.header("x-amz-copy-source").is_empty();
    let (event, action) = if place.bucket.is_empty() {
        ("ListBuckets".to_owned(), "ListAllMyBuckets".to_owned())
    } else if place.key.is_empty() {
        on_bucket(&ask.method, &words)
    } else {
        on_object(&ask.method, &words, copies)
    };
    // CloudTrail counts what is done to objects, and listing them, as data events.
    call.on_data =
        !place.key.is_empty() || matches!(event.as_str(), "ListObjects" | "ListObjectVersions" | "DeleteObjects");
    call.event_name = event;
    call.action = action;
    call.parameters = parameters::of_query(&query);
    let mut tell = |name: &str, value: &str| {
        if !value.is_empty() {
            call.parameters.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    };
    tell("Host", ask.header("host"));
    tell("bucketName", &place.bucket);
    tell("key", &place.key);
    tell("x-amz-copy-source", ask.header("x-amz-copy-source"));
    call.object = Some(place);
}

fn on_bucket(method: &str, words: &[&str]) -> (String, String) {
    let has = |word: &str| words.contains(&word);
    let both = |event: &str, action: &str| (event.to_owned(), action.to_owned());
    if let Some((_, event, action)) = OF_BUCKET.iter().find(|(word, _, _)| has(word)) {
        return match method {
            "PUT" | "POST" => (format!("Put{event}"), format!("Put{action}")),
            // Only two of them have an action of their own for taking them away.
            "DELETE" if matches!(*action, "BucketPolicy" | "BucketWebsite") => {
                (format!("Delete{event}"), format!("Delete{action}"))
            }
            "DELETE" => (format!("Delete{event}"), format!("Put{action}")),
            _ => (format!("Get{event}"), format!("Get{action}")),
        };
    }
    match method {
        "PUT" => both("CreateBucket", "CreateBucket"),
        "DELETE" => both("DeleteBucket", "DeleteBucket"),
        "HEAD" => both("HeadBucket", "ListBucket"),
        "POST" if has("delete") => both("DeleteObjects", "DeleteObject"),
        "POST" => both("PostObject", "PutObject"),
        _ if has("uploads") => both("ListMultipartUploads", "ListBucketMultipartUploads"),
        _ if has("versions") => both("ListObjectVersions", "ListBucketVersions"),
        _ if has("session") => both("CreateSession", "CreateSession"),
        _ => both("ListObjects", "ListBucket"),
    }
}

fn on_object(method: &str, words: &[&str], copies: bool) -> (String, String) {
    let has = |word: &str| words.contains(&word);
    let both = |event: &str, action: &str| (event.to_owned(), action.to_owned());
    if let Some((_, event, action)) = OF_OBJECT.iter().find(|(word, _, _)| has(word)) {
        let verb = match method {
            "PUT" | "POST" => "Put",
            "DELETE" => "Delete",
            _ => "Get",
        };
        return (format!("{verb}{event}"), format!("{verb}{action}"));
    }
    match (method, has("uploadId")) {
        ("PUT", true) if copies => both("UploadPartCopy", "PutObject"),
        ("PUT", true) => both("UploadPart", "PutObject"),
        ("PUT", false) if copies => both("CopyObject", "PutObject"),
        ("PUT", false) => both("PutObject", "PutObject"),
        ("DELETE", true) => both("AbortMultipartUpload", "AbortMultipartUpload"),
        ("DELETE", false) => both("DeleteObject", "DeleteObject"),
        ("POST", true) => both("CompleteMultipartUpload", "PutObject"),
        ("POST", false) if has("restore") => both("RestoreObject", "RestoreObject"),
        ("POST", false) if has("select") => both("SelectObjectContent", "GetObject"),
        ("POST", false) => both("CreateMultipartUpload", "PutObject"),
        ("HEAD", _) => both("HeadObject", "GetObject"),
        (_, true) => both("ListParts", "ListMultipartUploadParts"),
        (_, false) => both("GetObject", "GetObject"),
    }
}

/// Where the bucket is named: in the host (`BUCKET.s3.amazonaws.com`, `BUCKET.localhost`), else first in the path.
fn place_of(ask: &Ask) -> Place {
    let host = ask.header("host");
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let path = percent_decode_str(ask.path.trim_start_matches('/')).decode_utf8_lossy().into_owned();
    match bucket_in(host) {
        Some(bucket) => Place { bucket: bucket.to_owned(), key: path },
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
            Place { bucket: bucket.to_owned(), key: key.to_owned() }
        }
    }
}

fn bucket_in(host: &str) -> Option<&str> {
    if let Some(bucket) = host.strip_suffix(".localhost") {
        // `s3.localhost` and `s3.eu-west-1.localhost` are the service itself.
        return (bucket != "s3" && !bucket.starts_with("s3.")).then(|| bucket.split(".s3").next().unwrap_or(bucket));
    }
    let named = host.strip_suffix(".amazonaws.com")?;
    if named == "s3" || named.starts_with("s3.") || named.starts_with("s3-") {
        return None;
    }
    named.find(".s3").and_then(|at| named.get(..at))
}

//! SNS's envelope, and the text that its signature is of.

use app::model::{
    fault::{Fault, FaultKind},
    moment::Moment,
};
use base64::Engine as _;
use serde::Deserialize;

/// What sort of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// Something was published.
    #[serde(rename = "Notification")]
    Notification,
    /// Somebody subscribed this address; it asks whether that is meant.
    #[serde(rename = "SubscriptionConfirmation")]
    Subscription,
    /// The subscription was ended.
    #[serde(rename = "UnsubscribeConfirmation")]
    Unsubscription,
}

/// By which digest it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// SHA-1.
    One,
    /// SHA-256.
    Two,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    r#type: Kind,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
}

/// A message as SNS posts it. Nothing of it is to be believed before its signature was checked.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// What sort it is.
    pub kind: Kind,
    /// Its name, the same each time it is posted.
    pub message_id: String,
    /// The topic.
    pub topic_arn: String,
    /// What was published.
    pub message: String,
    /// When.
    pub timestamp: Moment,
    /// How it is signed.
    pub version: Version,
    /// The signature.
    pub signature: Vec<u8>,
    /// Where the certificate is said to be.
    pub signing_cert_url: String,
    /// The text that is signed.
    pub signed: String,
    /// By which a subscription is confirmed; else empty.
    pub token: String,
}

impl Envelope {
    /// Reads one.
    ///
    /// # Errors
    /// `Malformed`, with what was expected.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let wrong = |what: String| Fault::new(FaultKind::Malformed, format!("This is no message of SNS: {what}."));
        let raw: Raw = serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))?;
        let version = match raw.signature_version.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return Err(wrong("expected SignatureVersion 1 or 2".into())),
        };
        let usable = |id: &str| (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if !usable(&raw.message_id) {
            return Err(wrong("expected a MessageId of letters, digits and hyphens".into()));
        }
        if raw.topic_arn.split(':').count() != 6 {
            return Err(wrong("expected a TopicArn such as arn:aws:sns:us-east-1:123456789012:topic".into()));
        }
        Ok(Self {
            kind: raw.r#type,
            signed: raw.signed(),
            timestamp: Moment::parse(&raw.timestamp)
                .ok_or_else(|| wrong("expected a Timestamp such as 2026-03-01T10:02:00.000Z".into()))?,
            signature: base64::engine::general_purpose::STANDARD
                .decode(&raw.signature)
                .map_err(|_| wrong("the Signature is not base64".into()))?,
            message_id: raw.message_id,
            topic_arn: raw.topic_arn,
            message: raw.message,
            version,
            signing_cert_url: raw.signing_cert_url,
            token: raw.token.unwrap_or_default(),
        })
    }

    /// The topic's region.
    pub fn region(&self) -> &str {
        self.topic_arn.split(':').nth(3).unwrap_or_default()
    }

    /// The topic's partition: `aws`, `aws-cn`, …
    pub fn partition(&self) -> &str {
        self.topic_arn.split(':').nth(1).unwrap_or_default()
    }
}

impl Raw {
    /// Names and values, each on a line of its own, in the order of the names.
    fn signed(&self) -> String {
        let stated = |name: &'static str, value: &Option<String>| value.clone().map(|value| (name, value));
        let subscription = self.r#type != Kind::Notification;
        let fields = [
            Some(("Message", self.message.clone())),
            Some(("MessageId", self.message_id.clone())),
            stated("Subject", &self.subject).filter(|_| !subscription),
            stated("SubscribeURL", &self.subscribe_url).filter(|_| subscription),
            Some(("Timestamp", self.timestamp.clone())),
            stated("Token", &self.token).filter(|_| subscription),
            Some(("TopicArn", self.topic_arn.clone())),
        ];
        let kind = match self.r#type {
            Kind::Notification => "Notification",
            Kind::Subscription => "SubscriptionConfirmation",
            Kind::Unsubscription => "UnsubscribeConfirmation",
        };
        let fields = fields.into_iter().flatten().chain([("Type", kind.to_owned())]);
        fields.map(|(name, value)| format!("{name}\n{value}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(kind: &str) -> serde_json::Value {
        json!({"Type": kind, "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "hello",
            "Timestamp": "2026-03-01T10:02:00.000Z", "SignatureVersion": "2", "Signature": "aGk=",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem"})
    }

    #[test]
    fn what_is_signed_depends_on_the_sort() {
        let signed = |body: &serde_json::Value| Envelope::read(body.to_string().as_bytes()).unwrap().signed;
        let mut notification = body("Notification");
        assert_eq!(
            signed(&notification),
            "Message\nhello\nMessageId\nm-1\nTimestamp\n2026-03-01T10:02:00.000Z\nTopicArn\narn:aws:sns:eu-west-1:1:t\n\
             Type\nNotification\n"
        );
        notification["Subject"] = json!("a subject");
        assert!(signed(&notification).contains("MessageId\nm-1\nSubject\na subject\nTimestamp\n"));
        let mut subscription = body("SubscriptionConfirmation");
        subscription["Token"] = json!("t-1");
        subscription["SubscribeURL"] = json!("https://x");
        assert!(
            signed(&subscription)
                .contains("SubscribeURL\nhttps://x\nTimestamp\n2026-03-01T10:02:00.000Z\nToken\nt-1\n")
        );
    }

    #[test]
    fn what_is_none_is_refused_in_words() {
        for (field, value) in
            [("SignatureVersion", "3"), ("Timestamp", "now"), ("Signature", "!"), ("TopicArn", "t"), ("MessageId", "")]
        {
            let mut body = body("Notification");
            body[field] = json!(value);
            assert_eq!(Envelope::read(body.to_string().as_bytes()).unwrap_err().status(), 400, "{field}");
        }
        assert_eq!(Envelope::read(b"hello").unwrap_err().status(), 400);
    }
}

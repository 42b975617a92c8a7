//! Queues in the emulator.

use crate::aws::emulator::{ACCOUNT, Emulator};
use aviary::house::{Chance as _, SystemChance};
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::json;

/// A name that nobody else has.
pub fn unique(start: &str) -> String {
    let mut bytes = [0; 6];
    SystemChance.fill(&mut bytes);
    format!("{start}-{}", hex::encode(bytes))
}

/// A queue with its dead-letter queue.
pub struct Queue {
    pub sqs: aws_sdk_sqs::Client,
    pub url: String,
    pub arn: String,
    pub dead: String,
}

impl Queue {
    /// A new one, which puts a message aside after so many tries, and to which S3 and SNS may send.
    pub async fn new(aws: &Emulator, tries: u32) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&aws.admin().await);
        let (dead, dead_arn) = make(&sqs, &unique("dead"), &[]).await;
        let redrive = json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": tries }).to_string();
        let name = unique("queue");
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": ["s3.amazonaws.com", "sns.amazonaws.com"] }, "Action": "sqs:SendMessage",
            "Resource": format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}") }] });
        let attributes = [(Name::RedrivePolicy, redrive), (Name::Policy, policy.to_string())];
        let (url, arn) = make(&sqs, &name, &attributes).await;
        Self { sqs, url, arn, dead }
    }

    pub async fn send(&self, body: &str) {
        self.sqs.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
    }

    /// Sends many, ten at a time.
    pub async fn send_all(&self, bodies: &[String]) {
        for ten in bodies.chunks(10) {
            let entries = ten.iter().enumerate().map(|(n, body)| {
                let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder();
                entry.id(n.to_string()).message_body(body).build().unwrap()
            });
            let entries = Some(entries.collect());
            let sent = self.sqs.send_message_batch().queue_url(&self.url).set_entries(entries).send().await.unwrap();
            assert_eq!(sent.failed(), []);
        }
    }

    /// How many messages are on it, those in work included.
    pub async fn depth(&self) -> i64 {
        depth(&self.sqs, &self.url).await
    }

    /// How many were put aside.
    pub async fn dead_depth(&self) -> i64 {
        depth(&self.sqs, &self.dead).await
    }
}

async fn make(sqs: &aws_sdk_sqs::Client, name: &str, attributes: &[(Name, String)]) -> (String, String) {
    let asked = sqs.create_queue().queue_name(name).set_attributes(Some(attributes.iter().cloned().collect()));
    let url = asked.send().await.unwrap().queue_url.unwrap();
    let asked = sqs.get_queue_attributes().queue_url(&url).attribute_names(Name::QueueArn);
    let answer = asked.send().await.unwrap().attributes.unwrap();
    (url, answer[&Name::QueueArn].clone())
}

async fn depth(sqs: &aws_sdk_sqs::Client, url: &str) -> i64 {
    let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
    let asked = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
    let answer = asked.send().await.unwrap().attributes.unwrap();
    names.iter().map(|name| answer[name].parse::<i64>().unwrap()).sum()
}

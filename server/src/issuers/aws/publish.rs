//! Handing a message to a topic, a queue or an event bus, with the account's role.

use super::{Clients, code_of, words};
use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::time::Duration;

/// How long handing over may take, with a second attempt: whoever asks repeats it by a plan of their own.
const WHOLE: Duration = Duration::from_secs(15);

/// What is handed over.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// By what a repeated one is known.
    pub id: &'a str,
    /// What must stay in order, for queues and topics that keep it.
    pub group: &'a str,
    /// What sort of news.
    pub kind: &'a str,
    /// It in one line of ASCII.
    pub subject: &'a str,
    /// It as JSON.
    pub body: &'a str,
}

/// Why it was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whether trying again is pointless.
    pub never: bool,
    /// The reason, for people.
    pub text: String,
}

/// The region of an ARN.
fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

fn refusal<E, R>(action: &str, error: &SdkError<E, R>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    // A missing right or a missing queue can be mended by people; a message that is malformed stays so.
    let never = matches!(
        code_of(error),
        "InvalidParameter"
            | "InvalidParameterValue"
            | "ParameterValueInvalid"
            | "InvalidMessageContents"
            | "ValidationException"
    );
    Refusal { never, text: words(action, error).to_string() }
}

impl Clients {
    async fn brief(&self, region: &str) -> SdkConfig {
        let limits = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(WHOLE);
        let config = self.config_in(region).await.into_builder();
        config.retry_config(RetryConfig::standard().with_max_attempts(2)).timeout_config(limits.build()).build()
    }

    /// Publishes to a topic; the name that SNS gave the message.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn publish(&self, topic: &str, message: &Message<'_>) -> Result<String, Refusal> {
        let attribute = |text: &str| {
            let value = aws_sdk_sns::types::MessageAttributeValue::builder().data_type("String").string_value(text);
            value.build().map_err(|error| Refusal { never: true, text: error.to_string() })
        };
        let sns = aws_sdk_sns::Client::new(&self.brief(region_of(topic)).await);
        let mut ask = sns
            .publish()
            .topic_arn(topic)
            .subject(message.subject)
            .message(message.body)
            .message_attributes("id", attribute(message.id)?)
            .message_attributes("type", attribute(message.kind)?);
        if topic.ends_with(".fifo") {
            ask = ask.message_group_id(message.group).message_deduplication_id(message.id);
        }
        let taken = ask.send().await.map_err(|error| refusal("sns:Publish", &error))?;
        Ok(taken.message_id.unwrap_or_default())
    }

    /// Sends to a queue; the name that SQS gave the message.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn enqueue(&self, queue_url: &str, message: &Message<'_>) -> Result<String, Refusal> {
        let attribute = |text: &str| {
            let value = aws_sdk_sqs::types::MessageAttributeValue::builder().data_type("String").string_value(text);
            value.build().map_err(|error| Refusal { never: true, text: error.to_string() })
        };
        let sqs = aws_sdk_sqs::Client::new(&self.brief(self.queue_region(queue_url)).await);
        let mut ask = sqs
            .send_message()
            .queue_url(queue_url)
            .message_body(message.body)
            .message_attributes("id", attribute(message.id)?)
            .message_attributes("type", attribute(message.kind)?);
        if queue_url.ends_with(".fifo") {
            ask = ask.message_group_id(message.group).message_deduplication_id(message.id);
        }
        let taken = ask.send().await.map_err(|error| refusal("sqs:SendMessage", &error))?;
        Ok(taken.message_id.unwrap_or_default())
    }

    /// Puts an event on a bus; the name that EventBridge gave it.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn put_event(&self, bus: &str, message: &Message<'_>) -> Result<String, Refusal> {
        let events = aws_sdk_eventbridge::Client::new(&self.brief(region_of(bus)).await);
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source("aviary")
            .detail_type(format!("Aviary alert: {}", message.kind))
            .detail(message.body)
            .build();
        let taken =
            events.put_events().entries(entry).send().await.map_err(|error| refusal("events:PutEvents", &error))?;
        // The call may succeed and its one event fail.
        let entry = taken.entries().first();
        match entry.and_then(|entry| entry.error_code()) {
            Some(code) => {
                let said = entry.and_then(|entry| entry.error_message()).unwrap_or("AWS gave no reason");
                let never = matches!(code, "MalformedDetail" | "InvalidArgument");
                Err(Refusal { never, text: format!("events:PutEvents: {said} ({code})") })
            }
            None => Ok(entry.and_then(|entry| entry.event_id()).unwrap_or_default().to_owned()),
        }
    }
}

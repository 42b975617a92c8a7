//! Answers on their way out: status, headers and body, in each protocol's own form.

use super::{
    call::{Call, Protocol},
    refusal::Words,
};
use crate::house::{Chance, ChanceExt as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The names by which AWS's support finds a request again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestIds {
    /// The identifier in the answer and in the record.
    pub id: String,
    /// S3's second one.
    pub host_id: String,
}

impl RequestIds {
    /// New ones, in the form that the service gives them.
    pub fn new(call: &Call, chance: &dyn Chance) -> Self {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
        let letters = |bytes: &[u8]| -> String {
            bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect()
        };
        let id = match (call.protocol, call.service.as_str()) {
            (Protocol::S3, _) => letters(&chance.bytes::<16>()),
            (_, "dynamodb") => letters(&chance.bytes::<52>()),
            _ => new_uuid(chance),
        };
        Self { id, host_id: STANDARD.encode(chance.bytes::<56>()) }
    }
}

/// A random UUID (RFC 9562, version 4), as AWS numbers requests and events.
pub fn new_uuid(chance: &dyn Chance) -> String {
    uuid::Builder::from_random_bytes(chance.bytes()).into_uuid().to_string()
}

/// Who the caller is: the one question that the sandbox answers. `wants_json`: STS can answer in JSON too.
pub fn identity(call: &Call, ids: &RequestIds, arn: &str, user_id: &str, account: &str, wants_json: bool) -> Answer {
    let mut answer = Answer { status: 200, headers: vec![("x-amzn-requestid", ids.id.clone())], body: Vec::new() };
    let text = if wants_json {
        answer.headers.push(("content-type", "application/json".into()));
        json!({"GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {"Account": account, "Arn": arn, "UserId": user_id},
            "ResponseMetadata": {"RequestId": ids.id},
        }})
        .to_string()
    } else {
        answer.headers.push(("content-type", "text/xml".into()));
        format!(
            "<GetCallerIdentityResponse xmlns=\"{}\">\n  <GetCallerIdentityResult>\n    <Arn>{}</Arn>\n    \
             <UserId>{}</UserId>\n    <Account>{}</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n    \
             <RequestId>{}</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n",
            namespace(call),
            escape(arn),
            escape(user_id),
            escape(account),
            ids.id,
        )
    };
    answer.body = text.into_bytes();
    answer
}

/// A refusal in the protocol's form.
pub fn refused(call: &Call, ids: &RequestIds, words: &Words, wants_json: bool) -> Answer {
    let (code, message, id) = (words.code, &words.message, &ids.id);
    let mut headers = Vec::new();
    let mut header = |name, value: &str| headers.push((name, value.to_owned()));
    let body = match call.protocol {
        Protocol::Query if wants_json => {
            header("x-amzn-requestid", id);
            header("content-type", "application/json");
            json!({"Error": {"Code": code, "Message": message, "Type": "Sender"}, "RequestId": id}).to_string().into()
        }
        Protocol::Query | Protocol::RestXml => {
            header("x-amzn-requestid", id);
            header("content-type", "text/xml");
            let kind = if words.status < 500 { "Sender" } else { "Receiver" };
            format!(
                "<ErrorResponse xmlns=\"{}\">\n  <Error>\n    <Type>{kind}</Type>\n    <Code>{code}</Code>\n    \
                 <Message>{}</Message>\n  </Error>\n  <RequestId>{id}</RequestId>\n</ErrorResponse>\n",
                namespace(call),
                escape(message),
            )
            .into_bytes()
        }
        Protocol::Ec2 => {
            header("x-amzn-requestid", id);
            header("content-type", "text/xml;charset=UTF-8");
            header("server", "AmazonEC2");
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{}\
                 </Message></Error></Errors><RequestID>{id}</RequestID></Response>",
                escape(message),
            )
            .into_bytes()
        }
        Protocol::S3 => {
            header("x-amz-request-id", id);
            header("x-amz-id-2", &ids.host_id);
            header("content-type", "application/xml");
            header("server", "AmazonS3");
            let beside: String =
                words.beside.iter().map(|(name, text)| format!("<{name}>{}</{name}>", escape(text))).collect();
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{}</Message>{beside}\
                 <RequestId>{id}</RequestId><HostId>{}</HostId></Error>",
                escape(message),
                ids.host_id,
            )
            .into_bytes()
        }
        Protocol::Json(minor) => {
            header("x-amzn-requestid", id);
            header(
                "content-type",
                if minor == 0 { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" },
            );
            // Services of the first minor version say whose error it is.
            let kind = if minor == 0 { format!("com.amazon.coral.service#{code}") } else { code.to_owned() };
            // A refusal by policy has its message in upper case, all others in lower case.
            let name = if code == "AccessDeniedException" { "Message" } else { "message" };
            json!({"__type": kind, name: message}).to_string().into_bytes()
        }
        Protocol::RestJson => {
            header("x-amzn-requestid", id);
            header("x-amzn-errortype", code);
            header("content-type", "application/json");
            let name = if code == "AccessDeniedException" { "Message" } else { "message" };
            json!({ name: message }).to_string().into_bytes()
        }
        Protocol::Cbor => {
            header("x-amzn-requestid", id);
            header("smithy-protocol", "rpc-v2-cbor");
            header("content-type", "application/cbor");
            cbor_map(&[("__type", code), ("message", message)])
        }
    };
    if let Some(old) = code_before_json(call, code) {
        headers.push(("x-amzn-query-error", format!("{old};Sender")));
    }
    Answer { status: words.status, headers, body }
}

/// SQS and CloudWatch spoke the query protocol once; their clients still read the codes of then from a header.
fn code_before_json(call: &Call, code: &str) -> Option<&'static str> {
    let moved = matches!(call.protocol, Protocol::Json(_) | Protocol::Cbor)
        && matches!(call.service.as_str(), "sqs" | "monitoring");
    let old = match code {
        "AccessDeniedException" => "AccessDenied",
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "IncompleteSignatureException" => "IncompleteSignature",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        _ => return None,
    };
    moved.then_some(old)
}

/// The XML namespace of a service that answers forms.
fn namespace(call: &Call) -> String {
    let version = match (call.service.as_str(), call.version.as_str()) {
        ("sts", _) => "2011-06-15",
        ("iam", _) => "2010-05-08",
        (_, version) => version,
    };
    let scheme = if matches!(call.service.as_str(), "sts" | "iam") { "https" } else { "http" };
    let service = if call.service.is_empty() { "sts" } else { &call.service };
    format!("{scheme}://{service}.amazonaws.com/doc/{version}/")
}

/// Text for XML. What XML 1.0 cannot carry at all becomes a question mark.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            control if control.is_control() => escaped.push('?'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A map of texts in CBOR (RFC 8949): major type 5 of major type 3.
fn cbor_map(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    cbor_head(&mut bytes, 5, fields.len());
    for text in fields.iter().flat_map(|(name, value)| [name, value]) {
        cbor_head(&mut bytes, 3, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn cbor_head(bytes: &mut Vec<u8>, major: u8, length: usize) {
    let major = major << 5;
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(small), _) if small < 24 => bytes.push(major | small),
        (Ok(byte), _) => bytes.extend([major | 24, byte]),
        (_, Ok(short)) => {
            bytes.push(major | 25);
            bytes.extend(short.to_be_bytes());
        }
        _ => {
            bytes.push(major | 27);
            bytes.extend(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cbor_map_is_what_rfc_8949_says() {
        let long = "x".repeat(300);
        assert_eq!(cbor_map(&[("a", "b")]), b"\xa1\x61a\x61b");
        let bytes = cbor_map(&[("m", &long)]);
        assert_eq!(&bytes[..6], b"\xa1\x61m\x79\x01\x2c");
        assert_eq!(cbor_map(&[("m", &"y".repeat(30))])[3..5], [0x78, 30]);
    }

    #[test]
    fn xml_carries_what_an_attacker_writes() {
        assert_eq!(escape("<a href=\"x\">&\u{0}"), "&lt;a href=&quot;x&quot;&gt;&amp;?");
    }
}

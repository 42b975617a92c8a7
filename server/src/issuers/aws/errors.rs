//! What AWS refuses, in words.

use super::super::IssuerError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// The code of AWS's error: `Throttling`, `NoSuchEntity`, …; empty where no answer came.
pub fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

/// What a call was refused with, for people: it names the action, and for a missing right what to allow.
pub fn words<E, R>(action: &str, error: &SdkError<E, R>) -> IssuerError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let Some(service) = error.as_service_error() else {
        return IssuerError::Unavailable(format!(
            "{action}: AWS could not be asked: {}",
            chain(error).trim_end_matches('.')
        ));
    };
    let code = service.code().unwrap_or_default();
    let message = service.message().unwrap_or("AWS gave no reason");
    match code {
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" => {
            IssuerError::Unavailable(format!(
                "{action}: AWS asks for patience, this account makes too many calls at the moment. Try again in a few minutes"
            ))
        }
        "ConcurrentModification" => {
            IssuerError::Unavailable(format!("{action}: somebody else changes the same user at this moment. Try again"))
        }
        "LimitExceeded" | "LimitExceededException" => {
            IssuerError::Refused(format!("{action}: the account has reached a limit of AWS: {message}"))
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => IssuerError::Refused(format!(
            "{action} is not allowed to Aviary's role in this account; add it to the role's policy. AWS says: {message}"
        )),
        "InvalidClientTokenId" | "ExpiredToken" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            IssuerError::Unavailable(format!(
                "{action}: AWS does not accept the credentials that Aviary runs with ({code}): {message}"
            ))
        }
        "ServiceFailure" | "InternalFailure" | "ServiceUnavailable" | "InternalError" => {
            IssuerError::Unavailable(format!("{action}: AWS has a problem of its own at the moment ({code})"))
        }
        _ => IssuerError::Refused(format!("{action}: {message} ({code})")),
    }
}

/// An error with its causes, in one line. The SDK's own text of the outermost one says little.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if parts.iter().all(|part| !part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}

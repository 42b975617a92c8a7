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
        return IssuerError::Unavailable(unasked(action, &chain(error)));
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
        "LimitExceeded" if message.contains("AccessKeysPerUser") => IssuerError::Refused(format!(
            "{action}: the user has two access keys already, and AWS allows no third. One was made beside Aviary, which \
             deletes keys of its users that it does not know: try again"
        )),
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

/// What to say where no question reached AWS. That Aviary has no credentials at all is told by the SDK as the failure of
/// the last place where it looked, which means nothing to most people.
fn unasked(action: &str, why: &str) -> String {
    let nowhere = ["failed to load IMDS", "no providers in chain provided credentials", "CredentialsNotLoaded"];
    if nowhere.iter().any(|sign| why.contains(sign)) {
        return format!(
            "{action}: Aviary found no AWS credentials for itself. Run it under a role, or set AWS_PROFILE, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        );
    }
    format!(
        "{action}: AWS could not be asked: {}",
        why.trim_end_matches(|last: char| last == '.' || last.is_whitespace())
    )
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

#[cfg(test)]
mod tests {
    use super::unasked;

    #[test]
    fn missing_credentials_are_said_as_such() {
        let why = "dispatch failure: other: an error occurred while loading credentials: failed to load IMDS session token: \
                   service error: request forbidden: IMDS is disabled or the caller has insufficient permissions. ";
        assert!(unasked("events:ListRules", why).starts_with("events:ListRules: Aviary found no AWS credentials"));
        let refused = "an error occurred while loading credentials: service error: unhandled error (AccessDenied).\n";
        assert!(unasked("iam:GetUser", refused).ends_with("(AccessDenied)"));
    }
}

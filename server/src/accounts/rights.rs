//! How the answer to a call that tries out a right is judged.

use crate::issuers::aws::{code_of, words};
use app::model::health::{Check, Light};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Whether AWS refuses with this code whoever lacks the right.
pub(crate) fn is_denied(code: &str) -> bool {
    matches!(code, "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "AuthorizationErrorException")
}

/// How a call went that needs the right to an action. `why` completes "it is needed to …". `fine` are the codes of
/// refusals that only somebody meets who holds the right.
pub(super) fn judge<T, E, R>(action: &str, why: &str, fine: &[&str], answer: &Result<T, SdkError<E, R>>) -> Check
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let check = |light, says| Check { name: action.to_owned(), light, says };
    let Err(error) = answer else { return check(Light::Good, format!("Needed to {why}.")) };
    match code_of(error) {
        code if fine.contains(&code) => check(Light::Good, format!("Needed to {why}.")),
        code if is_denied(code) => check(Light::Bad, missing(action, why, said(error))),
        _ => check(Light::Bad, format!("{}. It is needed to {why}.", words(action, error))),
    }
}

/// What to say where AWS refuses an action for want of a right.
pub(super) fn missing(action: &str, why: &str, said: &str) -> String {
    // SQS writes its actions in small letters.
    let named = denied_action(said).filter(|named| !named.eq_ignore_ascii_case(action)).unwrap_or(action);
    format!("{named} is missing in the role's policy; it is needed to {why}. AWS says: {said}")
}

/// AWS's own words for a refusal; empty where there are none.
pub(super) fn said<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default()
}

/// `iam:CreateUser` of "User: … is not authorized to perform: iam:CreateUser on resource: …".
pub(super) fn denied_action(message: &str) -> Option<&str> {
    let after = message.split("perform: ").nth(1)?;
    let action = after.split_whitespace().next()?.trim_end_matches([',', '.']);
    action.contains(':').then_some(action)
}

#[cfg(test)]
mod tests {
    use super::{denied_action, missing};

    #[test]
    fn the_missing_action_is_read_from_the_refusal() {
        let message = "User: arn:aws:sts::111122223333:assumed-role/automation/automation is not authorized to perform: \
                       iam:TagUser on resource: arn:aws:iam::111122223333:user/service/x because no policy allows it";
        assert_eq!(denied_action(message), Some("iam:TagUser"));
        assert_eq!(denied_action("Access denied"), None);
        assert!(missing("iam:CreateUser", "x", message).starts_with("iam:TagUser is missing"));
        let small = "User: x is not authorized to perform: sqs:deletemessage on resource: y";
        assert!(missing("sqs:DeleteMessage", "x", small).starts_with("sqs:DeleteMessage is missing"));
    }
}

//! The policy of a token's user.

use app::model::account::{AccountSettings, KeyPolicy};
use serde_json::{Value, json};

/// The name of the inline policy, as an administrator would choose it.
pub const NAME: &str = "restrictions";

/// The policy document that the account's keys get.
pub fn document(settings: &AccountSettings) -> String {
    match &settings.policy {
        KeyPolicy::DenyAll => deny_all(),
        KeyPolicy::DecoyReader { bucket } => {
            let bucket = format!("arn:{}:s3:::{bucket}", settings.partition);
            // The deny leaves out what is allowed, so that a boundary or a group added by mistake cannot widen it.
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
                {"Effect": "Deny", "NotAction": "s3:ListBucket", "Resource": "*"},
                {"Effect": "Deny", "Action": "s3:ListBucket", "NotResource": bucket},
            ]})
            .to_string()
        }
        // As it was read and judged: of two fields of one name only the last counts.
        KeyPolicy::Custom { document } => {
            serde_json::from_str::<Value>(document).map_or_else(|_| deny_all(), |read| read.to_string())
        }
    }
}

fn deny_all() -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}).to_string()
}

/// What is wrong with an operator's own policy, measured against the actions that an admin allows; in sentences.
///
/// IAM knows two ways to allow: `Action`, whose every entry must be covered by the list, and `NotAction`, which allows
/// nearly everything and is refused.
pub fn faults(document: &str, allowed: &[String]) -> Vec<String> {
    let value: Value = match serde_json::from_str(document) {
        Ok(value) => value,
        Err(error) => return vec![format!("this is no JSON: {error}")],
    };
    if document.len() > 2_048 {
        return vec![format!("IAM takes at most 2048 characters for a user's policies; these are {}", document.len())];
    }
    if value.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return vec!["expected \"Version\": \"2012-10-17\"".into()];
    }
    let statements = match value.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return vec!["expected \"Statement\" with at least one statement".into()],
    };
    let mut faults = Vec::new();
    const FIELDS: [&str; 7] = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    for statement in &statements {
        for name in statement.as_object().into_iter().flat_map(|fields| fields.keys()) {
            if !FIELDS.contains(&name.as_str()) {
                faults.push(format!("a statement must not have the field {name}"));
            }
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Deny") => continue,
            Some("Allow") => {}
            _ => {
                faults.push("expected \"Effect\": \"Allow\" or \"Deny\" in every statement".to_owned());
                continue;
            }
        }
        if statement.get("NotAction").is_some() {
            faults.push("a statement that allows must not use NotAction: it would allow nearly everything".to_owned());
        }
        for action in texts(statement.get("Action")) {
            if !allowed.iter().any(|rule| covers(rule, &action)) {
                faults.push(format!("{action} is not among the allowed actions of this account"));
            }
        }
        if statement.get("Action").is_none() && statement.get("NotAction").is_none() {
            faults.push("a statement has no Action".to_owned());
        }
    }
    faults
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().map(|one| one.as_str().unwrap_or("(no text)").to_owned()).collect(),
        Some(_) => vec!["(no text)".to_owned()],
        None => Vec::new(),
    }
}

/// Whether a rule (`s3:ListBucket`, `s3:Get*`) covers an action of a policy, which may itself hold `*` and `?`. IAM
/// does not tell actions apart by case.
fn covers(rule: &str, action: &str) -> bool {
    let (rule, action) = (rule.trim().to_ascii_lowercase(), action.to_ascii_lowercase());
    match rule.strip_suffix('*') {
        // `s3:Get*` covers `s3:GetO*`, and not `s3:*`: what stands before the star must be written out.
        Some(start) => action.starts_with(start) && action.len() >= start.len(),
        None => rule == action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<String> {
        vec!["s3:ListBucket".into(), "ec2:Describe*".into()]
    }

    fn of(statement: Value) -> Vec<String> {
        faults(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(), &allowed())
    }

    #[test]
    fn what_is_on_the_list_may_be_allowed() {
        assert_eq!(
            of(json!({"Effect": "Allow", "Action": ["s3:listbucket", "ec2:DescribeI*"], "Resource": "*"})),
            [""; 0]
        );
        assert_eq!(of(json!({"Effect": "Deny", "Action": "*", "Resource": "*"})), [""; 0]);
        assert_eq!(of(json!({"Effect": "Deny", "NotAction": "s3:ListBucket", "Resource": "*"})), [""; 0]);
    }

    #[test]
    fn everything_else_is_refused_with_its_name() {
        for action in ["*", "s3:*", "ec2:*", "s3:GetObject", "ec2:D*", "?3:ListBucket", "iam:PassRole"] {
            let faults = of(json!({"Effect": "Allow", "Action": action, "Resource": "*"}));
            assert!(faults.iter().any(|fault| fault.starts_with(action)), "{action}: {faults:?}");
        }
        assert!(!of(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})).is_empty());
        assert!(!of(json!({"Effect": "Allow", "Action": [7], "Resource": "*"})).is_empty());
        assert!(!of(json!({"Effect": "Permit", "Action": "s3:ListBucket"})).is_empty());
        assert!(!of(json!({"Effect": "Allow", "Resource": "*"})).is_empty());
        assert!(!faults("{", &allowed()).is_empty());
        assert!(!faults("{\"Version\":\"2012-10-17\"}", &allowed()).is_empty());
    }

    #[test]
    fn our_own_policies_are_json() {
        for policy in [KeyPolicy::DenyAll, KeyPolicy::DecoyReader { bucket: "media-archive".into() }] {
            let settings = AccountSettings { policy, partition: "aws".into(), ..AccountSettings::default() };
            assert!(serde_json::from_str::<Value>(&document(&settings)).is_ok());
        }
    }
}

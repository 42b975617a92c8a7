//! Whom a record names: who acted, and which user or key the call was about.

use super::record::plain;
use serde_json::Value;

/// Who acted, by every name under which a token can be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// `IAMUser`, `AssumedRole`, …; empty where absent.
    pub kind: String,
    /// The key that signed; `None` where the field is absent, empty where it is.
    pub access_key_id: Option<String>,
    /// ARNs of IAM users: of the caller, and of the user who made the caller's session.
    pub arns: Vec<String>,
    /// Unique ids of IAM users (`AIDA…`), likewise.
    pub unique_ids: Vec<String>,
    /// The ARN of the caller, whatever it is, and of the role or user whose session it uses.
    pub callers: Vec<String>,
    /// The user's name and account, where a user acted and no ARN says so, as in some sign-ins.
    pub user: Option<(String, String)>,
}

/// Which user or key a changing call was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The account in which the call took place.
    pub account: String,
    /// The user's name.
    pub user_name: String,
    /// The key's id.
    pub access_key_id: String,
    /// Whether the call is AWS's answer to a key that became public.
    pub quarantine: bool,
}

/// The parts of AWS's names for the policies that it attaches to a user whose key became public: today a managed
/// policy (`AWSCompromisedKeyQuarantineV3`), formerly an inline one.
const QUARANTINE: [&str; 2] = ["AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy"];

impl Actor {
    /// Who acted.
    pub(super) fn of(record: &Value) -> Self {
        let who = record.get("userIdentity").unwrap_or(&Value::Null);
        // A session of GetFederationToken or AssumeRole says here who made it.
        let issuer = who.get("sessionContext").and_then(|context| context.get("sessionIssuer")).unwrap_or(&Value::Null);
        let kind = plain(who, "type").to_owned();
        let callers: Vec<_> =
            [who, issuer].into_iter().map(|of| usable(plain(of, "arn"))).filter(|arn| !arn.is_empty()).collect();
        let arns: Vec<_> = callers.iter().filter(|arn| is_user_arn(arn)).cloned().collect();
        // An ARN is the better name; without one, the name and the account say the same, if it was a user.
        let user = (arns.is_empty() && matches!(kind.as_str(), "IAMUser" | ""))
            .then(|| (usable(plain(who, "userName")), usable(plain(who, "accountId"))))
            .filter(|(name, account)| !name.is_empty() && !account.is_empty());
        Self {
            access_key_id: who.get("accessKeyId").and_then(Value::as_str).map(str::to_owned),
            arns,
            callers,
            unique_ids: [who, issuer].into_iter().filter_map(|of| unique_id(plain(of, "principalId"))).collect(),
            kind,
            user,
        }
    }

    /// The key that signed, if it can be looked up.
    pub fn key(&self) -> Option<&str> {
        self.access_key_id.as_deref().filter(|key| !usable(key).is_empty())
    }
}

impl Target {
    /// What an IAM call changed. Calls that only read are no matter: inventories name every user every day.
    pub(super) fn of(record: &Value) -> Option<Self> {
        let name = plain(record, "eventName");
        if plain(record, "eventSource") != "iam.amazonaws.com" || only_reads(name) {
            return None;
        }
        let parameters = record.get("requestParameters")?;
        let user_name = usable(plain(parameters, "userName"));
        let access_key_id = usable(plain(parameters, "accessKeyId"));
        if user_name.is_empty() && access_key_id.is_empty() {
            return None;
        }
        let policy = format!("{} {}", plain(parameters, "policyArn"), plain(parameters, "policyName"));
        let account =
            [plain(record, "recipientAccountId"), record.get("userIdentity").map_or("", |who| plain(who, "accountId"))]
                .into_iter()
                .map(usable)
                .find(|account| !account.is_empty())
                .unwrap_or_default();
        Some(Self {
            account,
            user_name,
            access_key_id,
            quarantine: matches!(name, "AttachUserPolicy" | "PutUserPolicy")
                && QUARANTINE.iter().any(|part| policy.contains(part)),
        })
    }
}

/// Whether an IAM call of this name only reads, by the verbs that IAM uses.
fn only_reads(event_name: &str) -> bool {
    ["Get", "List", "Simulate", "Generate"].iter().any(|verb| event_name.starts_with(verb))
}

/// Whether an ARN names an IAM user: `arn:aws:iam::123456789012:user/path/name`, in any partition.
pub fn is_user_arn(arn: &str) -> bool {
    arn.starts_with("arn:") && arn.contains(":user/") && !usable(arn).is_empty()
}

/// `AIDA…` of a principal id, which for a session is `AIDA…:SESSION`. That of a federated user is `ACCOUNT:NAME` and
/// names nobody.
fn unique_id(principal_id: &str) -> Option<String> {
    let id = principal_id.split(':').next().unwrap_or_default();
    (id.starts_with("AIDA") && !usable(id).is_empty()).then(|| id.to_owned())
}

/// A name that can be looked up, or nothing: control characters are in no name of AWS, and PostgreSQL refuses some.
fn usable(name: &str) -> String {
    if name.len() > 2_048 || name.chars().any(char::is_control) { String::new() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_federated_session_names_the_user_who_made_it() {
        let actor = Actor::of(&json!({"userIdentity": {
            "type": "FederatedUser", "principalId": "111122223333:anyone", "accessKeyId": "ASIAEXAMPLE",
            "arn": "arn:aws:sts::111122223333:federated-user/anyone",
            "sessionContext": {"sessionIssuer": {"type": "IAMUser", "principalId": "AIDAEXAMPLE",
                "arn": "arn:aws:iam::111122223333:user/ci/deploy", "userName": "deploy"}},
        }}));
        assert_eq!(actor.arns, ["arn:aws:iam::111122223333:user/ci/deploy"]);
        assert_eq!(actor.unique_ids, ["AIDAEXAMPLE"]);
        assert_eq!(actor.user, None);
    }

    #[test]
    fn a_sign_in_without_an_arn_is_known_by_name_and_account() {
        let actor = Actor::of(&json!({"userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333", "accessKeyId": "", "userName": "deploy",
        }}));
        assert_eq!(actor.user, Some(("deploy".into(), "111122223333".into())));
        assert_eq!((actor.key(), actor.access_key_id.as_deref()), (None, Some("")));
    }

    #[test]
    fn only_changes_in_iam_have_a_target() {
        let call = |source: &str, name: &str| {
            Target::of(&json!({"eventSource": source, "eventName": name, "recipientAccountId": "111122223333",
                "requestParameters": {"userName": "deploy", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"}}))
        };
        assert!(call("iam.amazonaws.com", "AttachUserPolicy").is_some_and(|target| target.quarantine));
        assert!(call("iam.amazonaws.com", "DetachUserPolicy").is_some_and(|target| !target.quarantine));
        assert_eq!(call("iam.amazonaws.com", "ListAccessKeys"), None);
        assert_eq!(call("cognito-idp.amazonaws.com", "AdminDeleteUser"), None);
        let bare = json!({"eventSource": "iam.amazonaws.com", "eventName": "DeleteUser", "requestParameters": "…"});
        assert_eq!(Target::of(&bare), None);
    }

    #[test]
    fn names_that_no_database_takes_are_not_looked_up() {
        let actor =
            Actor::of(&json!({"userIdentity": {"type": "IAMUser", "accessKeyId": "AKIA\u{0}", "userName": "a\u{0}",
            "accountId": "1", "arn": "arn:aws:iam::1:user/\u{7}", "principalId": "AIDA\u{1b}"}}));
        assert_eq!((actor.key(), actor.user.as_ref(), actor.arns.len(), actor.unique_ids.len()), (None, None, 0, 0));
    }
}

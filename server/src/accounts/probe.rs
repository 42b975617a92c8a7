//! The test of an account: the life of a user, from its making to its end, with each right that this needs.

use super::{hearing, queues, rights, rules, trails, users};
use crate::{
    house::{Chance, ChanceExt as _, House},
    issuers::{
        Issuer as _, Whose,
        aws::{AwsIssuer, REF_TAG, code_of, policy, words},
    },
    store,
    tokens::names,
};
use app::model::{
    account::AccountStatus,
    fault::Fault,
    health::{Check, Light},
    ids::TokenId,
};
use aws_sdk_iam::types::{StatusType, Tag};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// How often another name is tried when one is taken.
const NAMES: u32 = 8;

/// What a test found.
#[derive(Default)]
pub(super) struct Found {
    /// As whom Aviary acts; empty where AWS did not say.
    pub caller_arn: String,
    /// IAM users, and how many there may be.
    pub users: Option<(i64, i64)>,
    /// One per right.
    pub checks: Vec<Check>,
}

impl Found {
    fn add(&mut self, name: &str, light: Light, says: impl Into<String>) {
        self.checks.push(Check { name: name.to_owned(), light, says: says.into() });
    }

    /// Notes how a call went. `why` completes "it is needed to …". AWS looks at rights before it looks whether the thing
    /// is there: that something is not there says that the call is allowed.
    fn take<T, E, R>(&mut self, action: &str, why: &str, answer: Result<T, SdkError<E, R>>) -> Option<T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        // A report takes a while; asking for it was allowed.
        const FINE: [&str; 5] =
            ["NoSuchEntity", "AccessKeyLastUsedNotFound", "ReportNotPresent", "ReportInProgress", "ReportExpired"];
        self.checks.push(rights::judge(action, why, &FINE, &answer));
        answer.ok()
    }
}

/// What AWS said, out of the SDK's account of how it could not get credentials: `… message: "User: …", …`.
fn refusal_within(text: &str) -> Option<&str> {
    let said = text.split("message: \"").nth(1)?.split("\",").next()?;
    (!said.is_empty()).then_some(said.trim_end_matches('.'))
}

/// Tests an account, of which `known` was written down before.
pub(super) async fn probe(house: &House, issuer: &AwsIssuer, known: &AccountStatus) -> Found {
    let mut found = Found::default();
    if !knows_itself(issuer, &mut found).await {
        return found;
    }
    count(issuer, &mut found).await;
    hear(house, issuer, known, &mut found).await;
    let id = TokenId(house.new_id());
    let name = match born(house, issuer, &id, &mut found).await {
        Ok(name) => name,
        Err(fault) => {
            found.add("Test", Light::Bad, fault.message);
            return found;
        }
    };
    live(issuer, &name, &mut found).await;
    // As after a mint that failed: what is left is deleted, and if that fails, the sweep goes on.
    match issuer.delete(&name, &Whose::Minting(id.clone())).await {
        Ok(_) => drop(end(house, &id).await),
        Err(error) => found.add(
            "Clean-up",
            Light::Bad,
            format!("The test's user {name} could not be deleted yet, Aviary tries again: {error}"),
        ),
    }
    found
}

/// Makes the test's user, under a name that nobody else has; its name. Where it cannot be made, a name that nobody can
/// have: the calls that follow must never meet a user of somebody else.
async fn born(house: &House, issuer: &AwsIssuer, id: &TokenId, found: &mut Found) -> Result<String, Fault> {
    const WHY: &str = "make a token's user, with its path and tags (iam:TagUser)";
    let iam = issuer.clients().iam().await;
    let tags = issuer.settings().tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
    let tags: Vec<Tag> = tags
        .chain([(REF_TAG, id.as_str())])
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect();
    let path = &issuer.settings().path;
    let mut name = String::new();
    for _ in 0..NAMES {
        name = names::choose(&issuer.naming(), "", &*house.chance as &dyn Chance);
        begin(house, id, issuer.id(), &name).await?;
        let made = iam.create_user().user_name(&name).path(path).set_tags(Some(tags.clone())).send().await;
        if made.as_ref().err().map(code_of) != Some("EntityAlreadyExists") {
            if found.take("iam:CreateUser", WHY, made).is_some() {
                return Ok(name);
            }
            break;
        }
        // It is somebody else's, or our own, made by a call whose answer got lost: by its tag the two are told apart.
        drop(issuer.delete(&name, &Whose::Minting(id.clone())).await);
        end(house, id).await?;
    }
    end(house, id).await?;
    if !found.checks.iter().any(|check| check.name == "iam:CreateUser") {
        let says = format!("Every name that was tried, such as {name}, is taken. Let the templates give more names.");
        found.add("iam:CreateUser", Light::Bad, says);
    }
    let nobody: String = house.chance.code().chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    begin(house, id, issuer.id(), &nobody).await?;
    Ok(nobody)
}

async fn begin(house: &House, id: &TokenId, account: &str, name: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    store::tokens::begin_mint(&mut tx, id, account, name, house.now()).await?;
    Ok(tx.commit().await?)
}

async fn end(house: &House, id: &TokenId) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    store::tokens::end_mint(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

async fn knows_itself(issuer: &AwsIssuer, found: &mut Found) -> bool {
    let answer = issuer.clients().sts().await.get_caller_identity().send().await;
    let identity = match answer {
        Ok(identity) => identity,
        Err(error) => {
            let role = issuer.settings().role_arn.as_str();
            let says = match role {
                "" => format!(
                    "{}. Give Aviary credentials, or name a role to assume.",
                    words("sts:GetCallerIdentity", &error)
                ),
                role => {
                    let why = words("sts:AssumeRole", &error).to_string();
                    let why =
                        refusal_within(&why).map_or(why.clone(), |said| format!("AWS refuses sts:AssumeRole: {said}"));
                    format!(
                        "{why}. Can {role} be assumed by the credentials that Aviary runs with, and is the external id right?"
                    )
                }
            };
            found.add("Sign-in", Light::Bad, says);
            return false;
        }
    };
    let (account, arn) = (identity.account().unwrap_or_default(), identity.arn().unwrap_or_default());
    arn.clone_into(&mut found.caller_arn);
    issuer.clients().learn_caller(arn);
    if account != issuer.id() {
        let says =
            format!("These credentials belong to the account {account}, not to {}. AWS calls them {arn}.", issuer.id());
        found.add("Sign-in", Light::Bad, says);
        return false;
    }
    found.add("Sign-in", Light::Good, format!("Aviary acts as {arn}."));
    true
}

async fn count(issuer: &AwsIssuer, found: &mut Found) {
    let answer = users::ask(issuer).await;
    let summary = found.take("iam:GetAccountSummary", "see how many users still fit", answer);
    found.users = summary.as_ref().and_then(users::read);
}

/// What hearing of a use needs: to see trail and rules, to work on the queues, and to read log files.
async fn hear(house: &House, issuer: &AwsIssuer, known: &AccountStatus, found: &mut Found) {
    let trails = trails::describe(issuer).await;
    let trails = found.take("cloudtrail:DescribeTrails", "find the trail, and the bucket of its log files", trails);
    let trails = trails.unwrap_or_default();
    found.checks.extend(rules::rights(issuer).await);
    found.checks.extend(queues::rights(house, issuer, known).await);
    found.checks.extend(hearing::of_files(issuer, &trails).await);
}

/// The life of a user. Where it cannot be made, the other calls name one who is not there.
async fn live(issuer: &AwsIssuer, name: &str, found: &mut Found) {
    let iam = issuer.clients().iam().await;
    let answer = iam.get_user().user_name(name).send().await;
    found.take("iam:GetUser", "be sure whose a user is before it is deleted", answer);
    let document = policy::document(issuer.settings());
    let answer = iam.put_user_policy().user_name(name).policy_name(policy::NAME).policy_document(document).send().await;
    found.take("iam:PutUserPolicy", "forbid a token's user everything", answer);
    let answer = iam.create_access_key().user_name(name).send().await;
    let key = found.take("iam:CreateAccessKey", "make a token's key", answer);
    let key = key.as_ref().and_then(|made| made.access_key()).map_or("AKIAIOSFODNN7EXAMPLE", |key| key.access_key_id());
    let answer = iam.list_access_keys().user_name(name).send().await;
    found.take("iam:ListAccessKeys", "leave no key behind that Aviary does not know", answer);
    if issuer.settings().last_used {
        let answer = iam.get_access_key_last_used().access_key_id(key).send().await;
        found.take("iam:GetAccessKeyLastUsed", "notice a use that no trail logs", answer);
        let answer = iam.generate_credential_report().send().await;
        found.take("iam:GenerateCredentialReport", "notice such a use where there are more than 500 tokens", answer);
        let answer = iam.get_credential_report().send().await;
        found.take("iam:GetCredentialReport", "read that report", answer);
    }
    let inactive = StatusType::Inactive;
    let answer = iam.update_access_key().user_name(name).access_key_id(key).status(inactive).send().await;
    found.take("iam:UpdateAccessKey", "disable a key", answer);
    let answer = iam.delete_access_key().user_name(name).access_key_id(key).send().await;
    found.take("iam:DeleteAccessKey", "revoke a token", answer);
    let answer = iam.list_user_policies().user_name(name).send().await;
    found.take("iam:ListUserPolicies", "revoke a token", answer);
    let answer = iam.delete_user_policy().user_name(name).policy_name(policy::NAME).send().await;
    found.take("iam:DeleteUserPolicy", "revoke a token", answer);
    let answer = iam.list_attached_user_policies().user_name(name).send().await;
    found.take("iam:ListAttachedUserPolicies", "revoke a token that AWS has put under quarantine", answer);
    let quarantine = format!("arn:{}:iam::aws:policy/AWSCompromisedKeyQuarantineV3", issuer.settings().partition);
    let answer = iam.detach_user_policy().user_name(name).policy_arn(quarantine).send().await;
    found.take("iam:DetachUserPolicy", "revoke a token that AWS has put under quarantine", answer);
    let answer = iam.delete_user().user_name(name).send().await;
    found.take("iam:DeleteUser", "revoke a token", answer);
}

#[cfg(test)]
mod tests {
    use super::refusal_within;

    #[test]
    fn what_aws_said_is_found_in_what_the_sdk_says() {
        let text = "sts:AssumeRole: AWS could not be asked: dispatch failure: other: an error occurred while loading \
                    credentials: service error: unhandled error (AccessDenied): Error { code: \"AccessDenied\", message: \
                    \"User: x is not authorized to perform: sts:AssumeRole\", aws_request_id: \"1\" }";
        assert_eq!(refusal_within(text), Some("User: x is not authorized to perform: sts:AssumeRole"));
        assert_eq!(refusal_within("dispatch failure: timeout"), None);
    }
}

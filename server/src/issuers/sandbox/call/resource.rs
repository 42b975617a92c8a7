//! What a refusal names as the thing that was refused. Each service has its own way; some name nothing.

use super::Call;
use serde_json::Value;

/// The resource's name in the refusal.
pub fn of(call: &Call, account: &str, own_arn: &str) -> Option<String> {
    let region = &call.region;
    let given = |name: &str| call.parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{region}:{account}:{rest}");
    // A parameter may be a name or an ARN already.
    let named = |service: &str, kind: &str, name: &str| {
        if name.starts_with("arn:") { name.to_owned() } else { arn(service, &format!("{kind}{name}")) }
    };
    match call.service.as_str() {
        "ec2" => None,
        "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => {
            let place = call.object.as_ref().filter(|place| !place.bucket.is_empty())?;
            let slash = if place.key.is_empty() { "" } else { "/" };
            Some(format!("\"arn:aws:s3:::{}{slash}{}\"", place.bucket, place.key))
        }
        "iam" => Some(of_iam(&call.action, account, own_arn, &given)),
        "sts" => given("roleArn")
            .map(str::to_owned)
            .or_else(|| given("name").map(|name| format!("arn:aws:sts::{account}:federated-user/{name}")))
            .or_else(|| (call.action == "GetSessionToken").then(|| own_arn.to_owned())),
        // An operation on all secrets names nothing; one secret is named as the caller did.
        "secretsmanager" => given("secretId").or_else(|| given("name")).map(str::to_owned),
        "dynamodb" => match given("tableName") {
            Some(name) => Some(named("dynamodb", "table/", name)),
            None if call.action == "ListTables" => Some(arn("dynamodb", "table/*")),
            None => Some("*".to_owned()),
        },
        "lambda" => Some(match given("functionName") {
            Some(name) => named("lambda", "function:", name),
            None => "*".to_owned(),
        }),
        "kms" => match given("keyId") {
            Some(name) if name.starts_with("alias/") => Some(named("kms", "", name)),
            Some(name) => Some(named("kms", "key/", name)),
            None => None,
        },
        "sqs" => Some(match given("queueUrl").and_then(|url| url.rsplit('/').next()).or_else(|| given("queueName")) {
            Some(name) => named("sqs", "", name),
            None => arn("sqs", ""),
        }),
        "sns" => Some(given("topicArn").map(str::to_owned).unwrap_or_else(|| arn("sns", "*"))),
        "ssm" => Some(match given("name").or_else(|| given("path")) {
            Some(name) => named("ssm", "parameter/", name.trim_start_matches('/')),
            None => arn("ssm", "*"),
        }),
        "logs" => Some(match given("logGroupName") {
            Some(name) => arn("logs", &format!("log-group:{name}:log-stream:*")),
            None => arn("logs", "log-group::log-stream:*"),
        }),
        _ => Some("*".to_owned()),
    }
}

/// IAM names what is there by its ARN, what is not by kind and name, and a list by the place where it would be.
fn of_iam<'a>(action: &str, account: &str, own_arn: &str, given: &dyn Fn(&str) -> Option<&'a str>) -> String {
    for (parameter, kind) in [
        ("policyArn", ""),
        ("userName", "user"),
        ("roleName", "role"),
        ("groupName", "group"),
        ("policyName", "policy"),
    ] {
        match given(parameter) {
            Some(arn) if kind.is_empty() && action != "AttachUserPolicy" => return arn.to_owned(),
            Some(name) if kind == "user" && own_arn.rsplit('/').next() == Some(name) => return own_arn.to_owned(),
            Some(name) if kind == "user" && action == "CreateUser" => {
                return format!("arn:aws:iam::{account}:user/{name}");
            }
            Some(name) if !kind.is_empty() => return format!("{kind} {name}"),
            _ => {}
        }
    }
    let place = match action {
        "ListUsers" => "user/",
        "ListRoles" => "role/",
        "ListGroups" => "group/",
        "ListPolicies" => "policy/",
        "ListInstanceProfiles" => "instance-profile/",
        // Without a user's name these mean the caller.
        "GetUser"
        | "ListAccessKeys"
        | "CreateAccessKey"
        | "ListUserPolicies"
        | "ListAttachedUserPolicies"
        | "ListGroupsForUser"
        | "ListMFADevices"
        | "ChangePassword"
        | "UpdateAccessKey"
        | "DeleteAccessKey" => {
            return own_arn.to_owned();
        }
        _ => return "*".to_owned(),
    };
    format!("arn:aws:iam::{account}:{place}")
}

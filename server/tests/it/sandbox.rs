//! The sandbox as real AWS clients see it: the Rust SDK and, where it is there, the `aws` command.

use crate::{
    house::{Caller, TestHouse},
    skipped::skipped,
};
use app::model::{
    hit::{Hit, HitQuery, Source},
    ids::TokenId,
    moment::MINUTE,
    viewer::Viewer,
};
use aviary::hits;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Output};

/// A minted token's key.
struct Key {
    token: TokenId,
    id: String,
    secret: String,
    arn: String,
}

impl Key {
    async fn minted(house: &TestHouse) -> Self {
        let token = house.mint("vault").await;
        let text = |name: &str| token[name].as_str().unwrap().to_owned();
        Self {
            token: TokenId(text("id")),
            id: text("access_key_id"),
            secret: text("secret_access_key"),
            arn: text("arn"),
        }
    }

    /// The hits, the latest first.
    async fn hits(&self, house: &TestHouse) -> Vec<Hit> {
        let query = HitQuery { limit: 100, ..HitQuery::default() };
        hits::of_token(&house.house, &Viewer::system("test"), &self.token, query).await.unwrap().items
    }
}

/// The `aws` command with this key; `None`, and a line that says so, where it is not installed.
fn aws_command(test: &str) -> Option<PathBuf> {
    let found = std::env::var("AVIARY_TEST_VENV").ok().map(|venv| PathBuf::from(venv).join("bin/aws"));
    let found = found.filter(|command| command.exists());
    if found.is_none() {
        skipped(&format!("{test} needs the aws command; AVIARY_TEST_VENV names a Python venv that has it"));
    }
    found
}

async fn aws(house: &TestHouse, id: &str, secret: &str, arguments: &str) -> Output {
    let command = aws_command("aws").unwrap();
    let mut call = std::process::Command::new(command);
    call.args(["--endpoint-url", &house.sandbox])
        .args(arguments.split(' '))
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("HOME", house.folder.path())
        .env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1");
    tokio::task::spawn_blocking(move || call.output().unwrap()).await.unwrap()
}

/// What the command said of its failure.
async fn refusal(house: &TestHouse, id: &str, secret: &str, arguments: &str) -> String {
    let output = aws(house, id, secret, arguments).await;
    assert!(!output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

#[tokio::test]
async fn the_command_line_learns_whose_key_it_is_and_the_hit_is_there() {
    if aws_command("the caller's identity").is_none() {
        return;
    }
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    let output = aws(&house, &key.id, &key.secret, "sts get-caller-identity").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let account = key.arn.split(':').nth(4).unwrap();
    assert_eq!(answer["Arn"], key.arn.as_str());
    assert_eq!(answer["Account"], account);
    assert_eq!(app::model::key::account_of(&key.id).as_deref(), Some(account), "the key says its account itself");

    let hits = key.hits(&house).await;
    let [hit] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!(hit.event_name, "GetCallerIdentity");
    assert_eq!(hit.event_source, "sts.amazonaws.com");
    assert_eq!(hit.aws_region, "eu-central-1");
    assert_eq!(hit.source_ip, "127.0.0.1");
    assert!(hit.user_agent.starts_with("aws-cli/"), "{}", hit.user_agent);
    assert_eq!(hit.error_code, None);
    assert_eq!(hit.sources[0].source, Source::Sandbox);
    let record = &hit.record;
    assert_eq!(record["eventVersion"], "1.11");
    assert_eq!(
        record["userIdentity"],
        json!({
            "type": "IAMUser",
            "principalId": answer["UserId"],
            "arn": key.arn,
            "accountId": account,
            "accessKeyId": key.id,
            "userName": key.arn.rsplit('/').next().unwrap(),
        })
    );
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record["readOnly"], true);
}

/// What is asked, the whole error that the command prints (`ARN` and `ACCOUNT` stand for the key's), the event's
/// source and name, and the error in the record.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (
        "iam list-users",
        "An error occurred (AccessDenied) when calling the ListUsers operation: User: ARN is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::ACCOUNT:user/ with an explicit deny in an identity-based policy",
        "iam.amazonaws.com ListUsers",
        "AccessDenied",
    ),
    (
        "s3 ls",
        "An error occurred (AccessDenied) when calling the ListBuckets operation: User: ARN is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy",
        "s3.amazonaws.com ListBuckets",
        "AccessDenied",
    ),
    (
        "s3 ls s3://payroll/2026/",
        "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: User: ARN is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::payroll\" with an explicit deny in an identity-based policy",
        "s3.amazonaws.com ListObjects",
        "AccessDenied",
    ),
    (
        "s3api get-object --bucket payroll --key a/b%20c+d~.txt /dev/null",
        "An error occurred (AccessDenied) when calling the GetObject operation: User: ARN is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::payroll/a/b%20c+d~.txt\" with an explicit deny in an identity-based policy",
        "s3.amazonaws.com GetObject",
        "AccessDenied",
    ),
    (
        "s3api put-object --bucket payroll --key k --body /etc/hostname",
        "An error occurred (AccessDenied) when calling the PutObject operation: User: ARN is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::payroll/k\" with an explicit deny in an identity-based policy",
        "s3.amazonaws.com PutObject",
        "AccessDenied",
    ),
    (
        "s3api head-object --bucket payroll --key k",
        "An error occurred (403) when calling the HeadObject operation: Forbidden",
        "s3.amazonaws.com HeadObject",
        "AccessDenied",
    ),
    (
        "ec2 describe-instances",
        "An error occurred (UnauthorizedOperation) when calling the DescribeInstances operation: You are not authorized to perform this operation. User: ARN is not authorized to perform: ec2:DescribeInstances with an explicit deny in an identity-based policy",
        "ec2.amazonaws.com DescribeInstances",
        "Client.UnauthorizedOperation",
    ),
    (
        "dynamodb list-tables",
        "An error occurred (AccessDeniedException) when calling the ListTables operation: User: ARN is not authorized to perform: dynamodb:ListTables on resource: arn:aws:dynamodb:eu-central-1:ACCOUNT:table/* with an explicit deny in an identity-based policy",
        "dynamodb.amazonaws.com ListTables",
        "AccessDenied",
    ),
    (
        "secretsmanager list-secrets",
        "An error occurred (AccessDeniedException) when calling the ListSecrets operation: User: ARN is not authorized to perform: secretsmanager:ListSecrets with an explicit deny in an identity-based policy",
        "secretsmanager.amazonaws.com ListSecrets",
        "AccessDenied",
    ),
    (
        "lambda list-functions",
        "An error occurred (AccessDeniedException) when calling the ListFunctions operation: User: ARN is not authorized to perform: lambda:ListFunctions on resource: * with an explicit deny in an identity-based policy",
        "lambda.amazonaws.com ListFunctions20150331",
        "AccessDenied",
    ),
    (
        "lambda list-tags --resource arn:aws:lambda:eu-central-1:123456789012:function:x",
        "An error occurred (AccessDeniedException) when calling the ListTags operation: User: ARN is not authorized to perform: lambda:ListTags on resource: * with an explicit deny in an identity-based policy",
        "lambda.amazonaws.com ListTags20170331",
        "AccessDenied",
    ),
    (
        "sqs list-queues",
        "An error occurred (AccessDenied) when calling the ListQueues operation: User: ARN is not authorized to perform: sqs:ListQueues on resource: arn:aws:sqs:eu-central-1:ACCOUNT: with an explicit deny in an identity-based policy",
        "sqs.amazonaws.com ListQueues",
        "AccessDenied",
    ),
    (
        "cloudwatch list-metrics",
        "An error occurred (AccessDenied) when calling the ListMetrics operation: User: ARN is not authorized to perform: cloudwatch:ListMetrics on resource: * with an explicit deny in an identity-based policy",
        "monitoring.amazonaws.com ListMetrics",
        "AccessDenied",
    ),
    (
        "route53 list-hosted-zones",
        "An error occurred (AccessDenied) when calling the ListHostedZones operation: User: ARN is not authorized to perform: route53:ListHostedZones on resource: * with an explicit deny in an identity-based policy",
        "route53.amazonaws.com ListHostedZones",
        "AccessDenied",
    ),
];

#[tokio::test]
async fn everything_else_is_refused_in_the_services_own_words_and_recorded() {
    if aws_command("refusals").is_none() {
        return;
    }
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    let account = key.arn.split(':').nth(4).unwrap();
    for (arguments, expected, event, code) in REFUSED {
        let said = refusal(&house, &key.id, &key.secret, arguments).await;
        let expected = expected.replace("ARN", &key.arn).replace("ACCOUNT", account);
        // Newer commands add a line of help above or below.
        assert!(said.contains(&expected), "{arguments}\n  said:     {said}\n  expected: {expected}");
        let hits = key.hits(&house).await;
        let found = hits.iter().find(|hit| format!("{} {}", hit.event_source, hit.event_name) == *event);
        let hit = found.unwrap_or_else(|| panic!("{arguments}: no hit {event} in {hits:#?}"));
        assert_eq!(hit.error_code.as_deref(), Some(*code), "{arguments}");
    }
    let hits = key.hits(&house).await;
    assert_eq!(hits.len(), REFUSED.len(), "each call is one hit");
    let listed = hits.iter().find(|hit| hit.event_name == "ListObjects").unwrap();
    assert_eq!(listed.record["requestParameters"]["bucketName"], "payroll");
    assert_eq!(listed.record["requestParameters"]["prefix"], "2026/");
}

#[tokio::test]
async fn a_signature_that_does_not_hold_is_refused_and_leaves_no_record() {
    if aws_command("signatures").is_none() {
        return;
    }
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    let wrong = "w".repeat(40);
    for (arguments, expected) in [
        (
            "sts get-caller-identity",
            "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated does not match the signature you provided.",
        ),
        ("iam list-users", "(SignatureDoesNotMatch)"),
        (
            "s3 ls",
            "(SignatureDoesNotMatch) when calling the ListBuckets operation: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ),
        (
            "ec2 describe-instances",
            "(AuthFailure) when calling the DescribeInstances operation: AWS was not able to validate the provided access credentials",
        ),
        ("dynamodb list-tables", "(InvalidSignatureException)"),
        ("lambda list-functions", "(InvalidSignatureException)"),
    ] {
        let said = refusal(&house, &key.id, &wrong, arguments).await;
        assert!(said.contains(expected), "wrong secret, {arguments}: {said}");
    }
    let unknown = [
        (
            "sts get-caller-identity",
            "(InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.",
        ),
        (
            "s3 ls",
            "(InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records.",
        ),
        ("ec2 describe-instances", "(AuthFailure)"),
        (
            "secretsmanager list-secrets",
            "(UnrecognizedClientException) when calling the ListSecrets operation: The security token included in the request is invalid.",
        ),
        ("lambda list-functions", "(UnrecognizedClientException)"),
        ("sqs list-queues", "(InvalidClientTokenId)"),
    ];
    for (arguments, expected) in unknown {
        let said = refusal(&house, "AKIAQWERTYUIOPASDFGH", &key.secret, arguments).await;
        assert!(said.contains(expected), "unknown key, {arguments}: {said}");
    }
    assert!(key.hits(&house).await.is_empty());

    // A key that is switched off looks like one that never was.
    let off = house.api().json(Method::PATCH, &format!("/tokens/{}", key.token), &json!({"key_active": false})).await;
    assert_eq!(off.status, StatusCode::OK, "{}", off.text);
    for (arguments, expected) in unknown {
        let said = refusal(&house, &key.id, &key.secret, arguments).await;
        assert!(said.contains(expected), "disabled key, {arguments}: {said}");
    }
    assert!(key.hits(&house).await.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_so() {
    if aws_command("clocks").is_none() {
        return;
    }
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    house.clock.advance(20 * MINUTE);
    for (arguments, expected) in [
        (
            "sts get-caller-identity",
            "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: ",
        ),
        ("iam list-users", " is now earlier than "),
        (
            "s3 ls",
            "(RequestTimeTooSkewed) when calling the ListBuckets operation: The difference between the request time and the current time is too large.",
        ),
        (
            "ec2 describe-instances",
            "(RequestExpired) when calling the DescribeInstances operation: Request has expired.",
        ),
        (
            "dynamodb list-tables",
            "(InvalidSignatureException) when calling the ListTables operation: Signature expired: ",
        ),
    ] {
        let said = refusal(&house, &key.id, &key.secret, arguments).await;
        assert!(said.contains(expected), "{arguments}: {said}");
    }
    house.clock.advance(-40 * MINUTE);
    let said = refusal(&house, &key.id, &key.secret, "sts get-caller-identity").await;
    assert!(said.contains("Signature not yet current: "), "{said}");
    assert!(key.hits(&house).await.is_empty());
}

#[tokio::test]
async fn a_presigned_address_is_a_use_until_it_lapses() {
    if aws_command("presigned addresses").is_none() {
        return;
    }
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    let output = aws(&house, &key.id, &key.secret, "s3 presign s3://payroll/a+b.csv --expires-in 60").await;
    let address = String::from_utf8(output.stdout).unwrap();
    let target = address.trim().strip_prefix(&house.sandbox).unwrap().to_owned();

    let anyone = Caller::at(&house.sandbox);
    let answer = anyone.get(&target).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.text.contains("<Code>AccessDenied</Code>") && answer.text.contains("s3:GetObject"),
        "{}",
        answer.text
    );
    assert!(!answer.header("x-amz-request-id").is_empty() && !answer.header("x-amz-id-2").is_empty());
    let hits = key.hits(&house).await;
    assert_eq!(hits.len(), 1);
    assert!(!hits[0].record.to_string().contains("X-Amz-Signature"), "{}", hits[0].record);

    house.clock.advance(2 * MINUTE);
    let answer = anyone.get(&target).await;
    assert!(answer.text.contains("<Message>Request has expired</Message>"), "{}", answer.text);
    assert_eq!(key.hits(&house).await.len(), 1);
}

#[tokio::test]
async fn the_rust_sdk_hears_the_same() {
    let house = TestHouse::start().await;
    let key = Key::minted(&house).await;
    let provider =
        aws_smithy_http_client::tls::Provider::Rustls(aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring);
    let sdk = |id: &str, secret: &str| {
        aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().tls_provider(provider.clone()).build_https())
            .region(aws_config::Region::new("eu-central-1"))
            .endpoint_url(&house.sandbox)
            .credentials_provider(aws_credential_types::Credentials::new(id, secret, None, None, "test"))
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .load()
    };
    let config = sdk(&key.id, &key.secret).await;
    let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some(key.arn.as_str()));

    let refused = aws_sdk_iam::Client::new(&config).get_user().user_name("eve").send().await.unwrap_err();
    let error = refused.into_service_error();
    assert_eq!(error.meta().code(), Some("AccessDenied"));
    assert!(error.meta().message().unwrap().contains("iam:GetUser on resource: user eve"), "{error:?}");
    let hits = key.hits(&house).await;
    assert_eq!(hits.len(), 2);
    let asked = hits.iter().find(|hit| hit.event_name == "GetUser").unwrap();
    assert_eq!(asked.record["requestParameters"], json!({"userName": "eve"}));
    assert_eq!(asked.record["eventCategory"], "Management");

    let config = sdk(&key.id, "wrong").await;
    let refused = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap_err();
    assert_eq!(refused.into_service_error().meta().code(), Some("SignatureDoesNotMatch"));
    let config = sdk("AKIAQWERTYUIOPASDFGH", &key.secret).await;
    let refused = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap_err();
    assert_eq!(refused.into_service_error().meta().code(), Some("InvalidClientTokenId"));
}

#[tokio::test]
async fn who_does_not_sign_is_told_so_in_the_services_form() {
    let house = TestHouse::start().await;
    let anyone = Caller::at(&house.sandbox);
    let answer = anyone.get("/?Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("<Code>MissingAuthenticationToken</Code>"), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/xml");

    // What checkers of found keys ask for.
    let headers = [("accept", "application/json")];
    let answer = anyone.send(Method::GET, "/?Action=GetCallerIdentity&Version=2011-06-15", &headers, Vec::new()).await;
    assert_eq!(answer.body()["Error"]["Code"], "MissingAuthenticationToken");

    let answer = anyone.get("/payroll/plan.csv").await;
    assert!(
        answer.text.contains("<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"),
        "{}",
        answer.text
    );
    let answer = anyone.get("/2015-03-31/functions").await;
    assert_eq!(answer.body(), json!({"message": "Missing Authentication Token"}));
    assert_eq!(answer.header("x-amzn-errortype"), "MissingAuthenticationTokenException");
    let headers = [("x-amz-target", "DynamoDB_20120810.ListTables"), ("content-type", "application/x-amz-json-1.0")];
    let answer = anyone.send(Method::POST, "/", &headers, b"{}".to_vec()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body()["__type"], "com.amazon.coral.service#MissingAuthenticationTokenException");
    let answer = anyone.send(Method::HEAD, "/payroll/plan.csv", &[], Vec::new()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::FORBIDDEN, ""));

    // Nonsense in the place of a signature is an answer too.
    for authorization in
        ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=////,SignedHeaders=,Signature=", "Basic eDp5"]
    {
        let answer =
            anyone.send(Method::GET, "/?Action=ListUsers", &[("authorization", authorization)], Vec::new()).await;
        assert!(answer.text.contains("<Code>IncompleteSignature</Code>"), "{authorization}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_deleted_user_is_unknown_and_its_name_is_free_again() {
    use aviary::issuers::{IssuerError, Whose, Wish};
    let house = TestHouse::start().await;
    let issuer = house.house.issuers.of("sandbox").unwrap();
    let wish = |name: &str| Wish { token_id: TokenId(name.into()), user_name: name.into(), path: "/service/".into() };
    let first = issuer.mint(&wish("Backup-7")).await.unwrap();
    assert_eq!(first.arn, format!("arn:aws:iam::{}:user/service/Backup-7", first.account_id));
    assert!(first.unique_id.starts_with("AIDA") && first.unique_id.len() == 21, "{}", first.unique_id);
    assert_eq!(first.key.secret.expose().len(), 40);
    // IAM does not tell names apart by case.
    assert!(matches!(issuer.mint(&wish("backup-7")).await, Err(IssuerError::NameTaken(_))));
    let whose = Whose::Unique(first.unique_id.clone());
    issuer.delete("Backup-7", &whose).await.unwrap();
    issuer.delete("Backup-7", &whose).await.unwrap();
    let second = issuer.mint(&wish("backup-7")).await.unwrap();
    assert_ne!(first.key.access_key_id, second.key.access_key_id);
    assert_eq!(first.account_id, second.account_id);
}

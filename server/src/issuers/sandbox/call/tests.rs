use super::*;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

const ARN: &str = "arn:aws:iam::123456789012:user/service/backup";

fn ask(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Ask {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Ask {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: map,
        body: Some(body.into()),
        peer: std::net::Ipv4Addr::LOCALHOST.into(),
    }
}

fn call(service: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Call {
    Call::of(&ask(method, target, headers, body), Target { service, region: "eu-central-1" })
}

fn form(service: &str, body: &str) -> Call {
    call(service, "POST", "/", &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")], body)
}

fn json_call(service: &str, target: &str, body: &str) -> Call {
    call(service, "POST", "/", &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)], body)
}

#[test]
fn each_protocol_names_its_operation_in_its_own_place() {
    let iam = form("iam", "Action=ListUsers&Version=2010-05-08");
    assert_eq!((iam.protocol, iam.full_action().as_str()), (Protocol::Query, "iam:ListUsers"));
    let sts = call("sts", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", &[], "");
    assert_eq!((sts.protocol, sts.event_name.as_str()), (Protocol::Query, "GetCallerIdentity"));
    let ec2 = form("ec2", "Action=DescribeInstances&Version=2016-11-15");
    assert_eq!((ec2.protocol, ec2.event_name.as_str()), (Protocol::Ec2, "DescribeInstances"));
    let secrets = json_call("secretsmanager", "secretsmanager.ListSecrets", "{}");
    assert_eq!((secrets.protocol, secrets.event_name.as_str()), (Protocol::Json(1), "ListSecrets"));
    let table = call(
        "dynamodb",
        "POST",
        "/",
        &[("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "DynamoDB_20120810.ListTables")],
        "{}",
    );
    assert_eq!((table.protocol, table.event_name.as_str()), (Protocol::Json(0), "ListTables"));
    let lambda = call("lambda", "GET", "/2015-03-31/functions", &[], "");
    assert_eq!((lambda.protocol, lambda.action.as_str()), (Protocol::RestJson, "ListFunctions"));
    assert_eq!(lambda.event_name, "ListFunctions20150331");
    let cbor = call(
        "monitoring",
        "POST",
        "/service/GraniteServiceVersion20100801/operation/ListMetrics",
        &[("smithy-protocol", "rpc-v2-cbor")],
        "",
    );
    assert_eq!((cbor.protocol, cbor.full_action().as_str()), (Protocol::Cbor, "cloudwatch:ListMetrics"));
}

#[test]
fn s3_is_read_off_method_path_and_query() {
    let name = |method: &str, target: &str| {
        let call = call("s3", method, target, &[("host", "127.0.0.1:3001")], "");
        format!("{} {}", call.event_name, call.action)
    };
    for (method, target, expected) in [
        ("GET", "/", "ListBuckets ListAllMyBuckets"),
        ("GET", "/b?list-type=2&prefix=", "ListObjects ListBucket"),
        ("GET", "/b/", "ListObjects ListBucket"),
        ("GET", "/b?versions", "ListObjectVersions ListBucketVersions"),
        ("GET", "/b?location", "GetBucketLocation GetBucketLocation"),
        ("GET", "/b?policy", "GetBucketPolicy GetBucketPolicy"),
        ("GET", "/b?publicAccessBlock", "GetBucketPublicAccessBlock GetBucketPublicAccessBlock"),
        ("PUT", "/b?policy", "PutBucketPolicy PutBucketPolicy"),
        ("DELETE", "/b?policy", "DeleteBucketPolicy DeleteBucketPolicy"),
        ("DELETE", "/b?encryption", "DeleteBucketEncryption PutEncryptionConfiguration"),
        ("PUT", "/b", "CreateBucket CreateBucket"),
        ("HEAD", "/b", "HeadBucket ListBucket"),
        ("DELETE", "/b", "DeleteBucket DeleteBucket"),
        ("POST", "/b?delete", "DeleteObjects DeleteObject"),
        ("GET", "/b/k", "GetObject GetObject"),
        ("HEAD", "/b/a/b", "HeadObject GetObject"),
        ("PUT", "/b/k", "PutObject PutObject"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", "UploadPart PutObject"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload PutObject"),
        ("GET", "/b/k?acl", "GetObjectAcl GetObjectAcl"),
        ("DELETE", "/b/k", "DeleteObject DeleteObject"),
    ] {
        assert_eq!(name(method, target), expected, "{method} {target}");
    }
}

#[test]
fn a_bucket_stands_in_the_path_or_in_the_host() {
    for (host, target) in [
        ("127.0.0.1:3001", "/books/a%20b/c"),
        ("books.s3.amazonaws.com", "/a%20b/c"),
        ("books.s3.eu-west-1.amazonaws.com", "/a%20b/c"),
        ("books.localhost:3001", "/a%20b/c"),
        ("s3.eu-west-1.amazonaws.com", "/books/a%20b/c"),
        ("sandbox.example.com", "/books/a%20b/c"),
    ] {
        let call = call("s3", "GET", target, &[("host", host)], "");
        let place = call.object.clone().unwrap();
        assert_eq!((place.bucket.as_str(), place.key.as_str()), ("books", "a b/c"), "{host}");
        assert_eq!(call.parameters["bucketName"], "books");
        assert!(call.on_data);
        assert_eq!(call.resource("123456789012", ARN).unwrap(), "\"arn:aws:s3:::books/a b/c\"");
    }
}

#[test]
fn parameters_nest_as_in_cloudtrail() {
    let call = form(
        "iam",
        "Action=CreateUser&Version=2010-05-08&UserName=eve&Tags.member.1.Key=team&Tags.member.1.Value=a%26b&Tags.member.2.Key=x",
    );
    assert_eq!(
        serde_json::Value::Object(call.parameters.clone()),
        json!({"userName": "eve", "tags": [{"key": "team", "value": "a&b"}, {"key": "x"}]})
    );
    let call = form(
        "ec2",
        "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&Filter.1.Name=vpc-id&Filter.1.Value.1=v",
    );
    assert_eq!(
        serde_json::Value::Object(call.parameters),
        json!({
            "instanceIdSet": {"items": [{"instanceId": "i-1"}]},
            "filterSet": {"items": [{"name": "vpc-id", "valueSet": {"items": [{"value": "v"}]}}]},
        })
    );
}

#[test]
fn contradictory_and_hostile_names_do_no_harm() {
    let long = format!("Action=X&{}", "A.".repeat(5_000));
    for body in [
        "Action=X&A=1&A.1=2&A.B=3&A.1.C=4",
        "Action=X&A.99999999999=1&A.4000000000.B=2",
        "Action=X&=1&.=2&..1=3",
        &long,
    ] {
        let call = form("iam", body);
        assert!(serde_json::Value::Object(call.parameters).to_string().len() < 500, "{body}");
    }
    assert_eq!(form("iam", "Action=%3Cscript%3E").action, "Unknown");
}

#[test]
fn secrets_are_replaced_and_names_of_secrets_are_not() {
    let call = json_call(
        "secretsmanager",
        "secretsmanager.PutSecretValue",
        r#"{"SecretId":"prod/db","SecretString":"hunter2","Tags":[{"Password":"hunter2"}]}"#,
    );
    let text = serde_json::Value::Object(call.parameters.clone()).to_string();
    assert!(!text.contains("hunter2") && text.contains("HIDDEN_DUE_TO_SECURITY_REASONS"), "{text}");
    assert_eq!(call.parameters["secretId"], "prod/db");
    let call = call_presigned();
    assert!(!call.parameters.contains_key("X-Amz-Signature"), "{:?}", call.parameters);
}

fn call_presigned() -> Call {
    call("s3", "GET", "/b/k?X-Amz-Signature=abc&X-Amz-Date=20261121T000000Z", &[("host", "localhost")], "")
}

#[test]
fn each_service_names_the_resource_in_its_own_way() {
    let resource = |call: Call| call.resource("123456789012", ARN);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(resource(form("iam", "Action=ListUsers")), some("arn:aws:iam::123456789012:user/"));
    assert_eq!(resource(form("iam", "Action=GetUser")), some(ARN));
    assert_eq!(resource(form("iam", "Action=GetUser&UserName=backup")), some(ARN));
    assert_eq!(resource(form("iam", "Action=GetRole&RoleName=admin")), some("role admin"));
    assert_eq!(resource(form("ec2", "Action=DescribeInstances&Version=2016-11-15")), None);
    assert_eq!(resource(json_call("secretsmanager", "secretsmanager.ListSecrets", "{}")), None);
    assert_eq!(
        resource(json_call("dynamodb", "DynamoDB_20120810.ListTables", "{}")),
        some("arn:aws:dynamodb:eu-central-1:123456789012:table/*")
    );
    assert_eq!(resource(call("lambda", "GET", "/2015-03-31/functions", &[], "")), some("*"));
    assert_eq!(
        resource(call("lambda", "GET", "/2015-03-31/functions/f", &[], "")),
        some("arn:aws:lambda:eu-central-1:123456789012:function:f")
    );
}

#[test]
fn an_operation_without_a_name_gets_one() {
    let name = |method: &str, target: &str| call("new-service", method, target, &[], "").event_name;
    assert_eq!(name("GET", "/v1/apps/x-1/branches"), "ListBranches");
    assert_eq!(name("GET", "/v1/apps/77"), "GetApp");
    assert_eq!(name("POST", "/v1/event-policies"), "CreateEventPolicy");
    assert_eq!(name("POST", "/ListThings"), "ListThings");
    assert_eq!(name("DELETE", "/"), "Delete");
}

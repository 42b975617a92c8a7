//! Signatures that others made: those that AWS publishes (its test suite's `get-vanilla` and
//! `get-vanilla-query-order-key-case`, and the examples in the S3 API reference), and those that botocore makes of
//! the same key and time for what the published ones leave out.

use super::*;
use crate::issuers::sandbox::ask::Ask;
use http::{HeaderMap, HeaderName, HeaderValue};

const SUITE: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const S3_DOCS: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn ask(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Ask {
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
        body: Some(body.to_vec()),
        peer: std::net::Ipv4Addr::LOCALHOST.into(),
    }
}

/// Signs as the test suite's key in the test suite's minute.
fn suite(service: &str, signed: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

fn fits(ask: &Ask, secret: &str) -> bool {
    let claim = claim_of(ask).unwrap().unwrap();
    let text = string_to_sign(&claim, &canonical_request(ask, &claim));
    is_signed_with(&Secret::new(secret.into()), &claim, &text)
}

/// What the test suite signs: host, date and nothing else.
fn suite_fits(service: &str, target: &str, signature: &str) -> bool {
    let authorization = suite(service, "host;x-amz-date", signature);
    let headers = [
        ("host", "example.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    fits(&ask("GET", target, &headers, b""), SUITE)
}

#[test]
fn the_published_suite_fits() {
    assert!(suite_fits("service", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
    let ordered = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    assert!(suite_fits("service", "/?Param1=value1&Param2=value2", ordered));
    assert!(suite_fits("service", "/?Param2=value2&Param1=value1", ordered));
    assert!(!suite_fits("service", "/?Param2=value2&Param1=value3", ordered));
}

#[test]
fn a_path_is_tidied_and_encoded_once_more() {
    let letters = "9ce58cc1ce2cc3a2388a68b96ac805167dcfc7d34fcd030c5c079032d80be1b3";
    assert!(suite_fits("service", "/%E1%88%B4/a%20b", letters));
    let dots = "07fc47830311f547240f25f97c1565bd7a705059e39e5d0c3e0c5287c2c4bcfc";
    assert!(suite_fits("service", "/a/./b/../c//d/", dots));
    assert!(suite_fits("service", "/a/c/d/", dots));
    let arn = "f27ac4d563585ba6459ceb0659b58b94501fa1d4dab56263758722462bdb835d";
    assert!(suite_fits("lambda", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Ax", arn));
}

#[test]
fn a_form_is_signed_with_its_body() {
    let authorization = suite(
        "iam",
        "content-type;host;x-amz-date",
        "31cbb05f040e712a07c12301dbf66ed32301313c4b54d8fe48a772aef4a2e4a4",
    );
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("host", "example.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    assert!(fits(&ask("POST", "/", &headers, b"Action=ListUsers&Version=2010-05-08"), SUITE));
    assert!(!fits(&ask("POST", "/", &headers, b"Action=ListRoles&Version=2010-05-08"), SUITE));
    let spaced =
        [("content-type", "  application/x-www-form-urlencoded;   charset=utf-8 "), headers[1], headers[2], headers[3]];
    assert!(fits(&ask("POST", "/", &spaced, b"Action=ListUsers&Version=2010-05-08"), SUITE), "spaces do not count");
}

/// Signs as the S3 API reference does.
fn s3_fits(method: &str, target: &str, headers: &[(&str, &str)], signed: &str, signature: &str) -> bool {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},Signature={signature}"
    );
    let mut all = vec![("host", "examplebucket.s3.amazonaws.com"), ("authorization", authorization.as_str())];
    all.extend(headers);
    fits(&ask(method, target, &all, b""), S3_DOCS)
}

#[test]
fn the_examples_of_the_s3_reference_fit() {
    let date = ("x-amz-date", "20130524T000000Z");
    let empty = ("x-amz-content-sha256", EMPTY);
    assert!(s3_fits(
        "GET",
        "/test.txt",
        &[date, empty, ("range", "bytes=0-9")],
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ));
    assert!(s3_fits(
        "PUT",
        "/test%24file.text",
        &[
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            date,
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ],
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ));
    let short = "host;x-amz-content-sha256;x-amz-date";
    assert!(s3_fits(
        "GET",
        "/?lifecycle",
        &[date, empty],
        short,
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ));
    assert!(s3_fits(
        "GET",
        "/?max-keys=2&prefix=J",
        &[date, empty],
        short,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ));
    let presigned = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert!(fits(&ask("GET", presigned, &[("host", "examplebucket.s3.amazonaws.com")], b""), S3_DOCS));
}

#[test]
fn s3_takes_a_path_as_it_is() {
    let authorization = suite(
        "s3",
        "host;x-amz-content-sha256;x-amz-date",
        "94e1e8285ce9000349fa4b2c81c27bb999a1e5234ed0fa0fec9ffa54139dbf25",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("x-amz-content-sha256", EMPTY),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    let target = "/a//b%20c/%C3%BC~%2B?list-type=2&prefix=x%2Fy%20z&empty=";
    assert!(fits(&ask("GET", target, &headers, b""), SUITE));
    assert!(!fits(&ask("GET", &target.replace("//", "/"), &headers, b""), SUITE));
}

#[test]
fn a_presigned_question_for_ones_identity_fits() {
    let target = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=1d10ef2bc2bb1b02201752f1912e9eb7a5df0d0d7bd2cc98b1f5557b7a9254be";
    let request = ask("GET", target, &[("host", "sts.amazonaws.com")], b"");
    let claim = claim_of(&request).unwrap().unwrap();
    assert!(fits(&request, SUITE) && claim.presigned);
    assert_eq!(claim.expires, Some(60));
}

#[test]
fn many_values_of_a_header_are_one_line() {
    let authorization = suite("service", "host;my-header1;x-amz-date", "0");
    let headers = [
        ("host", "example.amazonaws.com"),
        ("my-header1", "  b   c "),
        ("my-header1", "a"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    let request = ask("GET", "/", &headers, b"");
    let claim = claim_of(&request).unwrap().unwrap();
    assert_eq!(
        canonical_request(&request, &claim),
        format!(
            "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:b c,a\nx-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n{EMPTY}"
        )
    );
}

#[test]
fn a_body_may_stay_out_of_the_signature() {
    for word in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"] {
        let authorization = suite("s3", "host", "0");
        let headers = [
            ("x-amz-content-sha256", word),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", authorization.as_str()),
        ];
        let request = ask("PUT", "/b/k", &headers, b"anything");
        let claim = claim_of(&request).unwrap().unwrap();
        assert!(canonical_request(&request, &claim).ends_with(&format!("\n{word}")));
    }
}

#[test]
fn the_old_date_header_says_when_too() {
    let authorization = suite("service", "date;host", "0");
    let headers = [("date", "Mon, 30 Aug 2015 12:36:00 GMT"), ("authorization", authorization.as_str())];
    let claim = claim_of(&ask("GET", "/", &headers, b"")).unwrap().unwrap();
    assert_eq!(claim.stamp, "20150830T123600Z", "though that day was a Sunday");
    assert_eq!(claim.signed_at, Moment::parse("2015-08-30T12:36:00Z").unwrap());
}

#[test]
fn what_cannot_be_read_says_what_is_lacking() {
    let message = |authorization: &str| {
        let headers = [("authorization", authorization), ("x-amz-date", "20150830T123600Z")];
        claim_of(&ask("GET", "/", &headers, b"")).unwrap_err().message
    };
    assert!(message("AWS AKID:sig").contains("Unsupported Authorization Type: 'AWS'"));
    assert!(message("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request").contains("requires 'Signature' parameter"));
    for credential in
        ["a/b/c", "a/20150830/us east/iam/aws4_request", "a/20150830/us-east-1/<iam>/aws4_request", "////"]
    {
        let text = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        assert!(message(&text).contains("exactly 5 slash-delimited elements"), "{credential}");
    }
    let undated = ask("GET", "/", &[("authorization", &suite("iam", "host", "0"))], b"");
    let malformed = claim_of(&undated).unwrap_err();
    assert!(malformed.message.contains("'X-Amz-Date' or a 'Date' header"));
    assert_eq!(malformed.service, "iam");
    assert_eq!(claim_of(&ask("GET", "/", &[], b"")), Ok(None));
}

//! Operations that have no name in the request but follow from method and path, as with most of AWS's newer services.
//!
//! The table knows those that people try with a key they found. All others get a name that reads like one of AWS's.

use super::{Call, parameters};
use crate::issuers::sandbox::ask::Ask;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A route: service, method, path with `{name}` for what varies, the IAM action, and the event's name where
/// CloudTrail has another one. Lambda's carry the date of their interface.
type Route = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ROUTES: &[Route] = &[
    ("lambda", "GET", "/2015-03-31/functions", "ListFunctions", "ListFunctions20150331"),
    ("lambda", "POST", "/2015-03-31/functions", "CreateFunction", "CreateFunction20150331"),
    ("lambda", "GET", "/2015-03-31/functions/{functionName}", "GetFunction", "GetFunction20150331v2"),
    ("lambda", "DELETE", "/2015-03-31/functions/{functionName}", "DeleteFunction", "DeleteFunction20150331"),
    (
        "lambda",
        "PUT",
        "/2015-03-31/functions/{functionName}/code",
        "UpdateFunctionCode",
        "UpdateFunctionCode20150331v2",
    ),
    (
        "lambda",
        "GET",
        "/2015-03-31/functions/{functionName}/configuration",
        "GetFunctionConfiguration",
        "GetFunctionConfiguration20150331v2",
    ),
    (
        "lambda",
        "PUT",
        "/2015-03-31/functions/{functionName}/configuration",
        "UpdateFunctionConfiguration",
        "UpdateFunctionConfiguration20150331v2",
    ),
    ("lambda", "POST", "/2015-03-31/functions/{functionName}/invocations", "InvokeFunction", "Invoke"),
    ("lambda", "POST", "/2014-11-13/functions/{functionName}/invoke-async", "InvokeFunction", "InvokeAsync"),
    (
        "lambda",
        "POST",
        "/2021-11-15/functions/{functionName}/response-streaming-invocations",
        "InvokeFunction",
        "InvokeWithResponseStream",
    ),
    ("lambda", "GET", "/2015-03-31/functions/{functionName}/policy", "GetPolicy", "GetPolicy20150331v2"),
    ("lambda", "POST", "/2015-03-31/functions/{functionName}/policy", "AddPermission", "AddPermission20150331v2"),
    (
        "lambda",
        "DELETE",
        "/2015-03-31/functions/{functionName}/policy/{statementId}",
        "RemovePermission",
        "RemovePermission20150331v2",
    ),
    (
        "lambda",
        "GET",
        "/2015-03-31/functions/{functionName}/versions",
        "ListVersionsByFunction",
        "ListVersionsByFunction20150331",
    ),
    ("lambda", "POST", "/2015-03-31/functions/{functionName}/versions", "PublishVersion", "PublishVersion20150331"),
    ("lambda", "GET", "/2015-03-31/functions/{functionName}/aliases", "ListAliases", "ListAliases20150331"),
    ("lambda", "POST", "/2015-03-31/functions/{functionName}/aliases", "CreateAlias", "CreateAlias20150331"),
    (
        "lambda",
        "GET",
        "/2015-03-31/event-source-mappings",
        "ListEventSourceMappings",
        "ListEventSourceMappings20150331",
    ),
    (
        "lambda",
        "POST",
        "/2015-03-31/event-source-mappings",
        "CreateEventSourceMapping",
        "CreateEventSourceMapping20150331",
    ),
    ("lambda", "GET", "/2016-08-19/account-settings", "GetAccountSettings", "GetAccountSettings20160819"),
    ("lambda", "GET", "/2017-03-31/tags/{resource}", "ListTags", "ListTags20170331"),
    ("lambda", "POST", "/2017-03-31/tags/{resource}", "TagResource", "TagResource20170331v2"),
    ("lambda", "GET", "/2018-10-31/layers", "ListLayers", "ListLayers20181031"),
    ("lambda", "GET", "/2018-10-31/layers/{layerName}/versions", "ListLayerVersions", "ListLayerVersions20181031"),
    ("lambda", "POST", "/2018-10-31/layers/{layerName}/versions", "PublishLayerVersion", "PublishLayerVersion20181031"),
    ("lambda", "GET", "/2021-10-31/functions/{functionName}/urls", "ListFunctionUrlConfigs", ""),
    ("lambda", "GET", "/2021-10-31/functions/{functionName}/url", "GetFunctionUrlConfig", ""),
    ("lambda", "POST", "/2021-10-31/functions/{functionName}/url", "CreateFunctionUrlConfig", ""),
    ("bedrock", "GET", "/foundation-models", "ListFoundationModels", ""),
    ("bedrock", "GET", "/foundation-models/{modelIdentifier}", "GetFoundationModel", ""),
    ("bedrock", "GET", "/foundation-model-availability/{modelId}", "GetFoundationModelAvailability", ""),
    ("bedrock", "GET", "/inference-profiles", "ListInferenceProfiles", ""),
    ("bedrock", "GET", "/logging/modelinvocations", "GetModelInvocationLoggingConfiguration", ""),
    ("bedrock", "DELETE", "/logging/modelinvocations", "DeleteModelInvocationLoggingConfiguration", ""),
    ("bedrock", "GET", "/use-case-for-model-access", "GetUseCaseForModelAccess", ""),
    ("bedrock", "POST", "/use-case-for-model-access", "PutUseCaseForModelAccess", ""),
    ("bedrock", "POST", "/create-foundation-model-agreement", "CreateFoundationModelAgreement", ""),
    ("bedrock", "POST", "/model/{modelId}/invoke", "InvokeModel", ""),
    ("bedrock", "POST", "/model/{modelId}/invoke-with-response-stream", "InvokeModelWithResponseStream", ""),
    ("bedrock", "POST", "/model/{modelId}/converse", "InvokeModel", "Converse"),
    ("bedrock", "POST", "/model/{modelId}/converse-stream", "InvokeModelWithResponseStream", "ConverseStream"),
    ("ses", "GET", "/v2/email/account", "GetAccount", ""),
    ("ses", "GET", "/v2/email/identities", "ListEmailIdentities", ""),
    ("ses", "GET", "/v2/email/identities/{emailIdentity}", "GetEmailIdentity", ""),
    ("ses", "POST", "/v2/email/identities", "CreateEmailIdentity", ""),
    ("ses", "POST", "/v2/email/outbound-emails", "SendEmail", ""),
    ("ses", "PUT", "/v2/email/account/details", "PutAccountDetails", ""),
    ("eks", "GET", "/clusters", "ListClusters", ""),
    ("eks", "GET", "/clusters/{name}", "DescribeCluster", ""),
    ("apigateway", "GET", "/restapis", "GET", "GetRestApis"),
    ("apigateway", "GET", "/v2/apis", "GET", "GetApis"),
    ("apigateway", "GET", "/apikeys", "GET", "GetApiKeys"),
    ("elasticfilesystem", "GET", "/2015-02-01/file-systems", "DescribeFileSystems", ""),
    ("es", "GET", "/2021-01-01/domain", "ListDomainNames", ""),
    ("es", "GET", "/2015-01-01/domain", "ListDomainNames", ""),
    ("batch", "POST", "/v1/describejobqueues", "DescribeJobQueues", ""),
    ("batch", "POST", "/v1/describecomputeenvironments", "DescribeComputeEnvironments", ""),
    ("batch", "POST", "/v1/submitjob", "SubmitJob", ""),
    ("account", "POST", "/getContactInformation", "GetContactInformation", ""),
    ("account", "POST", "/listRegions", "ListRegions", ""),
    ("route53", "GET", "/2013-04-01/hostedzone", "ListHostedZones", ""),
    ("route53", "GET", "/2013-04-01/hostedzone/{id}", "GetHostedZone", ""),
    ("route53", "GET", "/2013-04-01/hostedzone/{id}/rrset", "ListResourceRecordSets", ""),
    ("route53", "POST", "/2013-04-01/hostedzone/{id}/rrset", "ChangeResourceRecordSets", ""),
    ("cloudfront", "GET", "/2020-05-31/distribution", "ListDistributions", "ListDistributions2020_05_31"),
];

/// Fills in what is asked of a service that speaks REST.
pub fn read(call: &mut Call, ask: &Ask) {
    let parts: Vec<String> = ask
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    call.parameters = parameters::of_query(&ask.query_parameters());
    if call.protocol == super::Protocol::RestJson {
        call.parameters.extend(parameters::of_json(ask.body()));
    }
    let mut found = ROUTES.iter().filter(|(service, method, ..)| *service == call.service && *method == ask.method);
    match found.find_map(|route| matches(route.2, &parts).map(|named| (route, named))) {
        Some(((_, _, _, action, event), named)) => {
            call.action = (*action).to_owned();
            call.event_name = if event.is_empty() { call.action.clone() } else { (*event).to_owned() };
            call.parameters.extend(named);
        }
        None => call.name(&made_up(&ask.method, &parts)),
    }
}

/// What stands where the route has `{name}`; `None` where the path is another one.
fn matches(route: &str, parts: &[String]) -> Option<Vec<(String, Value)>> {
    let pattern: Vec<&str> = route.split('/').filter(|part| !part.is_empty()).collect();
    if pattern.len() != parts.len() {
        return None;
    }
    let mut named = Vec::new();
    for (expected, part) in pattern.into_iter().zip(parts) {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => named.push((name.to_owned(), Value::String(part.clone()))),
            None if expected == part => {}
            None => return None,
        }
    }
    Some(named)
}

/// A name such as AWS would give: `GET /v1/apps/x/branches` is `ListBranches`, `POST /v1/apps` is `CreateApp`.
fn made_up(method: &str, parts: &[String]) -> String {
    let is_word = |part: &&String| {
        part.len() > 2 && part.len() <= 40 && part.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
    };
    let words: Vec<&String> = parts.iter().filter(is_word).collect();
    let last = words.last().map(|word| title(word)).unwrap_or_default();
    let ends_in_word = parts.last().is_some_and(|part| words.last().is_some_and(|word| *word == part));
    let one = last.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let one = one.or_else(|| last.strip_suffix('s').map(str::to_owned)).unwrap_or_else(|| last.clone());
    match method {
        "GET" if ends_in_word && last.ends_with('s') => format!("List{last}"),
        "GET" | "HEAD" => format!("Get{one}"),
        "DELETE" => format!("Delete{one}"),
        "PUT" => format!("Put{one}"),
        "PATCH" => format!("Update{one}"),
        // Many services name the operation in the path: POST /ListThings.
        _ if ["List", "Get", "Describe", "Create", "Update", "Put", "Delete", "Start", "Search"]
            .iter()
            .any(|verb| last.starts_with(verb)) =>
        {
            last
        }
        _ => format!("Create{one}"),
    }
}

/// `event-source_mappings` is `EventSourceMappings`.
fn title(word: &str) -> String {
    word.split(['-', '_'])
        .filter_map(|part| {
            let mut letters = part.chars();
            Some(letters.next()?.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

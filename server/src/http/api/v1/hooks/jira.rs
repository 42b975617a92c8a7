//! `POST /hooks/jira/{destination}` and `POST /hooks/jira/{destination}/{secret}`

use crate::{
    alerts::callback::{self, Call, Called, Shown},
    http::{
        Front,
        api::{body::Raw, problem::Problem},
        viewer::From as Whence,
    },
};
use app::model::{ids::DestinationId, viewer::Origin};
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};

/// The largest body, in bytes. Jira sends the whole issue with all of its comments' authors.
pub const LARGEST: usize = 1024 * 1024;

/// Take a signed webhook of Jira
///
/// For a webhook of Jira that has the destination's secret. It does what the destination's settings allow, which is
/// nothing unless an admin has named it: acknowledge or resolve the incident, disable the token's key.
#[utoipa::path(
    post, path = "/hooks/jira/{destination}", tag = "destinations", operation_id = "hear_jira",
    params(
        ("destination" = String, Path, description = "The destination"),
        ("X-Hub-Signature" = String, Header, description = "`sha256=` and HMAC-SHA256 of the body, hexadecimal"),
        ("X-Atlassian-Webhook-Identifier" = Option<String>, Header, description = "The same in each repetition of a call"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json"),
    security(()),
    responses(
        (status = 200, body = Called),
    )
)]
pub async fn signed(
    State(front): State<Front>,
    Path(destination): Path<DestinationId>,
    Whence(origin): Whence,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Json<Called>, Problem> {
    let signature = headers.get("x-hub-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = Call { shown: Shown::Signature(signature), identifier: identifier(&headers), body: &body };
    take(&front, &destination, &call, origin).await
}

/// Take a webhook of a Jira that does not sign
///
/// The same with the secret in the address, for versions of Data Center whose webhooks have no secret.
#[utoipa::path(
    post, path = "/hooks/jira/{destination}/{secret}", tag = "destinations", operation_id = "hear_jira_by_address",
    params(
        ("destination" = String, Path, description = "The destination"),
        ("secret" = String, Path, description = "The secret that was shown when the destination was made"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json"),
    security(()),
    responses(
        (status = 200, body = Called),
    )
)]
pub async fn by_address(
    State(front): State<Front>,
    Path((destination, secret)): Path<(DestinationId, String)>,
    Whence(origin): Whence,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Json<Called>, Problem> {
    let call = Call { shown: Shown::Secret(&secret), identifier: identifier(&headers), body: &body };
    take(&front, &destination, &call, origin).await
}

fn identifier(headers: &HeaderMap) -> &str {
    headers.get("x-atlassian-webhook-identifier").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn take(front: &Front, id: &DestinationId, call: &Call<'_>, origin: Origin) -> Result<Json<Called>, Problem> {
    match callback::from_jira(&front.house, id, call, origin).await {
        Ok(called) => Ok(Json(called)),
        Err(fault) => {
            tracing::info!(destination = %id, %fault, "a call of Jira's was not taken");
            Err(Problem(fault))
        }
    }
}

//! `POST /tokens/{id}/reveal`

use crate::{
    http::{
        Front,
        api::{body::Raw, problem::Problem},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::TokenId,
    token::TokenWithSecret,
};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a secret is to be revealed. The body may be left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reveal {
    /// Also where no confirmed destination hears about the token. For admins.
    #[serde(rename = "override")]
    pub anyway: bool,
}

/// Reveal a token's secret
///
/// For its owner or an admin, and written to the audit log. Where the installation shows a secret only once a confirmed
/// destination hears about its token, it is refused until then; an admin may send `{"override": true}`.
#[utoipa::path(
    post, path = "/tokens/{id}/reveal", tag = "tokens", operation_id = "reveal_secret", params(("id" = String, Path)),
    request_body(content = Option<Reveal>),
    responses(
        (status = 200, body = TokenWithSecret),
    )
)]
pub async fn reveal(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
    Raw(asked): Raw,
) -> Result<Json<TokenWithSecret>, Problem> {
    let asked = match asked.is_empty() {
        true => Reveal::default(),
        false => serde_json::from_slice(&asked).map_err(|error| Fault::new(FaultKind::Malformed, error.to_string()))?,
    };
    Ok(Json(tokens::reveal::reveal(&front.house, &viewer, &id, "by API", asked.anyway).await?))
}

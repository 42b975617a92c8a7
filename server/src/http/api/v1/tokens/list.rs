//! `GET /tokens`

use crate::{
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::{
    list::Page,
    token::{Token, TokenQuery, TokenSort, TokenState},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which tokens to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Words that must all occur in key id, user name, owner, location, notes or labels.
    q: String,
    /// Only this state.
    state: Option<TokenState>,
    /// Only this team, by name.
    team: String,
    /// Only this owner.
    owner: String,
    /// Only this location.
    location: String,
    /// Only with this label.
    #[serde(alias = "labels")]
    label: String,
    /// Only in this account.
    account: String,
    /// Only this key id.
    access_key_id: String,
    /// `true`: only those that a drill has proven to be heard; `false`: only those that none has.
    proven: Option<bool>,
    /// The order: `created` (the default, newest first), `last_hit`, `expires`.
    sort: TokenSort,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

/// List tokens
#[utoipa::path(
    get, path = "/tokens", tag = "tokens", operation_id = "list_tokens", params(Filters),
    responses(
        (status = 200, body = Page<Token>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Token>>, Problem> {
    let query = TokenQuery {
        q: asked.q,
        state: asked.state,
        team: asked.team,
        owner: asked.owner,
        location: asked.location,
        label: asked.label,
        account: asked.account,
        access_key_id: asked.access_key_id,
        proven: asked.proven,
        sort: asked.sort,
        after: asked.after,
        limit: asked.limit,
    };
    Ok(Json(tokens::list::list(&front.house, &viewer, &query).await?))
}

//! Forms about people, teams, API keys and one's own account.

use super::{Outcome, act, fields::Fields, known};
use crate::{
    http::{Front, viewer::SignedIn},
    people::{api_keys, invites, persons, quiet_hours, teams},
};
use app::{
    api::Reply,
    model::{
        ids::{ApiKeyId, PersonId},
        person::ApiKeyForm,
        viewer::{Act, Role},
    },
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

const PEOPLE: &str = "/settings/people";
const API_KEYS: &str = "/settings/api-keys";

/// `/settings/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/settings/password", act(password, "/settings"))
        .route("/settings/quiet-hours", act(quiet, "/settings"))
        .route("/settings/people/invite", act(invite, PEOPLE))
        .route("/settings/people/{id}/role", act(role, PEOPLE))
        .route(
            "/settings/people/{id}/disable",
            act(async |state, who, id, fields| switch(state, who, id, fields, true).await, PEOPLE),
        )
        .route(
            "/settings/people/{id}/enable",
            act(async |state, who, id, fields| switch(state, who, id, fields, false).await, PEOPLE),
        )
        .route("/settings/invites/{id}/remove", act(uninvite, PEOPLE))
        .route("/settings/teams/new", act(new_team, "/settings/teams"))
        .route("/settings/api-keys/new", act(new_api_key, API_KEYS))
        .route("/settings/api-keys/{id}/revoke", act(revoke_api_key, API_KEYS))
}

async fn password(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let (current, new) = (fields.text("current"), fields.text("new"));
    let done = persons::change_password(&front.house, &who.viewer, current, new, &who.session).await;
    Outcome { front: &front, who, page: "/settings", fields: &fields }
        .go(done, |()| "/settings?done=password-changed".into())
        .await
}

async fn quiet(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let (from, to, zone) = (fields.text("from"), fields.text("to"), fields.text("zone"));
    let exposed = !fields.text("exposed").is_empty();
    let done = quiet_hours::set(&front.house, &who.viewer, from, to, zone, exposed).await;
    Outcome { front: &front, who, page: "/settings", fields: &fields }
        .go(done, |()| "/settings?done=saved".into())
        .await
}

async fn invite(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done =
        invites::create(&front.house, &who.viewer, fields.text("email"), fields.text("team"), fields.text("role"))
            .await;
    let outcome = Outcome { front: &front, who, page: PEOPLE, fields: &fields };
    outcome.show(done, |(invite, link)| Reply::Invited { email: invite.email, link }).await
}

async fn role(State(front): State<Front>, who: SignedIn, Path(id): Path<PersonId>, fields: Fields) -> Response {
    let role = match fields.text("role") {
        "" => Ok(None),
        word => known(Role::parse(word), "role", "viewer, placer, reviewer or admin").map(Some),
    };
    let done = match role {
        Ok(role) => persons::set_role(&front.house, &who.viewer, &id, fields.text("team"), role).await,
        Err(fault) => who.viewer.must(Act::ManagePeople).and(Err(fault)),
    };
    Outcome { front: &front, who, page: PEOPLE, fields: &fields }
        .go(done, |()| format!("{PEOPLE}?done=role-changed"))
        .await
}

async fn switch(
    State(front): State<Front>,
    who: SignedIn,
    Path(id): Path<PersonId>,
    fields: Fields,
    disabled: bool,
) -> Response {
    let done = persons::set_disabled(&front.house, &who.viewer, &id, disabled).await;
    let word = if disabled { "person-disabled" } else { "person-enabled" };
    Outcome { front: &front, who, page: PEOPLE, fields: &fields }.go(done, |()| format!("{PEOPLE}?done={word}")).await
}

async fn uninvite(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = invites::take_back(&front.house, &who.viewer, &id).await;
    Outcome { front: &front, who, page: PEOPLE, fields: &fields }
        .go(done, |()| format!("{PEOPLE}?done=invite-removed"))
        .await
}

async fn new_team(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = teams::create(&front.house, &who.viewer, fields.text("name")).await;
    Outcome { front: &front, who, page: "/settings/teams", fields: &fields }
        .go(done, |_| "/settings/teams?done=team-created".into())
        .await
}

async fn new_api_key(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let asked = ApiKeyForm {
        name: fields.own("name"),
        // The page offers "scopes alone" among the roles.
        role: Some(fields.own("role")).filter(|role| role != "none").unwrap_or_default(),
        team: fields.own("team"),
        scopes: fields.all("scopes"),
        expires: fields.own("expires"),
    };
    let done = api_keys::make(&front.house, &who.viewer, &asked).await;
    let outcome = Outcome { front: &front, who, page: API_KEYS, fields: &fields };
    outcome.show(done, |key| Reply::ApiKey(Box::new(key))).await
}

async fn revoke_api_key(
    State(front): State<Front>,
    who: SignedIn,
    Path(id): Path<ApiKeyId>,
    fields: Fields,
) -> Response {
    let done = api_keys::revoke(&front.house, &who.viewer, &id).await;
    let outcome = Outcome { front: &front, who, page: API_KEYS, fields: &fields };
    outcome.go(done, |()| "/settings/api-keys?done=key-revoked".into()).await
}

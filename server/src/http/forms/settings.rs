//! Forms about people, teams, API keys and one's own account.

use super::{Outcome, act, fields::Fields, known};
use crate::{
    http::{
        Front,
        viewer::{self, SignedIn},
    },
    people::{api_keys, invites, persons, quiet_hours, sessions, teams},
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
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::cookie::CookieJar;

const PEOPLE: &str = "/settings/people";
const API_KEYS: &str = "/settings/api-keys";

/// `/settings/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/settings/password", act(password, "/settings"))
        .route("/settings/quiet-hours", act(quiet, "/settings"))
        .route("/settings/sessions/{id}/end", act(end_session, "/settings"))
        .route("/settings/sessions/end-others", act(end_other_sessions, "/settings"))
        .route("/settings/people/{id}/sign-out", act(sign_out, PEOPLE))
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

async fn password(State(front): State<Front>, who: SignedIn, jar: CookieJar, fields: Fields) -> Response {
    let (current, new) = (fields.text("current"), fields.text("new"));
    let done = match persons::change_password(&front.house, &who.viewer, current, new, &who.session).await {
        // Whoever knows the password is who they say, and whoever has copied the cookie is out too.
        Ok(()) => sessions::prove(&front.house, &who.session, &who.viewer.origin).await,
        Err(fault) => Err(fault),
    };
    let cookie = done.as_ref().ok().map(|code| viewer::cookie(front.house.config.secure(), code.clone()));
    let answer = Outcome { front: &front, who, page: "/settings", fields: &fields }
        .go(done, |_| "/settings?done=password-changed".into())
        .await;
    match cookie {
        Some(cookie) => (jar.add(cookie), answer).into_response(),
        None => answer,
    }
}

async fn end_session(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = sessions::end(&front.house, &who.viewer, &id).await;
    Outcome { front: &front, who, page: "/settings", fields: &fields }
        .go(done, |()| "/settings?done=ended".into())
        .await
}

async fn end_other_sessions(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = sessions::end_others(&front.house, &who.viewer, &who.session).await;
    Outcome { front: &front, who, page: "/settings", fields: &fields }
        .go(done, |()| "/settings?done=ended-others".into())
        .await
}

async fn sign_out(State(front): State<Front>, who: SignedIn, Path(id): Path<PersonId>, fields: Fields) -> Response {
    let done = sessions::end_all(&front.house, &who.viewer, &id).await;
    Outcome { front: &front, who, page: PEOPLE, fields: &fields }
        .go(done, |()| format!("{PEOPLE}?done=ended-all"))
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
    // The part of the page about this person is open where it is shown again.
    let page = format!("{PEOPLE}?change={id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
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

//! `POST /destinations`

use crate::{
    alerts,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::alert::{DestinationForm, NewDestination};
use axum::{Json, extract::State, http::StatusCode};

/// Make a destination
///
/// A mail address gets a link that its owner follows; a webhook gets
/// `{"type":"aviary.challenge","challenge":"…","code":"…"}` at once and answers `{"challenge":"…"}` with status 200; a chat
/// service, whose address is given as `secret`, gets a message with a code, which is sent back to `/confirm`. The reply
/// says in `state` whether that worked, in `awaits_code` whether a code is waited for, in `last_error` what went wrong,
/// and holds a webhook's signing `secret`, which is not shown again.
///
/// PagerDuty, Splunk, syslog, SNS, SQS and EventBridge get a test, which confirms them; of Jira, project and type of issue
/// are looked up, and the `secret` of the reply signs what it calls back with. What each kind takes as `address`, `secret`
/// and `settings` is in `docs/ALERTS.md`. Only admins of the installation may make those in AWS, and a Jira that may act.
#[utoipa::path(
    post, path = "/destinations", tag = "destinations", operation_id = "make_destination",
    request_body = DestinationForm,
    responses(
        (status = 201, body = NewDestination),
    )
)]
pub async fn create(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Body(form): Body<DestinationForm>,
) -> Result<(StatusCode, Json<NewDestination>), Problem> {
    let made = alerts::create_destination(&front.house, &viewer, &form).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

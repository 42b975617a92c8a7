//! `/settings`: one's own account.

pub mod enrol;
mod passkeys;
mod second;

use super::{SettingsHead, quiet::Quiet, reach_text, role_text, sessions::sessions};
use crate::{
    api::people::{get_factors, get_me, get_quiet_hours, list_sessions},
    parts::{
        facts::{Fact, Facts},
        form::{FormFault, Submit, TextField, Typed},
        lines::{Line, Lines},
        load::load,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;
use passkeys::Passkeys;
use second::{NewCodes, Second};

/// The viewer's own account: what they may do, their password, when they want to hear, and where they are signed in.
#[component]
pub fn Account() -> impl IntoView {
    let typed = Typed::here();
    // The page has several forms. Those of second factors say that they are, and of the others one has a time zone.
    let (factor, typed) = if typed.has("about") { (typed, Typed::blank()) } else { (Typed::blank(), typed) };
    let (quiet, form) = if typed.has("zone") { (typed, Typed::blank()) } else { (Typed::blank(), typed) };
    let data = async { Ok((get_me().await?, get_quiet_hours().await?, list_sessions().await?, get_factors().await?)) };
    load(data, move |(me, hours, open, factors)| {
        let roles = me
            .memberships
            .iter()
            .map(|membership| {
                let name = reach_text(membership.team.as_deref()).into_any();
                let role = membership.role;
                let says = match &membership.from {
                    Some(from) => format!("{}. By the rules for {from}", role.meaning()),
                    None => role.meaning().to_owned(),
                };
                view! {
                    <Line name says=says.into_any()>
                        <span class="role">{role_text(role)}</span>
                    </Line>
                }
            })
            .collect_view();
        let email = me.email.clone();
        let lead = view! { "You are signed in as " <strong>{me.email.clone()}</strong> "." };
        view! {
            <SettingsHead title="Your account" lead=lead.into_any() />
            <NewCodes />
            <div class="halves">
                <div class="stack">
                    <Second factors=factors.clone() form=factor.clone() />
                    <Panel title="What you may do" says="Admins of the installation change this.">
                        <Lines>{roles}</Lines>
                        <Facts>
                            <Fact name="Account made">
                                <When at=me.created_at />
                            </Fact>
                        </Facts>
                    </Panel>
                    <Panel title="Password" says="Changing it signs you out everywhere else.">
                        <form class="form pad" method="post" action="/settings/password">
                            <FormFault form=form.clone() />
                            <input class="unseen" type="email" autocomplete="username" value=email readonly=true tabindex="-1" aria-hidden="true" />
                            <TextField
                                form=form.clone()
                                name="current"
                                label="Current password"
                                kind="password"
                                autocomplete="current-password"
                            />
                            <TextField
                                form=form
                                name="new"
                                label="New password"
                                hint=crate::pages::door::PASSWORD_RULES
                                kind="password"
                                autocomplete="new-password"
                            />
                            <Submit text="Change password" />
                        </form>
                    </Panel>
                </div>
                <div class="stack">
                    <Passkeys factors form=factor />
                    <Panel
                        title="Quiet hours"
                        says="In these hours, alerts to destinations of your own are held and counted; one digest comes when they end. Destinations of teams are not held."
                    >
                        <Quiet form=quiet hours />
                    </Panel>
                </div>
            </div>
            {sessions(open)}
        }
    })
}

//! The form for a new API key.

use crate::{
    model::{
        person::Team,
        viewer::{Act, Role, Scope},
    },
    pages::settings::{reach_items, role_items, role_text},
    parts::form::{CheckGroup, FormFault, Item, RadioGroup, SelectField, Submit, TextField, Typed},
};
use leptos::prelude::*;

pub(super) fn new(form: Typed, teams: &[Team]) -> impl IntoView + use<> {
    let mut roles = role_items(&Role::KEYS);
    roles.push(Item::new("none", "Scopes alone").says("No role: only the scopes that you choose below"));
    let scopes = Scope::ALL.into_iter().map(|scope| Item::new(scope.word(), scope.word()).says(says(scope))).collect();
    // Folded, because a whole role is right for most; open where something in it was refused.
    let open = form.fault("scopes").is_some() || !form.checked("scopes", &[]).is_empty();
    view! {
        <form class="form pad" method="post" action="/settings/api-keys/new">
            <FormFault form=form.clone() />
            <TextField
                form=form.clone()
                name="name"
                label="Name"
                hint="Which program uses it; the audit log shows it."
                placeholder="EventBridge forwarder"
            />
            <SelectField form=form.clone() name="team" label="Where" options=reach_items(teams) />
            <RadioGroup
                form=form.clone()
                name="role"
                legend="Role"
                value=Role::Viewer.word()
                options=roles
            />
            <details class="fold" open=open>
                <summary>"Scopes: limit what the key may do"</summary>
                <CheckGroup
                    form=form.clone()
                    name="scopes"
                    legend="Scopes"
                    hint="Check none to give all that the role has."
                    options=scopes
                />
            </details>
            <TextField
                form=form
                name="expires"
                label="Ends"
                hint="A day such as 2027-03-01, or a number of days such as 90d. Left empty, it never ends by itself."
                optional=true
            />
            <Submit text="Make the key" />
        </form>
    }
}

/// What a scope lets a key do, and which roles have it.
fn says(scope: Scope) -> String {
    let acts: Vec<_> =
        Act::ALL.iter().map(|act| act.row()).filter(|row| row.scope == scope).map(|row| row.says).collect();
    let roles: Vec<_> = Role::KEYS.into_iter().filter(|role| role.scopes().contains(&scope)).map(role_text).collect();
    format!("May {}. In: {}.", acts.join("; "), roles.join(", "))
}

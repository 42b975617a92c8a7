//! Changing what is written down about a token.

use super::{
    crumbs_to,
    fields::{First, LABELS, LifeFields, PlacementFields},
    id_here, to_manage,
};
use crate::parts::{
    form::{FormFault, Submit, Typed},
    head::PageHead,
    load::load,
    panel::Panel,
};
use leptos::prelude::*;

/// The form to change a token's placement and life.
#[component]
pub fn EditToken() -> impl IntoView {
    load(to_manage(id_here()), |seen| {
        let token = seen.token;
        let form = Typed::here();
        let first = First {
            location: token.location.clone(),
            owner: token.owner.clone(),
            notes: token.notes.clone(),
            labels: token.labels.join(", "),
            expires: token.expires_at.map(|at| at.short()).unwrap_or_default(),
            on_hit: token.on_hit,
        };
        let action = format!("/tokens/{}/edit", token.id);
        let back = format!("/tokens/{}", token.id);
        let placement = view! { <PlacementFields form=form.clone() first=first.clone() /> };
        let life = view! { <LifeFields form=form.clone() first /> };
        view! {
            <PageHead
                title="Edit token"
                lead="The key itself stays as it is; only what is written down about it changes.".into_any()
                crumbs=crumbs_to(&token)
            />
            <form class="form" method="post" action=action novalidate>
                <FormFault form labels=LABELS />
                <Panel title="Placement">
                    <div class="pad stack">{placement}</div>
                </Panel>
                <Panel title="Life">
                    <div class="pad stack">{life}</div>
                </Panel>
                <Submit text="Save" cancel=back />
            </form>
        }
    })
}

//! Watching a key that was made elsewhere.

use super::{
    fields::{First, HearsFields, LABELS, LifeFields, PlacementFields},
    new::TeamField,
};
use crate::{
    api::tokens::get_mint_choices,
    islands::check_form::{CheckForm, Kind},
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form to adopt a key.
#[component]
pub fn AdoptToken() -> impl IntoView {
    load(get_mint_choices(), |choices| {
        let form = Typed::here();
        let first = First { owner: choices.owner.clone(), ..First::default() };
        let placement = view! {
            <TeamField form=form.clone() teams=choices.teams />
            <PlacementFields form=form.clone() first=first.clone() />
        };
        let life = view! { <LifeFields form=form.clone() first /> };
        let alerts = view! { <HearsFields form=form.clone() destinations=choices.destinations /> };
        let key = view! {
            <TextField
                form=form.clone()
                name="access_key_id"
                label="Access key id"
                hint="The part that begins with AKIA. Never put the secret here."
                placeholder="AKIA…"
                mono=true
            />
            <TextField
                form=form.clone()
                name="arn"
                label="ARN of its user"
                hint="With it, sessions made with the key and changes to its user are seen as well."
                placeholder="arn:aws:iam::123456789012:user/deploy"
                mono=true
                optional=true
            />
        };
        view! {
            <PageHead
                title="Adopt a key"
                lead="Watches a canary key that was made elsewhere: by hand, by Terraform or by another tool. Only its id is needed; its secret stays where it is."
                    .into_any()
                crumbs=vec![("/tokens".to_owned(), "Tokens".to_owned())]
            />
            <form id="adopt" class="form" method="post" action="/tokens/adopt" novalidate>
                <CheckForm form="adopt".to_owned() kind=Kind::Adopt />
                <FormFault form labels=LABELS />
                <Panel title="Key">
                    <div class="pad stack">{key}</div>
                </Panel>
                <Panel title="Placement">
                    <div class="pad stack">{placement}</div>
                </Panel>
                <Panel title="Life">
                    <div class="pad stack">{life}</div>
                </Panel>
                <Panel title="Alerts">
                    <div class="pad stack">{alerts}</div>
                </Panel>
                <Submit text="Adopt key" cancel="/tokens" />
            </form>
        }
    })
}

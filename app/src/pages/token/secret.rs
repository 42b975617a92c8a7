//! Seeing a secret again.

use super::{crumbs_to, id_here, minted::SecretPanel};
use crate::{
    api::{Reply, tokens::get_token, viewer},
    model::viewer::Act,
    parts::{
        form::{Check, FormFault, Submit, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Asks before it shows; then shows the secret.
#[component]
pub fn TokenSecret() -> impl IntoView {
    let reply = use_context::<Reply>();
    let form = Typed::here();
    let viewer = viewer();
    load(get_token(id_here()), move |seen| {
        let token = seen.token.clone();
        let may_override = viewer.is_some_and(|viewer| viewer.may(Act::RevealAny, Some(&token.team_id)));
        let back = format!("/tokens/{}", token.id);
        if let Some(Reply::Token(secret)) = reply {
            return view! {
                <PageHead
                    title="Secret access key"
                    lead="Shown to you just now, and written to the audit log.".into_any()
                    crumbs=crumbs_to(&token)
                >
                    <a class="button" href=back>
                        "Back to the token"
                    </a>
                </PageHead>
                <div class="form">
                    <SecretPanel secret=*secret seen />
                </div>
            }
            .into_any();
        }
        let lead = match (token.adopted, seen.may_reveal) {
            (true, _) => "This key was made elsewhere, so its secret was never here.",
            (_, true) => "The secret is kept sealed. Opening it is written to the audit log with your name.",
            (_, false) => "Only the person who minted this token and admins can see its secret.",
        };
        let action = format!("/tokens/{}/secret", token.id);
        view! {
            <PageHead title="Show the secret" lead=lead.into_any() crumbs=crumbs_to(&token) />
            <form class="form" method="post" action=action>
                <FormFault form=form.clone() />
                <Panel title="Which key">
                    <div class="pad">
                        <p>
                            <code>{token.access_key_id.clone()}</code>
                            " at "
                            <strong>{token.location.clone()}</strong>
                        </p>
                    </div>
                </Panel>
                {(form.refused() && !form.stale() && may_override).then(|| view! { <Check form name="anyway" label="Show it although nobody would hear of its use" /> })}
                {if seen.may_reveal && !token.adopted {
                    view! { <Submit text="Show the secret" cancel=back /> }.into_any()
                } else {
                    view! {
                        <div class="submit">
                            <a class="button" href=back>
                                "Back to the token"
                            </a>
                        </div>
                    }
                        .into_any()
                }}
            </form>
        }
        .into_any()
    })
}

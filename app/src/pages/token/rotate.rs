//! Rotating a token: a second key beside the first.

use super::{crumbs_to, id_here, minted::SecretPanel, to_manage};
use crate::{
    api::{Reply, tokens::TokenView},
    parts::{
        form::{FormFault, Submit, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Says what a second key means, and asks; then shows its secret.
#[component]
pub fn RotateToken() -> impl IntoView {
    let reply = use_context::<Reply>();
    load(to_manage(id_here()), |seen| match reply {
        Some(Reply::Token(secret)) => {
            let token = seen.token.clone();
            let former = seen.former_keys.first().map(|key| key.access_key_id.clone());
            view! {
                <PageHead
                    title="New key made"
                    lead="Take it along now: the secret is shown once. It is kept sealed, as the one before.".into_any()
                    crumbs=crumbs_to(&token)
                >
                    <a class="button" href=format!("/tokens/{}", token.id)>
                        "Go to the token"
                    </a>
                </PageHead>
                <div class="form">
                    {former
                        .map(|key| {
                            view! {
                                <p class="callout">
                                    <code>{key}</code>
                                    " still works and is watched as before. Take it out of "
                                    <strong>{token.location.clone()}</strong>
                                    ", or leave it there as a second wire."
                                </p>
                            }
                        })}
                    <SecretPanel secret=*secret seen />
                </div>
            }
            .into_any()
        }
        _ => ask(seen).into_any(),
    })
}

fn ask(seen: TokenView) -> impl IntoView {
    let token = seen.token;
    let action = format!("/tokens/{}/rotate", token.id);
    let back = format!("/tokens/{}", token.id);
    let refused = if token.adopted {
        Some("This key was made elsewhere. Rotate it there, and adopt the new one.")
    } else if token.revoked_at.is_some() {
        Some("This token is revoked: its user is gone. Mint a new one.")
    } else if token.expired_at.is_some() {
        Some("This token has expired. Give it a later expiry first.")
    } else {
        None
    };
    let head = view! {
        <PageHead
            title="Rotate the key"
            lead="Makes a second key for the same user. You plant the new one; the old one goes on being watched.".into_any()
            crumbs=crumbs_to(&token)
        />
    };
    if let Some(why) = refused {
        return view! {
            {head}
            <div class="form">
                <p class="callout">{why}</p>
                <div class="submit">
                    <a class="button" href=back>
                        "Back to the token"
                    </a>
                </div>
            </div>
        }
        .into_any();
    }
    let oldest = seen.former_keys.into_iter().find(|key| key.active).map(|key| {
        view! {
            <li>
                "AWS allows two keys per user, so " <code>{key.access_key_id}</code>
                " from the last rotation is deleted. Uses of it that are reported late are still matched."
            </li>
        }
    });
    view! {
        {head}
        <form class="form" method="post" action=action>
            <FormFault form=Typed::here() />
            <Panel title="What happens">
                <ul class="pad plain-list">
                    <li>
                        <code>{token.access_key_id}</code>
                        " stays as it is: it works until you disable the token, and each use of it is a hit."
                    </li>
                    {oldest}
                    <li>"The new key is shown once, with its secret. It becomes the token's own."</li>
                    <li>"Hits, notes, and who hears about it stay with the token."</li>
                </ul>
            </Panel>
            <Submit text="Make the new key" cancel=back />
        </form>
    }
    .into_any()
}

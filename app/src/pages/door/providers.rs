//! The providers of the organisation, through which people come in.

use crate::{model::entry::ProviderLink, parts::load::with_next};
use leptos::prelude::*;

/// Links to the providers, if there are some. `prove` asks each to have its user sign in anew.
pub fn providers(providers: Vec<ProviderLink>, next: &str, prove: bool) -> impl IntoView + use<> {
    let next = next.to_owned();
    (!providers.is_empty()).then(move || {
        let links = providers.into_iter().map(|ProviderLink { id, name }| {
            let address = with_next(&format!("/oidc/{id}/begin"), &next);
            let address = if prove { format!("{address}&fresh=1") } else { address };
            let says = if prove { format!("Confirm with {name}") } else { format!("Sign in with {name}") };
            view! {
                <a class="button" href=address>
                    {says}
                </a>
            }
        });
        view! { <div class="ways">{links.collect_view()}</div> }
    })
}

//! What is shown once: a webhook's signing secret, or an address that is hidden otherwise.

use crate::{
    model::secret::Secret,
    parts::{
        code::Code,
        facts::{Fact, Facts},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The secret that signs what a webhook gets. It is shown on this page and never again.
pub fn signing(secret: Secret) -> impl IntoView {
    view! {
        <Panel title="Signing secret" says="Shown this once. Copy it now and keep it where the endpoint can read it.">
            <div class="pad prose">
                <p class="secret">
                    <Code text=secret.expose().to_owned() what="signing secret" />
                </p>
                <p>
                    "Each request is signed as Standard Webhooks describes, so that the endpoint can tell ours from a stranger's. It carries three headers:"
                </p>
                <Facts>
                    <Fact name="webhook-id">"The same in every attempt at one alert: use it to drop repeats."</Fact>
                    <Fact name="webhook-timestamp">"Seconds since 1970. Refuse what is older than five minutes."</Fact>
                    <Fact name="webhook-signature">
                        <span class="mono">"v1,"</span>
                        " and the base64 of HMAC-SHA256 over "
                        <span class="mono">"id.timestamp.body"</span>
                        ", keyed with what follows "
                        <span class="mono">"whsec_"</span>
                        ", decoded from base64. For a day after a rotation there are two, separated by a space: accept either."
                    </Fact>
                </Facts>
            </div>
        </Panel>
    }
}

/// An address that was asked for by its owner.
pub fn revealed(address: Secret) -> impl IntoView {
    view! {
        <Panel title="The whole address" says="Whoever knows it can write there. That you looked is in the audit log.">
            <div class="pad prose">
                <p class="secret">
                    <Code text=address.expose().to_owned() what="address" />
                </p>
            </div>
        </Panel>
    }
}

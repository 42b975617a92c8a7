//! Passkeys, on one's own account page.

use crate::{
    api::desk,
    islands::passkey::PasskeyButton,
    model::factors::{Factors, Passkey},
    parts::{
        ask::Ask,
        form::{FormFault, TextField, Typed},
        lines::{Line, Lines},
        panel::Panel,
        when::{When, WhenOr},
    },
};
use leptos::prelude::*;

/// What the forms of this panel say they are about, so that a refusal stands in the right one.
const ABOUT: &str = "passkeys";

/// One's own passkeys, and the way to a new one.
#[component]
pub fn Passkeys(
    /// What there is.
    factors: Factors,
    /// What was refused.
    form: Typed,
) -> impl IntoView {
    let form = form.about(ABOUT).prefixed("passkey");
    let rows = (!factors.passkeys.is_empty())
        .then(|| view! { <Lines>{factors.passkeys.into_iter().map(row).collect_view()}</Lines> });
    let way = if factors.passkeys_offered { add(form.clone()).into_any() } else { not_here(factors.local) };
    view! {
        <Panel
            title="Passkeys"
            says="Your device or a security key signs you in, by your finger, your face or its PIN. No password, no code."
        >
            <FormFault form />
            {rows}
            {way}
        </Panel>
    }
}

fn row(passkey: Passkey) -> impl IntoView {
    let Passkey { id, name, synced, created_at, used_at } = passkey;
    let says = view! {
        "Added "
        <When at=created_at />
        ", last used "
        <WhenOr at=used_at never="never" />
        {synced.then_some(", synced between devices")}
    };
    view! {
        <Line name=name.clone().into_any() says=says.into_any()>
            <Ask
                text="Remove"
                says="It no longer signs you in here. Delete it on the device, too."
                sure=format!("Remove {name}")
                action=format!("/settings/passkeys/{id}/remove")
                fields=vec![("about", ABOUT.to_owned())]
            />
        </Line>
    }
}

fn add(form: Typed) -> impl IntoView {
    view! {
        <form id="add-passkey" class="form pad passkey" method="post" action="/settings/passkeys/new">
            <input type="hidden" name="about" value=ABOUT />
            <input type="hidden" name="credential" value="" />
            <TextField
                form
                name="name"
                label="Name of the new passkey"
                hint="Such as the device that it is on."
                placeholder="Laptop"
            />
            <PasskeyButton form="add-passkey".to_owned() text="Add a passkey".to_owned() create=true />
        </form>
        <p class="pad hint without-scripts">"To add one, let scripts run on this page."</p>
    }
}

/// Why there is nothing to add here, and what would help.
fn not_here(local: bool) -> AnyView {
    if !local {
        return view! { <p class="pad hint">"Passkeys are switched off here: people come in through a provider."</p> }
            .into_any();
    }
    let base = desk().map(|desk| desk.base_url.to_string()).unwrap_or_default();
    let near = ["http://127.0.0.1", "http://[::1]"].iter().find_map(|address| base.strip_prefix(address));
    let help = match near {
        Some(rest) => {
            format!("On this machine, start Aviary with AVIARY_BASE_URL=http://localhost{rest} and open that.")
        }
        None => "Let people reach it under a name over https, and set AVIARY_BASE_URL to that address.".to_owned(),
    };
    view! {
        <div class="pad prose">
            <p>
                "Browsers take passkeys only where the address has a name and https, or is localhost. This console is at "
                <span class="mono">{base}</span> "."
            </p>
            <p class="hint">{help}</p>
        </div>
    }
    .into_any()
}

//! `/settings/second`: an app is told the secret by which it makes codes.

use super::passkeys::Passkeys;
use crate::{
    api::people::{get_enrolment, get_factors},
    model::{
        factors::{Drawing, Enrolment, Factors},
        fault::Fault,
    },
    parts::{
        button::PostButton,
        code::Code,
        form::{FormFault, Submit, TextField, Typed},
        head::PageHead,
        load::{load, query},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Setting up an app. Those who have to have a second factor are led here, and may choose a passkey instead.
#[component]
pub fn SetUpApp() -> impl IntoView {
    let form = Typed::here();
    let wanted = query("wanted") == "yes";
    load(find(), move |(enrolment, factors)| {
        let lead = if factors.app.is_some() {
            "The app that you use now counts until a code of the new one was typed."
        } else {
            "After your password, a code from your phone: then a stolen password opens nothing."
        };
        // A passkey serves as well, for those who have nothing yet.
        let passkeys = (!factors.any() && factors.passkeys_offered)
            .then(|| view! { <Passkeys factors=factors.clone() form=Typed::blank() /> });
        let steps = match enrolment {
            Some(enrolment) => steps(enrolment, form).into_any(),
            None => start(form, &factors).into_any(),
        };
        view! {
            <PageHead
                title="Set up an app for codes"
                lead=lead.into_any()
                crumbs=vec![("/settings".to_owned(), "Settings".to_owned())]
            />
            {wanted
                .then(|| {
                    view! {
                        <p class="notice" role="status">
                            <span>
                                "This console asks for a second factor. Nothing else opens before you have one."
                            </span>
                        </p>
                    }
                })}
            {steps}
            {passkeys}
        }
    })
}

async fn find() -> Result<(Option<Enrolment>, Factors), Fault> {
    Ok((get_enrolment().await?, get_factors().await?))
}

fn start(form: Typed, factors: &Factors) -> impl IntoView + use<> {
    let text = if factors.app.is_some() { "Set up another app" } else { "Set up an app" };
    view! {
        <Panel title="What you need">
            <div class="pad prose">
                <FormFault form />
                <p>
                    "Any app for one-time codes, on your phone or in your password manager: Aegis, FreeOTP, Google Authenticator, 1Password, and others. It makes a code every 30 seconds and needs no connection for that."
                </p>
                <PostButton action="/settings/second" text class="primary" />
            </div>
        </Panel>
    }
}

fn steps(enrolment: Enrolment, form: Typed) -> impl IntoView {
    let Enrolment { link, secret, drawing } = enrolment;
    view! {
        <Panel title="Tell the app" says="Within a quarter of an hour. Nobody else may see this.">
            <div class="pad prose enrol">
                {qr(drawing)}
                <div class="stack">
                    <p>"Scan this with the app."</p>
                    <p>
                        "Without a camera, type this key in, or "
                        <a href=link.expose().to_owned()>"open an app on this device"</a> "."
                    </p>
                    <p class="secret">
                        <Code text=secret.expose().to_owned() what="key" />
                    </p>
                </div>
            </div>
        </Panel>
        <Panel title="Type the code that it shows">
            <form class="form pad" method="post" action="/settings/second/confirm">
                <FormFault form=form.clone() />
                <TextField
                    form
                    name="code"
                    label="Code"
                    hint="Six digits. From then on, signing in with your password asks for one."
                    autocomplete="one-time-code"
                    mono=true
                />
                <Submit text="Switch it on" cancel="/settings" />
            </form>
        </Panel>
    }
}

/// The code with the quiet zone of four modules that readers need (ISO/IEC 18004).
fn qr(drawing: Drawing) -> impl IntoView {
    let side = drawing.size + 8;
    view! {
        <svg class="qr" viewBox=format!("-4 -4 {side} {side}") role="img" aria-label="QR code for the app">
            <rect class="qr-paper" x="-4" y="-4" width=side height=side />
            <path class="qr-ink" d=drawing.path.expose().to_owned() />
        </svg>
    }
}

//! Codes from an app and recovery codes, on one's own account page.

use crate::{
    api::Reply,
    model::factors::Factors,
    parts::{
        ask::Ask,
        code::Commands,
        form::{FormFault, Typed},
        lines::{Line, Lines},
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// What the forms of this panel say they are about, so that a refusal stands in the right one.
const ABOUT: &str = "second";

/// What is asked for besides the password.
#[component]
pub fn Second(
    /// What there is.
    factors: Factors,
    /// What was refused.
    form: Typed,
) -> impl IntoView {
    let form = form.about(ABOUT);
    let any = factors.any();
    let app = match factors.app {
        Some(since) => {
            let says = view! { "On since " <When at=since /> };
            view! {
                <Line name="App for codes".into_any() says=says.into_any()>
                    <a class="button small" href="/settings/second">"Use another app"</a>
                    <Ask
                        text="Switch off"
                        says="Your app's codes are no longer asked for. Without any passkey, your password alone is enough then."
                        sure="Switch the codes off"
                        action="/settings/second/off"
                        fields=vec![("about", ABOUT.to_owned())]
                    />
                </Line>
            }
            .into_any()
        }
        None => {
            let says = "Not set up. Any app for one-time codes works: on your phone, or in your password manager.";
            view! {
                <Line name="App for codes".into_any() says=says.into_any()>
                    <a class="button small" href="/settings/second">"Set up an app"</a>
                </Line>
            }
            .into_any()
        }
    };
    let codes = any.then(|| {
        let says = format!(
            "{} of 10 left. Each lets you in once, when your phone or your key is not at hand.",
            factors.recovery_left
        );
        view! {
            <Line name="Recovery codes".into_any() says=says.into_any()>
                <Ask
                    text="Make new ones"
                    says="Ten new codes are shown, once. All earlier ones stop working."
                    sure="Make new recovery codes"
                    action="/settings/second/recovery"
                    fields=vec![("about", ABOUT.to_owned())]
                />
            </Line>
        }
    });
    view! {
        <Panel
            title="Second factor"
            says="Asked for after your password, so that whoever learns the password still cannot get in."
        >
            <FormFault form />
            <Lines>{app} {codes}</Lines>
        </Panel>
    }
}

/// Recovery codes that were just made, if there are any; shown this once.
#[component]
pub fn NewCodes() -> impl IntoView {
    let Some(Reply::Recovery(codes)) = use_context::<Reply>() else {
        return None;
    };
    let text = codes.iter().map(|code| code.expose()).collect::<Vec<_>>().join("\n");
    Some(view! {
        <Panel title="Your recovery codes" says="Shown this once. Print them, or keep them in a safe place that is not your phone.">
            <div class="pad prose">
                <Commands text what="recovery codes" />
                <p>
                    "Each code lets you in once, after your password, in place of your app or your passkey. Only hashes of them are kept here."
                </p>
            </div>
        </Panel>
    })
}

//! Where a passkey is used instead of a password and a code.

use crate::{api::desk, islands::passkey::PasskeyButton, parts::form::hidden};
use leptos::prelude::*;

/// The button that asks for a passkey; nothing where passkeys cannot be used. It shows once scripts run.
#[component]
pub fn UsePasskey(
    /// Where the answer is posted; what is asked for comes from there as well.
    action: &'static str,
    /// What the button says.
    text: &'static str,
    /// Where to go afterwards.
    next: String,
    /// Fields that were typed elsewhere, and are taken along.
    #[prop(optional)]
    kept: Vec<(String, String)>,
) -> impl IntoView {
    let offered = desk().is_ok_and(|desk| desk.console.passkeys_offered());
    offered.then(|| {
        view! {
            <form id="use-passkey" class="form passkey" method="post" action=action>
                <input type="hidden" name="next" value=next />
                <input type="hidden" name="credential" value="" />
                {hidden(&kept)}
                <PasskeyButton form="use-passkey".to_owned() text=text.to_owned() create=false />
            </form>
        }
    })
}

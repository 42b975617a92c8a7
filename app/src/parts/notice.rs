//! Short confirmations after something was done: `?done=WORD` on the page that one is sent to.

use super::{
    icon::{Icon, Sign},
    load::query,
};
use leptos::prelude::*;

/// What each word says. A word that is not here shows nothing, so that nobody can put words into our mouth by a link.
fn text(word: &str) -> Option<&'static str> {
    Some(match word {
        "account-added" => "Added. Test it now, before the first token is minted in it.",
        "account-removed" => "Removed. Keys that were minted in it are still recognised.",
        "account-saved" => "Saved. Test it again: what was found before was found with the old settings.",
        "acknowledged" => "Acknowledged. Others can see that you are on it.",
        "adopted" => "Adopted. From now on every use of this key is recorded here.",
        "app-off" => "Codes from your app are no longer asked for.",
        "app-on" => "Your app's codes are asked for from now on.",
        "confirmed" => "Confirmed. Alerts go there from now on.",
        "disabled" => "Disabled. The key no longer works, so no more uses of it will be seen.",
        "drilled" => "A drill is on its way. What comes back shows under Armed.",
        "enabled" => "Enabled. The key works again and is watched.",
        "invite-removed" => "The invitation no longer works.",
        "key-revoked" => "The API key no longer works.",
        "made" => "Done.",
        "ended" => "That session is ended.",
        "ended-all" => "Signed out everywhere. To come back they have to sign in again.",
        "ended-others" => "You are signed out everywhere else.",
        "passkey-added" => "The passkey is added. Next time it signs you in.",
        "passkey-removed" => "The passkey no longer signs you in.",
        "password-changed" => "Your password is changed. Other sessions of yours were signed out.",
        "person-disabled" => "The account is switched off and signed out everywhere.",
        "person-enabled" => "The account is switched on again.",
        "password-reset" => "Your password is changed, and you are signed out everywhere. Sign in with the new one.",
        "proven" => "It is you. Now press the button again: what you typed is still here.",
        "provider-added" => "Added. Register the addresses below at the provider, then test it.",
        "provider-removed" => "Removed. Nobody comes in through it any more.",
        "provider-saved" => "Saved. Test it again: what was found before was found with the old settings.",
        "removed" => "Removed. Nothing is sent there any more.",
        "reopened" => "Open again.",
        "resolved" => "Resolved. A new hit opens a new incident.",
        "retried" => "It is sent again now.",
        "revoked" => "Revoked. The key is gone; its hits stay here.",
        "role-changed" => "The role is changed.",
        "rule-added" => "The rule is there, after the others.",
        "rule-removed" => "The rule is gone. Roles that followed from it go at each person's next check.",
        "saved" => "Saved.",
        "second-reset" => {
            "The second factors are taken away, and all sessions ended. They can sign in with their password."
        }
        "sent" => "On its way again. It arrives within a minute.",
        "signed-out" => "You are signed out.",
        "subscribed" => "Subscribed.",
        "team-created" => "The team is there. Put people into it next.",
        "replayed" => "On their way again. What becomes of them shows below.",
        "tested" => "A test is on its way. Its attempt appears below.",
        "unsubscribed" => "Unsubscribed.",
        _ => return None,
    })
}

/// The confirmation that the address asks for, if any.
#[component]
pub fn Notice() -> impl IntoView {
    text(&query("done")).map(|text| {
        view! {
            <p class="notice" role="status">
                <Icon sign=Sign::Done />
                <span>{text}</span>
            </p>
        }
    })
}

//! What a form for a new destination asks, by its kind.

use super::machines;
use crate::{
    model::alert::DestinationKind,
    parts::form::{TextField, Typed},
};
use leptos::prelude::*;

/// What people read at the fields, where it is more than their names.
pub const LABELS: &[(&str, &str)] = &[
    ("kind", "What sort of address"),
    ("secret", "Webhook address, key or token"),
    ("team", "Belongs to"),
    ("settings.user", "Mail address of the account"),
    ("settings.project", "Project"),
    ("settings.issue_type", "Type of issue"),
    ("settings.acknowledge_status", "Status that acknowledges"),
    ("settings.resolve_status", "Status that resolves"),
    ("settings.disable_status", "Status that disables the key"),
    ("settings.disable_label", "Label that disables the key"),
    ("settings.index", "Index"),
    ("settings.source", "Source"),
    ("settings.sourcetype", "Source type"),
    ("settings.facility", "Facility"),
    ("settings.sd_id", "Name of the structured data"),
    ("settings.ca", "Certificate authority"),
    ("settings.account", "AWS account"),
];

/// The fields of a kind.
#[component]
pub fn KindFields(
    /// What was typed and refused.
    form: Typed,
    /// The kind.
    kind: DestinationKind,
) -> impl IntoView {
    match kind {
        DestinationKind::Email => address(form, "A mail address.", "security@example.com"),
        DestinationKind::Webhook => {
            address(form, "The https:// address of an endpoint of yours.", "https://hooks.example.com/aviary")
        }
        DestinationKind::Canarytokens => hidden(
            form,
            "The address that was entered at Canarytokens as the webhook.",
            "https://hooks.example.com/canarytokens",
        ),
        DestinationKind::Slack => hidden(
            form,
            "At api.slack.com/apps, make or open an app, switch Incoming Webhooks on, add one to a channel, and copy its address.",
            "https://hooks.slack.com/services/T…/B…/…",
        ),
        DestinationKind::Teams => hidden(
            form,
            "At the channel's ••• menu choose Workflows, then “Send webhook alerts to a channel”, and copy the address that it ends with.",
            "https://….environment.api.powerplatform.com/…/workflows/…",
        ),
        DestinationKind::Discord => hidden(
            form,
            "In the channel's settings open Integrations, then Webhooks, make one, and copy its address.",
            "https://discord.com/api/webhooks/…/…",
        ),
        DestinationKind::GoogleChat => hidden(
            form,
            "In the space's menu open Apps & integrations, then Webhooks, add one, and copy its address.",
            "https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…",
        ),
        DestinationKind::Mattermost => hidden(
            form,
            "In the menu open Integrations, then Incoming Webhooks, add one for a channel, and copy its address.",
            "https://mattermost.example.com/hooks/…",
        ),
        _ => machines::fields(form, kind),
    }
}

fn address(form: Typed, hint: &'static str, placeholder: &'static str) -> AnyView {
    view! { <TextField form name="address" label="Address" hint placeholder mono=true /> }.into_any()
}

/// An address that is a password.
fn hidden(form: Typed, hint: &'static str, placeholder: &'static str) -> AnyView {
    view! {
        <TextField form name="secret" label="Webhook address" hint placeholder mono=true />
        <p class="hint">
            "Whoever knows this address can write to the channel. It is kept sealed, and shown in full to you and admins only."
        </p>
    }
    .into_any()
}

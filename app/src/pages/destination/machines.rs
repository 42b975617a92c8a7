//! What the form for a destination that is a machine asks, and what is shown when one was made.

use crate::{
    model::{alert::DestinationKind, ids::DestinationId, secret::Secret},
    parts::{
        code::Code,
        form::{AreaField, TextField, Typed},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The fields of a kind that is a machine; nothing for others.
pub fn fields(form: Typed, kind: DestinationKind) -> AnyView {
    match kind {
        DestinationKind::Pagerduty => pagerduty(form).into_any(),
        DestinationKind::Jira => jira(form).into_any(),
        DestinationKind::Splunk => splunk(form).into_any(),
        DestinationKind::Syslog => syslog(form).into_any(),
        DestinationKind::Sns => {
            aws(form, "Topic", "The topic's ARN.", "arn:aws:sns:eu-west-1:123456789012:alerts").into_any()
        }
        DestinationKind::Sqs => {
            aws(form, "Queue", "The queue's address or ARN.", "https://sqs.eu-west-1.amazonaws.com/123456789012/alerts")
                .into_any()
        }
        DestinationKind::Eventbridge => {
            aws(form, "Event bus", "The bus's ARN.", "arn:aws:events:eu-west-1:123456789012:event-bus/alerts")
                .into_any()
        }
        _ => ().into_any(),
    }
}

fn pagerduty(form: Typed) -> impl IntoView {
    view! {
        <TextField
            form=form.clone()
            name="secret"
            label="Integration key"
            kind="password"
            hint="In PagerDuty open the service, then Integrations, add “Events API V2”, and copy its key."
            mono=true
        />
        <TextField
            form
            name="address"
            label="Where the service is"
            value="us"
            hint="us or eu, or the https:// address of another endpoint for events."
            suggest=vec![("us", "events.pagerduty.com"), ("eu", "events.eu.pagerduty.com")]
            mono=true
        />
    }
}

fn jira(form: Typed) -> impl IntoView {
    view! {
        <TextField
            form=form.clone()
            name="address"
            label="Site"
            hint="The address of Jira, without the path of a project."
            placeholder="https://example.atlassian.net"
            mono=true
        />
        <TextField
            form=form.clone()
            name="settings.user"
            label="Mail address of the account"
            hint="Jira Cloud: whose API token it is. Left empty, it is Data Center, and the token is a personal access token."
            placeholder="aviary@example.com"
            optional=true
        />
        <TextField
            form=form.clone()
            name="secret"
            label="Token"
            kind="password"
            hint="It needs to browse the project, create issues and add comments, nothing more."
            mono=true
        />
        <TextField form=form.clone() name="settings.project" label="Project" hint="Its key." placeholder="SEC" mono=true />
        <TextField
            form=form.clone()
            name="settings.issue_type"
            label="Type of issue"
            hint="Left empty, it is Task."
            placeholder="Task"
            optional=true
        />
        <fieldset>
            <legend>"What Jira may do here"</legend>
            <p class="hint">
                "All of it is off while it is empty. Only an admin of the installation may set it, because it decides without anybody signing in here."
            </p>
            <TextField
                form=form.clone()
                name="settings.acknowledge_status"
                label="Status that acknowledges"
                placeholder="In Progress"
                optional=true
            />
            <TextField
                form=form.clone()
                name="settings.resolve_status"
                label="Status that resolves"
                placeholder="Done"
                optional=true
            />
            <TextField
                form=form.clone()
                name="settings.disable_status"
                label="Status that disables the key"
                placeholder="Contain"
                optional=true
            />
            <TextField
                form
                name="settings.disable_label"
                label="Label that disables the key"
                placeholder="disable-key"
                optional=true
            />
        </fieldset>
    }
}

fn splunk(form: Typed) -> impl IntoView {
    view! {
        <TextField
            form=form.clone()
            name="address"
            label="Collector"
            hint="The address of the HTTP Event Collector, without a path."
            placeholder="https://splunk.example.com:8088"
            mono=true
        />
        <TextField form=form.clone() name="secret" label="Token" kind="password" hint="The collector's token for Aviary." mono=true />
        <TextField
            form=form.clone()
            name="settings.index"
            label="Index"
            hint="Left empty, the token decides."
            optional=true
            mono=true
        />
        <TextField form=form.clone() name="settings.source" label="Source" placeholder="aviary" optional=true mono=true />
        <TextField
            form
            name="settings.sourcetype"
            label="Source type"
            placeholder="aviary:alert"
            optional=true
            mono=true
        />
    }
}

fn syslog(form: Typed) -> impl IntoView {
    view! {
        <TextField
            form=form.clone()
            name="address"
            label="Collector"
            hint="Host and port of a collector that speaks TLS. tcp:// in front sends in the clear, only into networks that the operator has allowed."
            placeholder="logs.example.com:6514"
            mono=true
        />
        <TextField form=form.clone() name="settings.facility" label="Facility" placeholder="local0" optional=true mono=true />
        <TextField
            form=form.clone()
            name="settings.sd_id"
            label="Name of the structured data"
            hint="A name, @ and your Private Enterprise Number. 32473 is the number for examples."
            placeholder="aviary@32473"
            optional=true
            mono=true
        />
        <AreaField
            form
            name="settings.ca"
            label="Certificate authority"
            hint="In PEM, where the collector's certificate is signed by one of your own. Left empty, the machine's own list counts."
            placeholder="-----BEGIN CERTIFICATE-----"
            optional=true
            mono=true
        />
    }
}

fn aws(form: Typed, label: &'static str, hint: &'static str, placeholder: &'static str) -> impl IntoView {
    view! {
        <TextField form=form.clone() name="address" label hint placeholder mono=true />
        <TextField
            form
            name="settings.account"
            label="AWS account"
            hint="The name or number of the account here whose role sends. Only an admin of the installation may make this."
            placeholder="Workloads"
        />
    }
}

/// What Jira calls back with. It is shown on this page and never again.
pub fn hook(id: &DestinationId, secret: &Secret) -> impl IntoView + use<> {
    let path = format!("/api/v1/hooks/jira/{id}");
    let secret = secret.expose().to_owned();
    view! {
        <Panel
            title="Secret of the webhook back"
            says="Shown this once. You need it only if Jira is to acknowledge, resolve or disable something here."
        >
            <div class="pad prose">
                <p class="secret">
                    <Code text=secret what="secret" />
                </p>
                <ol>
                    <li>"In Jira's settings open System, then WebHooks, and make one for “Issue: updated”."</li>
                    <li>"Its URL is this console's address and " <span class="mono">{path}</span> "."</li>
                    <li>"Enter the secret there. Where Jira has no field for it, append a slash and the secret to the URL."</li>
                </ol>
                <p class="hint">"After a rotation the secret before it counts for another 24 hours."</p>
            </div>
        </Panel>
    }
}

//! The fields that adding and changing an account share.

use super::{policy::PolicyFields, users::UserFields};
use crate::{
    model::account::AccountForm,
    parts::{
        form::{AreaField, Check, Item, SelectField, TextField, Typed},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// What people read at the fields, where it is more than their names.
pub const LABELS: &[(&str, &str)] = &[
    ("id", "Account number"),
    ("region", "Home region"),
    ("role_arn", "Role to assume"),
    ("name_template", "Name templates"),
    ("policy", "What its keys may do"),
    ("bucket", "Bucket"),
    ("document", "Policy document"),
    ("cap", "At most this many tokens"),
    ("events_queue", "Queue of events"),
    ("files_queue", "Queue of log files"),
    ("topics", "SNS topics"),
    ("last_used_rate", "Calls in a minute"),
    ("regions", "Regions to drill in"),
    ("drill_days", "Drill again after days"),
];

/// All fields but the account's number, in groups.
#[component]
pub fn AccountFields(
    /// What was typed and refused.
    form: Typed,
    /// What the fields hold before anything is typed.
    first: AccountForm,
    /// The account's number: a field, or a fact.
    number: AnyView,
) -> impl IntoView {
    let identity = identity(form.clone(), &first);
    let capacity = view! {
        <TextField
            form=form.clone()
            name="cap"
            label="At most this many tokens"
            hint="AWS allows 5,000 users in an account, everybody's included. Empty: as many as AWS allows."
            kind="number"
            value=first.cap.clone()
            optional=true
        />
    };
    let hearing = hearing(form.clone(), &first);
    let drills = drills(form.clone(), &first);
    let users = view! { <UserFields form=form.clone() first=first.clone() /> };
    view! {
        <Panel title="Identity">
            <div class="pad stack">{number} {identity}</div>
        </Panel>
        <Panel
            title="Users"
            says="Whoever holds a key can read its user's name and path. Let both look like your own."
        >
            <div class="pad stack">{users}</div>
        </Panel>
        <Panel title="Permissions">
            <div class="pad stack policy">
                <PolicyFields form first />
            </div>
        </Panel>
        <Panel title="Capacity">
            <div class="pad stack">{capacity}</div>
        </Panel>
        <Panel title="Hearing" says="One queue is fast, the other is complete. Both together are best.">
            <div class="pad stack">{hearing}</div>
        </Panel>
        <Panel title="Drills" says="Aviary uses each new key itself, and waits for that very call to come back.">
            <div class="pad stack">{drills}</div>
        </Panel>
    }
}

fn identity(form: Typed, first: &AccountForm) -> impl IntoView + use<> {
    let partitions =
        vec![Item::new("aws", "AWS"), Item::new("aws-us-gov", "AWS GovCloud (US)"), Item::new("aws-cn", "AWS China")];
    view! {
        <TextField
            form=form.clone()
            name="name"
            label="Name"
            hint="What people choose from when they mint. Empty: the account number."
            placeholder="Production"
            value=first.name.clone()
            optional=true
        />
        <div class="pair">
            <SelectField
                form=form.clone()
                name="partition"
                label="Partition"
                value=first.partition.clone()
                options=partitions
            />
            <TextField
                form=form.clone()
                name="region"
                label="Home region"
                placeholder="us-east-1"
                value=first.region.clone()
                mono=true
                optional=true
            />
        </div>
        <TextField
            form=form.clone()
            name="role_arn"
            label="Role to assume"
            hint="The role that the template made. Empty: the credentials that Aviary itself runs with."
            placeholder="arn:aws:iam::123456789012:role/NAME"
            value=first.role_arn.clone()
            mono=true
            optional=true
        />
        <TextField
            form
            name="external_id"
            label="External id"
            hint="The text that the role's trust policy asks for, so that nobody else can have AWS assume it."
            value=first.external_id.clone()
            mono=true
            optional=true
        />
    }
}

fn hearing(form: Typed, first: &AccountForm) -> impl IntoView + use<> {
    view! {
        <TextField
            form=form.clone()
            name="events_queue"
            label="Queue of events"
            hint="Fast: EventBridge puts each call here within seconds."
            placeholder="https://sqs.us-east-1.amazonaws.com/123456789012/NAME"
            value=first.events_queue.clone()
            mono=true
            optional=true
        />
        <TextField
            form=form.clone()
            name="files_queue"
            label="Queue of log files"
            hint="Complete: the trail announces each log file here, after about five minutes."
            placeholder="https://sqs.us-east-1.amazonaws.com/123456789012/NAME"
            value=first.files_queue.clone()
            mono=true
            optional=true
        />
        <AreaField
            form=form.clone()
            name="topics"
            label="SNS topics"
            hint="Where no queue can be had: ARNs of the topics that may post to /ingest/sns, one per line."
            placeholder="arn:aws:sns:us-east-1:123456789012:NAME"
            value=first.topics.clone()
            mono=true
            rows=2
            optional=true
        />
        <Check
            form=form.clone()
            name="last_used"
            label="Ask IAM when each key was last used"
            hint="The safety net: hours later, but it also shows uses of services that no trail logs."
            checked=!first.last_used.is_empty()
        />
        <TextField
            form
            name="last_used_rate"
            label="Calls in a minute"
            hint="How many of these questions may be asked. Empty: 60."
            kind="number"
            value=first.last_used_rate.clone()
            optional=true
        />
    }
}

fn drills(form: Typed, first: &AccountForm) -> impl IntoView + use<> {
    view! {
        <AreaField
            form=form.clone()
            name="regions"
            label="Regions to drill in"
            hint="One per line. Each has rules of its own, so each is proven apart. Empty: the home region alone."
            placeholder="us-east-1\neu-central-1"
            value=first.regions.clone()
            mono=true
            rows=3
            optional=true
        />
        <TextField
            form
            name="drill_days"
            label="Drill again after days"
            hint="So that a rule that somebody deletes is noticed. Empty: only after the mint, and on demand."
            placeholder="7"
            kind="number"
            value=first.drill_days.clone()
            optional=true
        />
    }
}

//! The fields for what an account's keys may do.

use crate::{
    model::account::AccountForm,
    parts::form::{AreaField, Item, RadioGroup, TextField, Typed},
};
use leptos::prelude::*;

/// The choice, and what each choice needs. Style shows the fields of the one that is chosen.
#[component]
pub fn PolicyFields(
    /// What was typed and refused.
    form: Typed,
    /// What the fields hold before anything is typed.
    first: AccountForm,
) -> impl IntoView {
    let options = vec![
        Item::new("deny_all", "Deny everything")
            .says("Every call is refused but sts:GetCallerIdentity, which AWS lets nobody deny."),
        Item::new("decoy_reader", "List one empty bucket")
            .says("A key without any right looks like a trap. This one may list one bucket in which nothing is."),
        Item::new("custom", "A policy of your own")
            .says("JSON as IAM takes it, within a list of actions that you allow."),
    ];
    let chosen = if first.policy.is_empty() { "deny_all".to_owned() } else { first.policy };
    view! {
        <RadioGroup form=form.clone() name="policy" legend="What its keys may do" value=chosen options />
        <div class="for-decoy">
            <TextField
                form=form.clone()
                name="bucket"
                label="Bucket"
                hint="Make an empty bucket with a dull name; Aviary does not make it."
                placeholder="example-exports-archive"
                value=first.bucket
                mono=true
                optional=true
            />
        </div>
        <div class="for-custom stack">
            <AreaField
                form=form.clone()
                name="document"
                label="Policy document"
                hint="It is refused if it allows anything that is not in the list below."
                value=first.document
                mono=true
                rows=8
                optional=true
            />
            <AreaField
                form
                name="allowed_actions"
                label="Allowed actions"
                hint="What the document may allow at most, one per line."
                placeholder="s3:ListBucket"
                value=first.allowed_actions
                mono=true
                rows=3
                optional=true
            />
        </div>
    }
}

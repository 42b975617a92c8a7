//! The fields for how an account's users look.

use crate::{
    model::account::AccountForm,
    parts::form::{AreaField, TextField, Typed},
};
use leptos::prelude::*;

/// What can stand in a template, and what becomes of it.
const PIECES: [(&str, &str); 4] = [
    ("{team}", "the team's name"),
    ("{word}", "one of the words"),
    ("{digits:4}", "four digits"),
    ("{letters:3}", "three small letters"),
];

/// Templates, and a name that each could make.
const EXAMPLES: [(&str, &str); 3] = [
    ("svc-{word}-{digits:2}", "svc-ledger-07"),
    ("{team}-{word}-{word}", "payments-export-sync"),
    ("{word}_{letters:4}", "backup_qkzt"),
];

/// Path, names and tags.
#[component]
pub fn UserFields(
    /// What was typed and refused.
    form: Typed,
    /// What the fields hold before anything is typed.
    first: AccountForm,
) -> impl IntoView {
    let pieces = PIECES
        .map(|(piece, says)| {
            view! {
                <div>
                    <dt>
                        <code>{piece}</code>
                    </dt>
                    <dd>{says}</dd>
                </div>
            }
        })
        .into_iter()
        .collect_view();
    let examples = EXAMPLES
        .map(|(template, name)| {
            view! {
                <div>
                    <dt>
                        <code>{template}</code>
                    </dt>
                    <dd>
                        <code>{name}</code>
                    </dd>
                </div>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <TextField
            form=form.clone()
            name="path"
            label="Path"
            hint="The IAM path of all of them. Nothing else must live under it: the rule listens to the whole path."
            placeholder="/service/"
            value=first.path
            mono=true
            optional=true
        />
        <AreaField
            form=form.clone()
            name="name_template"
            label="Name templates"
            hint="One per line; each mint takes one of them by chance. Several are better: names of one shape give each other away. Empty: Aviary's own choice."
            value=first.name_template
            mono=true
            optional=true
        >
            <div class="pieces">
                <dl>{pieces}</dl>
                <dl>{examples}</dl>
            </div>
        </AreaField>
        <AreaField
            form=form.clone()
            name="words"
            label="Words"
            hint="What {word} chooses from, one per line: systems and jobs that you really have. Empty: Aviary's own list."
            value=first.words
            mono=true
            optional=true
        />
        <AreaField
            form
            name="tags"
            label="Tags"
            hint="key=value, one per line: what your organisation's tag policy asks of each user."
            placeholder="cost-center=1042"
            value=first.tags
            mono=true
            rows=3
            optional=true
        />
    }
}

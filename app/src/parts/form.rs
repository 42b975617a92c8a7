//! Pieces of forms. Each is plain HTML that posts without any script; what was typed and refused comes back in its
//! field, with the reason beside it.

mod choice;
mod field;

pub use choice::{Check, CheckGroup, Item, RadioGroup, SelectField};
pub use field::{AreaField, TextField};

use super::{
    icon::{Icon, Sign},
    load::proof_here,
};
use crate::{
    api::Reply,
    model::fault::{Fault, FaultKind},
};
use leptos::prelude::*;
use std::sync::Arc;

/// What was typed into a form, and mostly refused; blank where the form is shown for the first time.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    values: Arc<Vec<(String, String)>>,
    fault: Option<Arc<Fault>>,
    prefix: String,
}

impl Typed {
    /// What the reply to this request says was typed.
    pub fn here() -> Self {
        match use_context::<Reply>() {
            Some(Reply::Typed { values }) => Self { values: Arc::new(values), ..Self::default() },
            Some(Reply::Refused { values, fault }) => {
                Self { values: Arc::new(values), fault: Some(Arc::new(fault)), prefix: String::new() }
            }
            _ => Self::default(),
        }
    }

    /// Nothing was typed. For a form on a page with several, which another form's refusal does not concern.
    pub fn blank() -> Self {
        Self::default()
    }

    /// With a prefix for the ids of its fields, for pages with several forms.
    pub fn prefixed(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// This, where its hidden field `about` says so; else blank.
    pub fn about(self, what: &str) -> Self {
        if self.value("about", "") == what { self } else { Self::blank() }
    }

    /// Whether the form was refused.
    pub fn refused(&self) -> bool {
        self.fault.is_some()
    }

    /// Whether it was refused because its sender has to show first that it is them.
    pub fn stale(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Stale)
    }

    /// Whether the form was sent, so that what is not among its values was left empty.
    pub(super) fn sent(&self) -> bool {
        self.refused() || !self.values.is_empty()
    }

    /// The values whose names begin so, under their whole names.
    pub fn starting(&self, start: &str) -> Vec<(String, String)> {
        self.values.iter().filter(|(name, _)| name.starts_with(start)).cloned().collect()
    }

    /// Whether a field of this name was sent at all: tells which of several forms was refused.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(n, _)| n == name)
    }

    /// The value to show in a field: what was typed, else `first`.
    pub fn value(&self, name: &str, first: &str) -> String {
        match self.values.iter().find(|(n, _)| n == name) {
            Some((_, value)) => value.clone(),
            None if self.sent() => String::new(),
            None => first.to_owned(),
        }
    }

    /// The values to check in a group: what was checked, else `first`.
    pub fn checked(&self, name: &str, first: &[String]) -> Vec<String> {
        if !self.sent() {
            return first.to_vec();
        }
        self.values.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }

    /// Why a field was refused.
    pub fn fault(&self, name: &str) -> Option<String> {
        self.fault.as_ref()?.of(name).map(capital)
    }

    fn id(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}-{name}", self.prefix) }
    }
}

/// The text with its first letter in upper case: what rooms say of a field reads on from the field's name.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The label, the hint and the fault around one control.
#[component]
fn FieldFrame(
    id: String,
    label: String,
    hint: Option<String>,
    fault: Option<String>,
    optional: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id.clone()>
                {label}
                // With the space, it is read as two words.
                {optional.then(|| view! { " " <span class="optional">"optional"</span> })}
            </label>
            {hint.map(|hint| {
                view! {
                    <p class="hint" id=format!("{id}-hint")>
                        {hint}
                    </p>
                }
            })}
            {children()}
            <FieldFault id fault />
        </div>
    }
}

/// The place beside a field where its fault stands, or will.
#[component]
fn FieldFault(id: String, fault: Option<String>) -> impl IntoView {
    let none = fault.is_none();
    view! {
        <p class="field-fault" id=format!("{id}-fault") hidden=none>
            {fault}
        </p>
    }
}

/// Why the form was refused as a whole, with links to the fields that are at fault. Put it at the form's top.
#[component]
pub fn FormFault(
    /// What was typed and refused.
    form: Typed,
    /// Names of fields and what people read at them, where that is more than the name itself.
    #[prop(optional)]
    labels: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let fault = form.fault.clone()?;
    let called = |name: &str| match labels.iter().find(|(known, _)| *known == name) {
        Some((_, label)) => (*label).to_owned(),
        None => capital(&name.replace('_', " ")),
    };
    let links = fault
        .fields
        .iter()
        .map(|field| {
            view! {
                <li>
                    <a href=format!("#{}", form.id(&field.field))>
                        {called(&field.field)} ": " {field.message.clone()}
                    </a>
                </li>
            }
        })
        .collect_view();
    let message = match fault.fields.len() {
        0 => fault.message.clone(),
        1 => "One field needs another look.".to_owned(),
        _ => format!("{} fields need another look.", fault.fields.len()),
    };
    // The button belongs to a form of its own at the end of the page, since one form cannot stand in another.
    let prove = form.stale().then(|| {
        view! {
            <p class="form-fault-way">
                <button class="button small" form=PROVE>
                    "Confirm that it is you"
                </button>
            </p>
        }
    });
    Some(view! {
        <div class="form-fault" role="alert">
            <Icon sign=Sign::Alert />
            <div>
                <p>{message}</p>
                {prove}
                {(!fault.fields.is_empty()).then(|| view! { <ul>{links}</ul> })}
            </div>
        </div>
    })
}

/// The id of the form behind “Confirm that it is you”.
const PROVE: &str = "prove";

/// The form behind “Confirm that it is you”: it takes along what was typed and refused, so that it is there again
/// afterwards. Nothing, where nothing was refused for that reason.
#[component]
pub fn ProveForm() -> impl IntoView {
    let form = Typed::here();
    form.stale()
        .then(|| view! { <form id=PROVE method="post" action=proof_here() hidden=true>{hidden(&form.values)}</form> })
}

/// Fields that nobody sees.
pub fn hidden(values: &[(String, String)]) -> impl IntoView + use<> {
    let fields = values.iter().cloned();
    fields.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
}

/// The end of a form: its button, and a way out. `class` is `primary` or `danger`.
#[component]
pub fn Submit(
    /// What the button says.
    #[prop(into)]
    text: String,
    /// How it looks.
    #[prop(optional)]
    class: Option<&'static str>,
    /// Where "Cancel" leads, if it is offered.
    #[prop(optional, into)]
    cancel: Option<String>,
) -> impl IntoView {
    view! {
        <div class="submit">
            <button class=format!("button {}", class.unwrap_or("primary"))>{text}</button>
            {cancel.map(|href| view! { <a class="button quiet" href=href>"Cancel"</a> })}
        </div>
    }
}

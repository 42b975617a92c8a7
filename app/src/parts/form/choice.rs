//! Fields in which one chooses.

use super::{FieldFault, FieldFrame, Typed, field::described_by};
use leptos::prelude::*;

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub text: String,
    /// A remark below it, or nothing.
    pub says: String,
}

impl Item {
    /// A choice without a remark.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into(), says: String::new() }
    }

    /// The choice with a remark.
    pub fn says(mut self, says: impl Into<String>) -> Self {
        self.says = says.into();
        self
    }
}

/// A list that opens.
#[component]
pub fn SelectField(
    /// What was typed and refused.
    form: Typed,
    /// The field's name.
    name: &'static str,
    /// What people read.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The first value.
    #[prop(optional, into)]
    value: String,
    /// What there is to choose.
    options: Vec<Item>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let id = form.id(name);
    let fault = form.fault(name);
    let described = described_by(&id, hint.is_some());
    let value = form.value(name, &value);
    let options = options
        .into_iter()
        .map(|option| {
            let here = option.value == value;
            view! {
                <option value=option.value selected=here>
                    {option.text}
                </option>
            }
        })
        .collect_view();
    view! {
        <FieldFrame id=id.clone() label hint fault=fault.clone() optional>
            <select
                id=id
                name=name
                aria-invalid=fault.is_some().then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
        </FieldFrame>
    }
}

/// One of a few, each with a remark. The children stand below them.
#[component]
pub fn RadioGroup(
    /// What was typed and refused.
    form: Typed,
    /// The field's name.
    name: &'static str,
    /// What people read above it.
    #[prop(into)]
    legend: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The first value.
    #[prop(optional, into)]
    value: String,
    /// What there is to choose.
    options: Vec<Item>,
    /// What stands below the choices and belongs to them.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let value = form.value(name, &value);
    choices("radio", form, name, legend, hint, vec![value], options, children)
}

/// Any of several, each with a remark.
#[component]
pub fn CheckGroup(
    /// What was typed and refused.
    form: Typed,
    /// The field's name.
    name: &'static str,
    /// What people read above it.
    #[prop(into)]
    legend: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The values that are checked at first.
    #[prop(optional)]
    checked: Vec<String>,
    /// What there is to choose.
    options: Vec<Item>,
) -> impl IntoView {
    let checked = form.checked(name, &checked);
    choices("checkbox", form, name, legend, hint, checked, options, None)
}

/// One thing that is so or not.
#[component]
pub fn Check(
    /// What was typed and refused.
    form: Typed,
    /// The field's name; it sends `on`.
    name: &'static str,
    /// What people read.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it is checked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    let id = form.id(name);
    let on = if form.sent() { form.has(name) } else { checked };
    let described = hint.is_some().then(|| format!("{id}-hint"));
    let hint = hint.map(|hint| {
        view! {
            <p class="hint" id=format!("{id}-hint")>
                {hint}
            </p>
        }
    });
    view! {
        <div class="choice">
            <input type="checkbox" id=id.clone() name=name checked=on aria-describedby=described />
            <label for=id>{label}</label>
            {hint}
        </div>
    }
}

#[allow(clippy::too_many_arguments, reason = "the two components above differ in one of them only")]
fn choices(
    kind: &'static str,
    form: Typed,
    name: &'static str,
    legend: String,
    hint: Option<String>,
    chosen: Vec<String>,
    options: Vec<Item>,
    children: Option<Children>,
) -> impl IntoView {
    let id = form.id(name);
    let fault = form.fault(name);
    let described = described_by(&id, hint.is_some());
    let group = id.clone();
    let options = options
        .into_iter()
        .enumerate()
        .map(|(at, option)| {
            let on = chosen.contains(&option.value);
            let id = format!("{id}-{at}");
            view! {
                <div class="choice">
                    <input type=kind id=id.clone() name=name value=option.value checked=on />
                    <label for=id.clone()>{option.text}</label>
                    {(!option.says.is_empty()).then(|| view! { <p class="hint">{option.says}</p> })}
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field choices" id=group aria-describedby=described>
            <legend>{legend}</legend>
            {hint.map(|hint| {
                view! {
                    <p class="hint" id=format!("{id}-hint")>
                        {hint}
                    </p>
                }
            })}
            {options}
            {children.map(|children| children())}
            <FieldFault id fault />
        </fieldset>
    }
}

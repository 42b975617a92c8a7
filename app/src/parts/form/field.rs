//! Fields that one types into.

use super::{FieldFrame, Typed};
use leptos::prelude::*;

/// One line of text.
#[component]
pub fn TextField(
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
    /// `text`, `email`, `password`, `url`, `search`, `number`.
    #[prop(optional)]
    kind: Option<&'static str>,
    /// What browsers may fill in: `username`, `new-password`, `off`, …
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// An example.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it is machine text: a key, an address.
    #[prop(optional)]
    mono: bool,
    /// Values to choose from while typing.
    #[prop(optional)]
    suggest: Vec<(&'static str, &'static str)>,
    /// Whether the page opens with this field in focus.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = form.id(name);
    let fault = form.fault(name);
    let described = described_by(&id, hint.is_some());
    // A password is never sent back.
    let value = if kind == Some("password") { String::new() } else { form.value(name, &value) };
    let list = (!suggest.is_empty()).then(|| format!("{id}-list"));
    let datalist = list.clone().map(|list| {
        let options = suggest.into_iter().map(|(value, text)| view! { <option value=value>{text}</option> });
        view! { <datalist id=list>{options.collect_view()}</datalist> }
    });
    view! {
        <FieldFrame id=id.clone() label hint fault=fault.clone() optional>
            <input
                id=id
                name=name
                type=kind.unwrap_or("text")
                value=value
                class=mono.then_some("mono")
                placeholder=placeholder
                autocomplete=autocomplete.unwrap_or("off")
                required=!optional
                autofocus=autofocus
                list=list
                spellcheck=mono.then_some("false")
                autocapitalize=mono.then_some("off")
                aria-invalid=fault.is_some().then_some("true")
                aria-describedby=described
            />
            {datalist}
        </FieldFrame>
    }
}

/// Several lines of text.
#[component]
pub fn AreaField(
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
    /// An example.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it is machine text: ARNs, JSON.
    #[prop(optional)]
    mono: bool,
    /// How many lines it shows; four if not said.
    #[prop(default = 4)]
    rows: u8,
    /// What stands below the field and explains it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let id = form.id(name);
    let fault = form.fault(name);
    let described = described_by(&id, hint.is_some());
    let value = form.value(name, &value);
    view! {
        <FieldFrame id=id.clone() label hint fault=fault.clone() optional>
            <textarea
                id=id
                name=name
                rows=rows
                class=mono.then_some("mono")
                spellcheck=mono.then_some("false")
                autocapitalize=mono.then_some("off")
                placeholder=placeholder
                required=!optional
                aria-invalid=fault.is_some().then_some("true")
                aria-describedby=described
                inner_html=area_text(&value)
            ></textarea>
            {children.map(|children| children())}
        </FieldFrame>
    }
}

pub(super) fn described_by(id: &str, hint: bool) -> String {
    if hint { format!("{id}-hint {id}-fault") } else { format!("{id}-fault") }
}

/// The text of a `<textarea>`, escaped here because Leptos does not escape what stands in one. The line break in
/// front is the one that browsers drop, so that a text which begins with its own keeps it.
fn area_text(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textarea_cannot_be_closed_from_inside() {
        assert_eq!(
            area_text("</textarea><script>1 && 2</script>"),
            "\n&lt;/textarea>&lt;script>1 &amp;&amp; 2&lt;/script>"
        );
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn the_rendered_textarea_holds_the_text_escaped_once() {
        let html = leptos::prelude::Owner::new().with(|| {
            view! { <AreaField form=Typed::blank() name="notes" label="Notes" value="a < b </textarea>" /> }.to_html()
        });
        assert!(html.contains(">\na &lt; b &lt;/textarea></textarea>"), "{html}");
    }
}

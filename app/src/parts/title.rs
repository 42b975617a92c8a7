//! What stands in the browser's tab.

use leptos::prelude::*;

/// The title of a page. The framework writes it into the document as it is, and names of things are what people typed:
/// so what HTML would take for markup is escaped here.
#[component]
pub fn Title(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <leptos_meta::Title text=escaped(&text) /> }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(escaped("a</title><script>&"), "a&lt;/title&gt;&lt;script&gt;&amp;");
    }
}

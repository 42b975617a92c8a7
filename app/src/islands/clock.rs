//! Keeps the relative times of an open page true: "just now" does not stay so.

use crate::model::moment::Moment;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast as _;

/// How often the times are looked at. The finest that they say is a minute.
const EVERY: Duration = Duration::from_secs(20);

/// Starts the clock. It counts from the server's "now", which the page carries, since a browser's clock may be wrong.
pub fn start() {
    let began = js_sys::Date::now();
    let root = document().document_element();
    let Some(now) = root.and_then(|root| root.get_attribute("data-now")).and_then(|text| Moment::parse(&text)) else {
        return;
    };
    set_interval(
        move || {
            #[allow(clippy::cast_possible_truncation, reason = "an open page is not open for millions of years")]
            let passed = (js_sys::Date::now() - began) as i64;
            tell(now.plus(passed));
        },
        EVERY,
    );
}

fn tell(now: Moment) {
    let Ok(times) = document().query_selector_all("time.when") else {
        return;
    };
    for at in 0..times.length() {
        let Some(time) = times.get(at).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) else {
            continue;
        };
        let Some(moment) = time.get_attribute("datetime").and_then(|text| Moment::parse(&text)) else {
            continue;
        };
        let said = moment.relative(now);
        if time.text_content().as_deref() != Some(&said) {
            let exact = time.get_attribute("data-exact").unwrap_or_default();
            let _ = time.set_attribute("aria-label", &format!("{said}, {exact}"));
            time.set_text_content(Some(&said));
        }
    }
}

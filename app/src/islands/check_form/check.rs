//! The browser's side of a form that checks itself.

use super::Kind;
use crate::{
    api::{accounts::check_account_form, tokens::check_token_form},
    islands::dom::on,
    model::{account::AccountForm, token::TokenForm},
};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

/// How long typing must rest before the server is asked.
const REST: Duration = Duration::from_millis(350);

struct Watch {
    form: HtmlFormElement,
    kind: Kind,
    /// The fields that were touched: the others are not at fault yet, only empty.
    touched: RefCell<Vec<String>>,
    /// Counts the changes, so that an answer to an older state is thrown away.
    change: Cell<u32>,
}

/// Watches the form of this id.
pub fn watch(form: &str, kind: Kind) {
    let form = document().get_element_by_id(form).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else {
        return;
    };
    let watch = Rc::new(Watch { form: form.clone(), kind, touched: RefCell::new(Vec::new()), change: Cell::new(0) });
    for event in ["input", "change"] {
        let watch = Rc::clone(&watch);
        on(&form, event, move |event| {
            let name = event
                .target()
                .and_then(|field| field.dyn_into::<web_sys::Element>().ok())
                .and_then(|field| field.get_attribute("name"));
            if let Some(name) = name {
                changed(&watch, name);
            }
        });
    }
}

fn changed(watch: &Rc<Watch>, name: String) {
    let name = if name == "on_hit_after" { "on_hit".to_owned() } else { name };
    if let Ok(mut touched) = watch.touched.try_borrow_mut()
        && !touched.contains(&name)
    {
        touched.push(name);
    }
    let change = watch.change.get().wrapping_add(1);
    watch.change.set(change);
    let watch = Rc::clone(watch);
    set_timeout(
        move || {
            if watch.change.get() == change {
                leptos::task::spawn_local(async move { ask(&watch, change).await });
            }
        },
        REST,
    );
}

async fn ask(watch: &Watch, change: u32) {
    let typed = read(&watch.form);
    let answer = match watch.kind {
        Kind::Account => check_account_form(AccountForm::from_pairs(&typed)).await,
        kind => check_token_form(TokenForm::from_pairs(&typed), kind == Kind::Adopt).await,
    };
    if watch.change.get() != change {
        return;
    }
    // Where the server could not be asked, the form says nothing now, and the posted one will.
    let Ok(faults) = answer else {
        return;
    };
    for name in watch.touched.borrow().iter() {
        show(name, faults.iter().find(|fault| fault.field == *name).map(|fault| fault.message.as_str()));
    }
}

fn read(form: &HtmlFormElement) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if let Ok(data) = FormData::new_with_form(form) {
        for pair in data.entries().into_iter().flatten() {
            let pair = js_sys::Array::from(&pair);
            if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
                pairs.push((name, value));
            }
        }
    }
    pairs
}

fn show(name: &str, fault: Option<&str>) {
    let page = document();
    let (Some(field), Some(place)) = (page.get_element_by_id(name), page.get_element_by_id(&format!("{name}-fault")))
    else {
        return;
    };
    match fault {
        Some(fault) => {
            place.set_text_content(Some(fault));
            let _ = place.remove_attribute("hidden");
            let _ = field.set_attribute("aria-invalid", "true");
        }
        None => {
            place.set_text_content(None);
            let _ = place.set_attribute("hidden", "");
            let _ = field.remove_attribute("aria-invalid");
        }
    }
}

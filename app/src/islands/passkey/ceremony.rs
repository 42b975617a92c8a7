//! The browser's side of a passkey's ceremony (WebAuthn Level 3, section 5.1). The browser itself turns JSON into what it
//! needs and back, so little is done here.

use gloo_net::http::Request;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlFormElement, HtmlInputElement};

const UNABLE: &str = "This browser cannot use passkeys.";
const NOT_MADE: &str = "No passkey was made. It was called off, or this device has one for you already.";
const NOT_USED: &str = "No passkey was chosen. Try again.";

/// Asks the browser, and posts the form with its answer.
pub async fn run(form: &str, create: bool) -> Result<(), &'static str> {
    let form = document().get_element_by_id(form).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let form = form.ok_or(UNABLE)?;
    if !form.report_validity() {
        return Ok(());
    }
    // Where the server refuses to ask, the posted form says why.
    let answer = match asked_for(&form).await {
        Some(options) => {
            answer(&options, create).await.map_err(|_| if create { NOT_MADE } else { NOT_USED })?.ok_or(UNABLE)?
        }
        None => String::new(),
    };
    let field = form.query_selector("input[name=credential]").ok().flatten();
    let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()).ok_or(UNABLE)?;
    field.set_value(&answer);
    form.submit().map_err(|_| UNABLE)
}

/// What the server asks the browser for, as JSON.
async fn asked_for(form: &HtmlFormElement) -> Option<String> {
    let address = format!("{}/options", form.get_attribute("action")?);
    let response = Request::post(&address).send().await.ok()?;
    if response.ok() { response.text().await.ok() } else { None }
}

/// The browser's answer, as JSON; `None` where it knows nothing of passkeys, or of their JSON.
async fn answer(options: &str, create: bool) -> Result<Option<String>, JsValue> {
    let (parse, act) =
        if create { ("parseCreationOptionsFromJSON", "create") } else { ("parseRequestOptionsFromJSON", "get") };
    let credentials = Reflect::get(&window(), &JsValue::from_str("PublicKeyCredential"))?;
    let container = Reflect::get(&window().navigator(), &JsValue::from_str("credentials"))?;
    if !credentials.is_function() || !Reflect::get(&credentials, &JsValue::from_str(parse))?.is_function() {
        return Ok(None);
    }
    let wish = Object::new();
    let parsed = call(&credentials, parse, &Array::of1(&JSON::parse(options)?))?;
    Reflect::set(&wish, &JsValue::from_str("publicKey"), &parsed)?;
    let promise = call(&container, act, &Array::of1(&wish))?.unchecked_into::<Promise>();
    let credential = JsFuture::from(promise).await?;
    let json = call(&credential, "toJSON", &Array::new())?;
    Ok(Some(String::from(JSON::stringify(&json)?)))
}

fn call(target: &JsValue, name: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let function = Reflect::get(target, &JsValue::from_str(name))?.dyn_into::<Function>()?;
    Reflect::apply(&function, target, arguments)
}

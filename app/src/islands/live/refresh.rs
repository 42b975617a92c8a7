//! The browser's side of a live page: the stream of events, and taking over what changed.

use super::Line;
use crate::islands::dom::on;
use gloo_net::http::Request;
use js_sys::{Function, Reflect};
use leptos::prelude::*;
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, DomParser, Element, EventSource, NodeList, SupportedType};

/// How long a refresh keeps the next one waiting: bursts of hits become three refreshes a second at most.
const PAUSE: Duration = Duration::from_millis(330);
/// How long to wait before asking again, where the server closed the stream for good.
const AGAIN: Duration = Duration::from_secs(5);

thread_local! {
    /// Whether a refresh is under way or has just ended.
    static BUSY: Cell<bool> = const { Cell::new(false) };
    /// Whether something was heard meanwhile.
    static MORE: Cell<bool> = const { Cell::new(false) };
    /// How many hits were heard and not yet told.
    static NEWS: Cell<u32> = const { Cell::new(0) };
}

/// Opens the stream and keeps it open. It is never closed by hand: it ends with the page.
pub fn listen(token: Option<&str>, since: u64, line: RwSignal<Line>, heard: RwSignal<u32>) {
    let of_token = token.map(|id| format!("&token={id}")).unwrap_or_default();
    let address = format!("/live?since={since}{of_token}");
    connect(address, line, heard);
}

fn connect(address: String, line: RwSignal<Line>, heard: RwSignal<u32>) {
    let Ok(stream) = EventSource::new(&address) else {
        return;
    };
    on(&stream, "open", move |_| {
        // What happened while the line was down would otherwise be missed. What happened between the page and its line
        // is told by the server.
        if line.get_untracked() == Line::Lost {
            refresh_soon(heard);
        }
        line.set(Line::Open);
    });
    on(&stream, "hit", move |_| {
        NEWS.set(NEWS.get().saturating_add(1));
        refresh_soon(heard);
    });
    // Something that is worth a look and no news: a drill of Aviary's own.
    on(&stream, "change", move |_| refresh_soon(heard));
    let lost = stream.clone();
    on(&stream, "error", move |_| {
        line.set(Line::Lost);
        if lost.ready_state() == EventSource::CLOSED {
            let address = address.clone();
            set_timeout(move || connect(address, line, heard), AGAIN);
        }
    });
}

fn refresh_soon(heard: RwSignal<u32>) {
    if BUSY.replace(true) {
        MORE.set(true);
        return;
    }
    leptos::task::spawn_local(async move {
        let news = NEWS.replace(0);
        refresh().await;
        if news > 0 {
            heard.set(news);
        }
        set_timeout(
            move || {
                BUSY.set(false);
                if MORE.replace(false) {
                    refresh_soon(heard);
                }
            },
            PAUSE,
        );
    });
}

/// Fetches this page again and takes over what is marked as live.
async fn refresh() -> Option<()> {
    let address = window().location().href().ok()?;
    let reply = Request::get(&address).header("accept", "text/html").send().await.ok()?;
    if !reply.ok() {
        return None;
    }
    let text = reply.text().await.ok()?;
    let fresh = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
    for region in all(document().query_selector_all("[data-live]").ok()) {
        if let Some(twin) = twin(&fresh, &region, "data-live") {
            match (list_in(&region), list_in(&twin)) {
                (Some(old), Some(now)) => merge(&old, &now),
                _ if region.inner_html() != twin.inner_html() => {
                    region.set_inner_html(&twin.inner_html());
                    wake(&region);
                }
                _ => {}
            }
        }
    }
    for list in all(document().query_selector_all("[data-live-list]").ok()) {
        let inside = list.closest("[data-live]").ok().flatten().is_some();
        if let Some(twin) = twin(&fresh, &list, "data-live-list")
            && !inside
        {
            merge(&list, &twin);
        }
    }
    Some(())
}

fn twin(fresh: &Document, element: &Element, attribute: &str) -> Option<Element> {
    let name = element.get_attribute(attribute)?;
    fresh.query_selector(&format!("[{attribute}='{name}']")).ok().flatten()
}

fn list_in(region: &Element) -> Option<Element> {
    region.query_selector("[data-live-list]").ok().flatten()
}

/// Brings a list up to date without moving the entries that stay where they are, so that focus, selection and open
/// records stay too.
fn merge(list: &Element, fresh: &Element) {
    // A table's caption and head have no id: they are no entries.
    let mut at = first_entry(list);
    let mut next = first_entry(fresh);
    while let Some(entry) = next {
        next = entry.next_element_sibling();
        let Some(old) = document().get_element_by_id(&entry.id()).filter(|old| list.contains(Some(old))) else {
            let _ = entry.class_list().add_1("is-new");
            let _ = list.insert_before(&entry, at.as_deref());
            wake(&entry);
            continue;
        };
        if at.as_ref() == Some(&old) {
            at = old.next_element_sibling();
        } else {
            let _ = list.insert_before(&old, at.as_deref());
        }
        if old.inner_html() != entry.inner_html() {
            keep_open(&old, &entry);
            let _ = old.replace_with_with_node_1(&entry);
            wake(&entry);
        }
    }
    // What is left fell off the end of the page; a record that somebody is reading stays.
    while let Some(old) = at {
        at = old.next_element_sibling();
        if old.query_selector("details[open]").ok().flatten().is_none() {
            old.remove();
        }
    }
}

fn first_entry(list: &Element) -> Option<Element> {
    let mut entry = list.first_element_child();
    while let Some(other) = entry.take_if(|entry| entry.id().is_empty()) {
        entry = other.next_element_sibling();
    }
    entry
}

fn keep_open(old: &Element, entry: &Element) {
    let open = all(old.query_selector_all("details").ok());
    for (old, now) in open.iter().zip(all(entry.query_selector_all("details").ok())) {
        if old.has_attribute("open") {
            let _ = now.set_attribute("open", "");
        }
    }
}

/// Wakes the islands in a part that has just come in.
fn wake(part: &Element) {
    let Ok(wake) = Reflect::get(&window(), &JsValue::from_str("__hydrateIsland")) else {
        return;
    };
    let Ok(wake) = wake.dyn_into::<Function>() else {
        return;
    };
    for island in all(part.query_selector_all("leptos-island").ok()) {
        if let Some(name) = island.get_attribute("data-component") {
            let _ = wake.call2(&JsValue::NULL, &island, &JsValue::from_str(&name));
        }
    }
}

fn all(nodes: Option<NodeList>) -> Vec<Element> {
    let Some(nodes) = nodes else {
        return Vec::new();
    };
    (0..nodes.length()).filter_map(|at| nodes.get(at)?.dyn_into().ok()).collect()
}

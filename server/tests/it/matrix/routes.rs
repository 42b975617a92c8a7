//! Every route there is, as the code says it: method and path.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

type Routes = BTreeSet<(String, String)>;

/// Pages, forms, server functions, and what else stands beside them.
pub fn console() -> Routes {
    let mut routes = pages();
    assert!(routes.len() > 20, "the pages are not found any more: {routes:?}");
    let calls = leptos::server_fn::axum::server_fn_paths();
    let calls: Routes = calls.map(|(path, method)| (method.to_string(), path.to_owned())).collect();
    assert!(calls.len() > 20, "the server functions are not found any more: {calls:?}");
    routes.extend(calls);
    // Assets need nobody to be known; metrics and the sandbox are on listeners of their own; the API has its document.
    let elsewhere = ["api", "assets.rs", "metrics.rs", "sandbox.rs"];
    let written = written("server/src/http", |path| !elsewhere.iter().any(|part| path.starts_with(part)));
    assert!(written.len() > 40, "the forms are not found any more: {written:?}");
    routes.extend(written);
    // What takes the names of server functions.
    routes.remove(&("POST".to_owned(), "/call/{*name}".to_owned()));
    routes
}

/// The REST operations of the OpenAPI document, and what is routed beside them.
pub fn rest() -> Routes {
    let document = serde_json::to_value(aviary::http::api::v1::document()).unwrap();
    let mut routes = Routes::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    let written = written("server/src/http/api", |_| true);
    routes.extend(written.into_iter().map(|(method, path)| (method, format!("/api/v1{path}"))));
    routes
}

/// The addresses of the page's route table.
fn pages() -> Routes {
    let listed = leptos_axum::generate_route_list(app::app::App);
    listed.iter().map(|page| ("GET".to_owned(), plain(page.path()))).collect()
}

/// A path with one slash before each of its parts.
fn plain(path: &str) -> String {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

/// What the sources say with `.route("/…", …)`. A form's page is a page, and where only forms are taken, `GET` leads away.
fn written(folder: &str, counts: impl Fn(&Path) -> bool) -> Routes {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    // `http.rs` stands beside its folder.
    let mut files = vec![base.with_extension("rs")];
    gather(&base, &mut files);
    let mut routes = Routes::new();
    for file in files {
        if !file.is_file() || file.strip_prefix(&base).is_ok_and(|below| !counts(below)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for said in code.join("\n").split(".route(").skip(1) {
            let arguments = within_parentheses(said);
            let (path, handlers) = literal(arguments).unwrap_or_else(|| {
                panic!("{}: write the address out, so that this test can read it: {arguments}", file.display())
            });
            let methods = [("get", "GET"), ("post", "POST"), ("form", "POST"), ("act", "POST"), ("put", "PUT")];
            let more = [("patch", "PATCH"), ("delete", "DELETE")];
            for (_, method) in methods.into_iter().chain(more).filter(|(word, _)| calls(handlers, word)) {
                routes.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    routes
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The text up to the parenthesis that closes what was open before it.
fn within_parentheses(text: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The text in quotes at the beginning, and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    text.trim_start().strip_prefix('"')?.split_once('"')
}

/// Whether a function of this name is called.
fn calls(text: &str, word: &str) -> bool {
    let open = format!("{word}(");
    text.match_indices(&open)
        .any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

#[test]
fn what_is_routed_is_read_off_the_source() {
    let code = r#""/a/{id}", act(async |state, who| switch(state, who, true).await, PAGE)).route("/b", form(b))"#;
    let arguments = within_parentheses(code);
    assert_eq!(arguments, r#""/a/{id}", act(async |state, who| switch(state, who, true).await, PAGE)"#);
    let (path, handlers) = literal(arguments).unwrap();
    assert_eq!(path, "/a/{id}");
    assert!(calls(handlers, "act") && !calls(handlers, "form") && !calls(handlers, "ct"));
    assert!(calls("axum::routing::get(x).post(y)", "get") && calls("get(x).post(y)", "post"));
    assert!(!calls("forget(x)", "get"));
    assert_eq!((plain("//tokens/{id}/"), plain("")), ("/tokens/{id}".to_owned(), "/".to_owned()));
}

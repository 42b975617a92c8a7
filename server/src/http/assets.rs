//! What `make site` built, as browsers fetch it: script, wasm and stylesheet under `/pkg/`, public files at `/`.
//!
//! A release binary carries the files within itself, a debug binary reads them from `target/site`.

use std::borrow::Cow;

use app::shell::Assets;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

/// The files that `make site` made; none where it was never run.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// What the site's manifest says.
#[derive(Deserialize)]
struct Manifest {
    output_name: String,
    stylesheet: String,
}

/// Reads from the site's manifest how the files are called now; `None` where the browser's half is not built.
///
/// Pages then go out as bare HTML, which still works, and the log says what to do about it.
pub fn assets() -> Option<Assets> {
    let Some(file) = Site::get("manifest.json") else {
        tracing::warn!("the browser's half is not built: pages go out without style and wasm; run `make site`");
        return None;
    };
    match serde_json::from_slice::<Manifest>(&file.data) {
        Ok(Manifest { output_name, stylesheet }) => Some(Assets { output_name, stylesheet }),
        Err(why) => {
            tracing::error!(%why, "target/site/manifest.json is damaged: pages go out without style and wasm; run `make site`");
            None
        }
    }
}

/// The routes of all built files: `/pkg/…`, and each public file under its own name.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let package = get(|Path(name): Path<String>, headers: HeaderMap| async move {
        serve(&format!("pkg/{name}"), &headers, Age::Immutable)
    });
    let mut router = Router::new().route("/pkg/{*path}", package);
    for name in Site::iter().filter(|name| is_public(name)) {
        let path = format!("/{name}");
        let public = get(move |headers: HeaderMap| async move { serve(&name, &headers, Age::Hour) });
        router = router.route(&path, public);
    }
    router
}

fn is_public(name: &str) -> bool {
    name != "manifest.json" && !name.starts_with("pkg/") && !name.ends_with(".br") && !name.ends_with(".gz")
}

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy)]
enum Age {
    /// The name changes with the content.
    Immutable,
    /// The name stays, the content may change with a new version.
    Hour,
}

impl Age {
    fn cache_control(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Age::Immutable => "public, max-age=31536000, immutable",
            Age::Hour => "public, max-age=3600",
        })
    }
}

fn serve(name: &str, request: &HeaderMap, age: Age) -> Response {
    let Some((encoding, file)) = pick(name, request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Each encoding has its own bytes and so its own tag.
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash().get(..16).unwrap_or_default()));
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, age.cache_control());
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::try_from(&tag) {
        headers.insert(ETAG, value);
    }
    if known(request, &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, content_type(name));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    match file.data {
        Cow::Borrowed(bytes) => (headers, bytes).into_response(),
        Cow::Owned(bytes) => (headers, bytes).into_response(),
    }
}

/// The smallest form of the file that the browser reads, and the name of its encoding.
fn pick(name: &str, request: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts(request, encoding)
            && let Some(file) = Site::get(&format!("{name}.{ending}"))
        {
            return Some((Some(encoding), file));
        }
    }
    Site::get(name).map(|file| (None, file))
}

/// Whether `Accept-Encoding` names this encoding with a weight above nought (RFC 9110, 12.5.3).
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    items(request, &ACCEPT_ENCODING).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        named && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// Whether the browser says that it has these very bytes (RFC 9110, 13.1.2).
fn known(request: &HeaderMap, tag: &str) -> bool {
    items(request, &IF_NONE_MATCH).any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

fn items<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    request
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn content_type(name: &str) -> HeaderValue {
    let guess = mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
    let text = guess.starts_with("text/") || matches!(guess, "application/json" | "image/svg+xml");
    let full = if text { format!("{guess}; charset=utf-8") } else { guess.to_owned() };
    HeaderValue::try_from(full).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn an_encoding_is_used_only_when_the_browser_reads_it() {
        assert!(accepts(&asking("gzip, deflate, br, zstd"), "br"));
        assert!(accepts(&asking("BR;q=0.5"), "br"));
        assert!(!accepts(&asking("gzip, br;q=0"), "br"));
        assert!(!accepts(&asking("gzip"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn a_tag_is_recognised_in_a_list_and_when_it_is_weak() {
        let request = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""))]);
        assert!(known(&request, "\"a\"") && known(&request, "\"b\"") && !known(&request, "\"c\""));
    }

    #[test]
    fn browsers_insist_on_these_types() {
        assert_eq!(content_type("app.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("app_bg.wasm"), "application/wasm");
        assert_eq!(content_type("main.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("favicon.svg"), "image/svg+xml; charset=utf-8");
        assert_eq!(content_type("robots.txt"), "text/plain; charset=utf-8");
    }

    #[test]
    fn manifest_and_compressed_forms_have_no_address_of_their_own() {
        assert!(is_public("favicon.svg") && is_public("robots.txt"));
        assert!(!is_public("manifest.json") && !is_public("favicon.svg.br") && !is_public("pkg/main.css"));
    }
}

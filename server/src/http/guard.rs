//! What every answer carries, and which requests are turned away at the door.

use super::Front;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Whether a request that changes something comes from our own pages.
///
/// Browsers say so in `Sec-Fetch-Site`; older ones in `Origin`. A request with neither does not come from a browser's
/// page, and so carries no cookie against its owner's will. (OWASP, Cross-Site Request Forgery Prevention Cheat Sheet.)
fn is_own(method: &Method, headers: &HeaderMap, base_url: &str) -> bool {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => {
            let own_host = text("host")
                .is_some_and(|host| origin == format!("http://{host}") || origin == format!("https://{host}"));
            own_host || origin == base_url
        }
        (None, None) => true,
    }
}

/// Whether this is the link that ends subscriptions, to which mail programs post for their users (RFC 8058). The link
/// itself is the right, and no cookie is looked at, so there is nothing that another site could misuse.
fn is_one_click(path: &str) -> bool {
    path.strip_prefix("/unsubscribe/").is_some_and(|code| !code.is_empty() && !code.contains('/'))
}

/// Whether it is where other services call back, whatever headers their own way out adds. Nothing there looks at a cookie:
/// each call proves itself.
fn is_hook(path: &str) -> bool {
    let back_channel = path.strip_prefix("/oidc/").and_then(|rest| rest.strip_suffix("/back-channel"));
    path.starts_with("/api/v1/hooks/jira/") || back_channel.is_some_and(|provider| !provider.contains('/'))
}

/// Headers that are the same on every answer. The content policy of pages is set where they are rendered, since it
/// names their nonce; everything else may load nothing at all.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Turns away requests that other sites make on somebody's behalf, and sets the headers.
pub async fn guard(State(front): State<Front>, request: Request, next: Next) -> Response {
    let config = &front.house.config;
    let path = request.uri().path();
    let proves_itself = is_hook(path) || is_one_click(path);
    let mut response = if proves_itself || is_own(request.method(), request.headers(), &config.base_url) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This request came from another site and was turned away.").into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if config.secure() {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        let own = |pairs: &[(&'static str, &'static str)]| {
            let headers =
                pairs.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect();
            is_own(&Method::POST, &headers, "https://aviary.example.com")
        };
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("origin", "https://aviary.example.com")]));
        assert!(own(&[("origin", "https://aviary.example.com")]));
        assert!(own(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")]));
        assert!(!own(&[("origin", "https://evil.example.com")]));
        assert!(!own(&[("origin", "null")]));
        assert!(own(&[]));
        assert!(is_hook("/api/v1/hooks/jira/1") && !is_hook("/api/v1/hooks") && !is_hook("/api/v1/tokens"));
        assert!(is_hook("/oidc/p-1/back-channel") && !is_hook("/oidc/p-1/callback"));
        assert!(!is_hook("/oidc/p-1/x/back-channel") && !is_hook("/oidc/back-channel"));
    }

    #[test]
    fn one_address_alone_takes_what_other_sites_post() {
        assert!(is_one_click("/unsubscribe/d-1.abc"));
        for other in ["/unsubscribe/", "/unsubscribe", "/unsubscribe/a/b", "/tokens/new", "/api/unsubscribe/a"] {
            assert!(!is_one_click(other), "{other}");
        }
    }
}

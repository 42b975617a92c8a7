//! What every answer carries, and which requests are turned away at the door.

use super::{Front, api::problem::Problem, listen::Late};
use app::model::fault::{Fault, FaultKind};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
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

/// The longest address that is looked at, in bytes: path and query.
const LONGEST_ADDRESS: usize = 8 * 1024;

fn is_too_long(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|address| address.as_str().len() > LONGEST_ADDRESS)
}

/// Whether the address stands for a text with a NUL character, which no database of ours can hold or look for.
fn has_nul(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|address| address.as_str().contains("%00"))
}

/// Headers that are the same on every answer.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
];

/// What our own pages may ask a browser for: passkeys, and to copy. Only names that browsers know: Chromium complains
/// about others.
const PERMISSIONS: &str = "accelerometer=(), camera=(), clipboard-write=(self), display-capture=(), geolocation=(), \
                           gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                           publickey-credentials-create=(self), publickey-credentials-get=(self), serial=(), usb=()";

/// The policy of what is no page: it may load nothing, frame nothing and send nothing, also where somebody opens it in
/// a window of its own.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
);

/// The policy of a page whose scripts carry this nonce.
///
/// `form-action` holds for redirects after a form, too (Content Security Policy Level 3, 6.4.1.1, as Chromium has it): a form
/// of ours that is answered with a redirect to another site goes nowhere. Whoever has to lead there answers with a page
/// that has a link, or begins with one.
pub fn policy_of_page(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
}

/// Sets what every answer carries. The content policy of pages is set where they are rendered, since it names their nonce.
fn dress(headers: &mut HeaderMap, secure: bool) {
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if secure {
        // Two years, which is what browsers' own lists ask for.
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
}

/// Turns away what is too long, too slow, or comes from another site on somebody's behalf, and sets the headers.
pub async fn guard(State(front): State<Front>, request: Request, next: Next) -> Response {
    let config = &front.house.config;
    let path = request.uri().path();
    let proves_itself = is_hook(path) || is_one_click(path);
    let late = request.extensions().get::<Late>().cloned();
    let mut response = if is_too_long(request.uri()) {
        (StatusCode::URI_TOO_LONG, "This address is too long.\n").into_response()
    } else if has_nul(request.uri()) {
        Problem(Fault::new(FaultKind::Malformed, "An address has no NUL characters.")).into_response()
    } else if proves_itself || is_own(request.method(), request.headers(), &config.base_url) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This request came from another site and was turned away.").into_response()
    };
    if late.is_some_and(|late| late.happened()) {
        // Whatever the handler made of half a body.
        response = (StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive.\n").into_response();
    }
    dress(response.headers_mut(), config.secure());
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
    fn path_and_query_together_are_measured() {
        let address = |path: usize, query: usize| format!("/{}?{}", "p".repeat(path), "q".repeat(query));
        assert!(!is_too_long(&address(4_000, 4_000).parse().unwrap()));
        assert!(is_too_long(&address(4_000, 4_200).parse().unwrap()));
        assert!(is_too_long(&address(8_200, 0).parse().unwrap()));
    }

    #[test]
    fn one_address_alone_takes_what_other_sites_post() {
        assert!(is_one_click("/unsubscribe/d-1.abc"));
        for other in ["/unsubscribe/", "/unsubscribe", "/unsubscribe/a/b", "/tokens/new", "/api/unsubscribe/a"] {
            assert!(!is_one_click(other), "{other}");
        }
    }
}

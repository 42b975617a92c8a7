//! A request as it arrived at the sandbox, before anything in it is believed.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// A request to the sandbox.
#[derive(Clone, Debug)]
pub struct Ask {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as it was sent, with its percent signs.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `None` where it was longer than the sandbox reads.
    pub body: Option<Vec<u8>>,
    /// Who sent it.
    pub peer: IpAddr,
}

impl Ask {
    /// A header's text; empty where there is none, or where it is no text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body, or nothing.
    pub fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// Whether the body is a form.
    pub fn has_form(&self) -> bool {
        self.header("content-type").trim_start().starts_with("application/x-www-form-urlencoded")
    }

    /// The decoded parameters of the query.
    pub fn query_parameters(&self) -> Vec<(String, String)> {
        pairs(&self.query).collect()
    }

    /// The decoded parameters of the query and, behind them, of a form in the body.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut all = self.query_parameters();
        if self.has_form() {
            all.extend(pairs(&String::from_utf8_lossy(self.body())));
        }
        all
    }
}

/// The decoded pairs of `a=1&b=2`. A pair without `=` has an empty value.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Decodes a part of a query or form, where a plus sign is a space.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

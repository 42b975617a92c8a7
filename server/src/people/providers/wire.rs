//! The way to providers: our one HTTP client, as the library of OpenID Connect wants it, and the addresses that are taken.

use crate::net::{self, Ask, NetError, guard::AllowList};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    time::Duration,
};
use url::{Host, Url};

/// How long an answer may take. Four of them have to fit into the time that a page has.
const PATIENCE: Duration = Duration::from_secs(6);

/// How large an answer may be, in bytes.
pub(super) const LARGEST: usize = 256 * 1024;

/// Why a provider did not answer. The text is for admins.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The address is none.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// Nothing was answered.
    #[error("{0}")]
    Net(#[from] NetError),
    /// What was answered cannot be passed on.
    #[error("the answer cannot be read: {0}")]
    Answer(#[from] http::Error),
}

/// The way to providers.
#[derive(Clone, Debug)]
pub struct Wire(net::Client);

impl Wire {
    /// One that reaches the public internet, and these networks besides.
    pub fn new(allowed: AllowList) -> Self {
        Self(net::Client::named(allowed, "AVIARY_ALLOW_PRIVATE_PROVIDERS"))
    }

    /// What is at an address, if it is answered with 200.
    ///
    /// # Errors
    /// Why it is not to be had, for admins.
    pub async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        match self.0.get(url, LARGEST, PATIENCE).await {
            Ok((200, body)) => Ok(body),
            Ok((status, _)) => Err(format!("{url} answers {status}")),
            Err(error) => Err(format!("{url}: {error}")),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string()).map_err(|error| WireError::Address(error.to_string()))?;
        let headers: Vec<_> = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = String::from_utf8_lossy(&body).into_owned();
        let ask = Ask { method: head.method, url: &url, headers: &headers, body, most: LARGEST };
        let reply = self.0.ask(ask, PATIENCE).await?;
        Ok(http::Response::builder().status(reply.status).body(reply.body_start.into_bytes())?)
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = WireError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// An address of a provider. It is https; plain http is taken within networks that the operator has named, by number.
///
/// # Errors
/// What is expected.
pub fn address(text: &str, allowed: &AllowList) -> Result<Url, &'static str> {
    let expected = "expected an address that begins with https://";
    let url = Url::parse(text).map_err(|_| expected)?;
    let near = match url.host() {
        Some(Host::Ipv4(address)) => allowed.has(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => allowed.has(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name == "localhost" && allowed.has(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        None => return Err(expected),
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("expected an address without a user's name, a password, or a part after #");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if near => Ok(url),
        "http" => Err("expected https://; http:// is for numbers in AVIARY_ALLOW_PRIVATE_PROVIDERS alone"),
        _ => Err(expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_but_within_named_networks() {
        let (none, loopback) = (AllowList::default(), AllowList::parse("127.0.0.0/8").unwrap());
        assert!(address("https://id.example.com/pool", &none).is_ok());
        for odd in ["http://id.example.com", "ftp://x", "id.example.com", "https://a:b@id.example.com", "https://x/#y"]
        {
            assert!(address(odd, &loopback).is_err(), "{odd}");
        }
        assert!(address("http://127.0.0.1:9000", &none).is_err());
        assert!(address("http://127.0.0.1:9000", &loopback).is_ok());
        assert!(address("http://localhost:9000", &loopback).is_ok());
    }
}

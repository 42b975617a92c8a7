//! Connecting: resolve, drop what is forbidden, connect to what is left. The addresses that are looked at are the
//! addresses that are connected to, so a name that changes its meaning in between gains nothing.

use super::guard::{self, AllowList, Forbidden};
use http::Uri;
use hyper_util::rt::TokioIo;
use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::TcpStream;

/// How long all attempts to connect may take together.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many of a name's addresses are tried.
const TRIED: usize = 4;

/// Why there is no connection. The texts are for people.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConnectError {
    /// Every address of the host is forbidden; this is the first.
    #[error(
        "{}{} is {}, which Aviary does not connect to; if it is meant, the operator can allow it with \
         {variable}={}", named(host, forbidden.address), forbidden.address, forbidden.what, forbidden.address
    )]
    Forbidden {
        /// The host of the address.
        host: String,
        /// The address and what it is.
        forbidden: Forbidden,
        /// The variable by which the operator can allow it.
        variable: &'static str,
    },
    /// The name leads nowhere.
    #[error("the name {0} is not found: {1}")]
    NotFound(String, String),
    /// Nobody took the connection.
    #[error("cannot connect to {0}: {1}")]
    Unreachable(SocketAddr, String),
    /// The address has no host.
    #[error("the address has no host")]
    NoHost,
}

fn named(host: &str, address: IpAddr) -> String {
    if host.parse() == Ok(address) { String::new() } else { format!("{host} is at {address}; ") }
}

/// Makes connections, for hyper's client.
#[derive(Clone)]
pub struct Connect {
    allowed: Arc<AllowList>,
    /// The variable that the list was read from.
    variable: &'static str,
}

impl Connect {
    /// One that reaches the public internet, and these networks besides, which this variable names.
    pub fn new(allowed: AllowList, variable: &'static str) -> Self {
        Self { allowed: Arc::new(allowed), variable }
    }
}

impl Connect {
    /// A connection to a host and port. With `named`, only to addresses in networks that the operator has allowed by
    /// name.
    pub(super) async fn to(&self, host: &str, port: u16, named: bool) -> Result<TcpStream, ConnectError> {
        self.connect_to(host.trim_start_matches('[').trim_end_matches(']'), port, named).await
    }
}

impl tower::Service<Uri> for Connect {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { this.connect(&to).await.map(TokioIo::new) })
    }
}

impl Connect {
    async fn connect(&self, to: &Uri) -> Result<TcpStream, ConnectError> {
        let host = to.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(ConnectError::NoHost);
        }
        let port = to.port_u16().unwrap_or(if to.scheme_str() == Some("https") { 443 } else { 80 });
        self.connect_to(host, port, false).await
    }

    async fn connect_to(&self, host: &str, port: u16, named: bool) -> Result<TcpStream, ConnectError> {
        let mut open = Vec::new();
        let mut refused = None;
        for address in resolve(host, port).await? {
            match guard::check(address.ip(), &self.allowed) {
                Ok(()) if named && !self.allowed.has(address.ip()) => {
                    let what = "an address that is not in a network of the operator's";
                    refused = refused.or(Some(Forbidden { address: address.ip(), what }));
                }
                Ok(()) => open.push(address),
                Err(forbidden) => refused = refused.or(Some(forbidden)),
            }
        }
        if open.is_empty() {
            return Err(match refused {
                Some(forbidden) => {
                    ConnectError::Forbidden { host: host.to_owned(), forbidden, variable: self.variable }
                }
                None => ConnectError::NotFound(host.to_owned(), "it has no address".into()),
            });
        }
        reach(&open).await
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let found = tokio::net::lookup_host((host, port)).await;
    Ok(found.map_err(|error| ConnectError::NotFound(host.to_owned(), error.to_string()))?.collect())
}

/// The first of these that takes a connection; why the last one did not, if none does.
async fn reach(open: &[SocketAddr]) -> Result<TcpStream, ConnectError> {
    let tried = open.len().clamp(1, TRIED);
    let each = PATIENCE / u32::try_from(tried).unwrap_or(1);
    let mut failed = ConnectError::NoHost;
    for address in open.iter().take(tried) {
        match tokio::time::timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A request is written in one go; waiting for more of it only delays the alert.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => failed = ConnectError::Unreachable(*address, error.to_string()),
            Err(_) => failed = ConnectError::Unreachable(*address, format!("no answer within {} s", each.as_secs())),
        }
    }
    Err(failed)
}

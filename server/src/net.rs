//! The way out over HTTP: one client, which looks at every address at the moment of connecting.
//!
//! It follows no redirect, goes through no proxy, and keeps the first [`KEPT`] bytes of a reply.

mod connect;
pub mod guard;
mod line;
pub mod stream;

use connect::{Connect, ConnectError};
use guard::AllowList;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How much of a reply's body is read, in bytes.
pub const KEPT: usize = 4 * 1024;

/// How long a connection that is not used is kept.
const IDLE: Duration = Duration::from_secs(30);

/// The one outbound HTTP client.
#[derive(Clone)]
pub struct Client {
    inner: legacy::Client<HttpsConnector<Connect>, Full<Bytes>>,
    /// For what is no HTTP.
    streams: stream::Streams,
}

/// A request whose answer is read whole.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: &'a Url,
    /// The headers.
    pub headers: &'a [(HeaderName, String)],
    /// The body; empty for none.
    pub body: String,
    /// How large the answer may be, in bytes.
    pub most: usize,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// What the other side answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, if it is there.
    pub retry_after: Option<String>,
    /// The first [`KEPT`] bytes of the body, as text. From outside and not to be trusted.
    pub body_start: String,
}

/// Why there was no answer. The texts are for the people who own the destination.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address is no HTTP address, or a header cannot be sent.
    #[error("the request cannot be made: {0}")]
    Unusable(String),
    /// The host could not be found or reached.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// The connection could not be secured or broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
}

impl Client {
    /// A client that reaches the public internet, and these networks besides, which `AVIARY_ALLOW_PRIVATE_WEBHOOKS`
    /// names.
    pub fn new(allowed: AllowList) -> Self {
        Self::named(allowed, "AVIARY_ALLOW_PRIVATE_WEBHOOKS")
    }

    /// A client that reaches the public internet, and these networks besides, which this variable names.
    pub fn named(allowed: AllowList, variable: &'static str) -> Self {
        let (tls, connect) = (tls(), Connect::new(allowed, variable));
        let streams = stream::Streams::new(connect.clone(), tls.clone());
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connect);
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(2)
            // A reply's head beyond this is no webhook's.
            .http1_max_buf_size(64 * 1024)
            .build(connector);
        Self { inner, streams }
    }

    /// The way out for what is no HTTP.
    pub fn streams(&self) -> &stream::Streams {
        &self.streams
    }

    /// Asks for something whose answer matters beyond its beginning: up to `most` bytes of it are in `body_start`. A
    /// redirect is an answer like any other.
    ///
    /// # Errors
    /// Where nothing was answered within `limit`, or too much, and why.
    pub async fn ask(&self, ask: Ask<'_>, limit: Duration) -> Result<Reply, NetError> {
        let request = request(ask.method, ask.url, ask.headers, ask.body.into())?;
        let answer = async {
            let response = self.inner.request(request).await.map_err(plain)?;
            let (head, body) = response.into_parts();
            let retry_after = text(&head.headers, &header::RETRY_AFTER);
            let body = http_body_util::Limited::new(body, ask.most).collect().await;
            let body = body.map_err(|error| NetError::Broken(error.to_string()))?.to_bytes();
            let body_start = String::from_utf8_lossy(&body).into_owned();
            Ok(Reply { status: head.status.as_u16(), retry_after, body_start })
        };
        tokio::time::timeout(limit, answer).await.unwrap_or(Err(NetError::Late(limit)))
    }

    /// Posts a body and reads the beginning of what is answered. A redirect is an answer like any other.
    ///
    /// # Errors
    /// Where nothing was answered within `limit`, and why.
    pub async fn post(
        &self,
        url: &Url,
        headers: &[(HeaderName, String)],
        body: impl Into<Bytes>,
        limit: Duration,
    ) -> Result<Reply, NetError> {
        let request = request(Method::POST, url, headers, body.into())?;
        let answer = async {
            let response = self.inner.request(request).await.map_err(plain)?;
            let (head, body) = response.into_parts();
            let retry_after = text(&head.headers, &header::RETRY_AFTER);
            Ok(Reply { status: head.status.as_u16(), retry_after, body_start: start_of(body).await })
        };
        tokio::time::timeout(limit, answer).await.unwrap_or(Err(NetError::Late(limit)))
    }

    /// Asks for something small; its status and the whole body, which may have at most so many bytes. A redirect is an
    /// answer like any other.
    ///
    /// # Errors
    /// Where nothing was answered within `limit`, or too much, and why.
    pub async fn get(&self, url: &Url, most: usize, limit: Duration) -> Result<(u16, Vec<u8>), NetError> {
        let request = request(Method::GET, url, &[], Bytes::new())?;
        let answer = async {
            let response = self.inner.request(request).await.map_err(plain)?;
            let status = response.status().as_u16();
            let body = http_body_util::Limited::new(response.into_body(), most);
            let body = body.collect().await.map_err(|error| NetError::Broken(error.to_string()))?;
            Ok((status, body.to_bytes().to_vec()))
        };
        tokio::time::timeout(limit, answer).await.unwrap_or(Err(NetError::Late(limit)))
    }
}

fn request(
    method: Method,
    url: &Url,
    headers: &[(HeaderName, String)],
    body: Bytes,
) -> Result<Request<Full<Bytes>>, NetError> {
    let unusable = |error: &dyn std::fmt::Display| NetError::Unusable(error.to_string());
    // Url has normalised the host: 0x7f.1 and 2130706433 are 127.0.0.1 here, and ａ．example is a.example.
    let uri: Uri = url.as_str().parse().map_err(|error: http::uri::InvalidUri| unusable(&error))?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| unusable(&error))?;
        request.headers_mut().insert(name, value);
    }
    let agent = concat!("Aviary/", env!("CARGO_PKG_VERSION"));
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(agent));
    Ok(request)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The beginning of a body. A body that breaks off has a beginning all the same: the status has decided already.
async fn start_of(mut body: Incoming) -> String {
    let mut start = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            start.extend_from_slice(&data);
        }
        if start.len() >= KEPT {
            start.truncate(KEPT);
            break;
        }
    }
    String::from_utf8_lossy(&start).into_owned()
}

/// The reason at the bottom of hyper's chain, in our words where it is ours.
fn plain(error: legacy::Error) -> NetError {
    let mut deepest: &(dyn std::error::Error + 'static) = &error;
    while let Some(source) = deepest.source() {
        if let Some(ours) = source.downcast_ref::<ConnectError>() {
            return NetError::Connect(ours.clone());
        }
        deepest = source;
    }
    NetError::Broken(deepest.to_string())
}

/// TLS with the certificates that this machine trusts.
fn tls() -> rustls::ClientConfig {
    use hyper_rustls::ConfigBuilderExt as _;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let with_roots = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)
        .and_then(|builder| builder.with_native_roots());
    match with_roots {
        Ok(builder) => builder.with_no_client_auth(),
        Err(error) => {
            // Webhooks over http, and everything that is no webhook, must work all the same.
            tracing::warn!(%error, "this machine trusts no certificate: https webhooks will be refused");
            no_roots(provider)
        }
    }
}

#[expect(clippy::expect_used, reason = "ring speaks both versions of TLS that rustls offers")]
fn no_roots(provider: Arc<rustls::crypto::CryptoProvider>) -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    const SHORT: Duration = Duration::from_millis(300);

    /// A server that answers the first request with these bytes, and its port.
    async fn answering(bytes: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let bytes = bytes.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    let _ = socket.read(&mut buffer).await;
                    let _ = socket.write_all(&bytes).await;
                    // Keep the connection open: whoever waits for more has to stop by itself.
                    let _ = socket.read(&mut buffer).await;
                });
            }
        });
        port
    }

    async fn post(allowed: &str, url: &str) -> Result<Reply, String> {
        let client = Client::new(AllowList::parse(allowed).unwrap());
        let url = Url::parse(url).unwrap();
        client.post(&url, &[], "{}", SHORT).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn loopback_in_every_spelling_is_refused_unless_allowed() {
        let port = answering(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
        for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"] {
            let error = post("", &format!("http://{host}:{port}/")).await.unwrap_err();
            assert!(error.contains("AVIARY_ALLOW_PRIVATE_WEBHOOKS"), "{host}: {error}");
        }
        for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1"] {
            let reply = post("127.0.0.0/8", &format!("http://{host}:{port}/")).await.unwrap();
            assert_eq!(reply.status, 204, "{host}");
        }
    }

    #[test]
    fn an_address_with_a_zone_is_none() {
        for odd in ["http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://1.2.3.4.5/", "http://0x100000000/"] {
            assert!(Url::parse(odd).is_err(), "{odd}");
        }
    }

    #[tokio::test]
    async fn a_refusal_says_which_address_and_how_to_allow_it() {
        let error = post("", "http://169.254.169.254/latest/meta-data").await.unwrap_err();
        assert_eq!(
            error,
            "169.254.169.254 is a cloud's metadata service, which Aviary does not connect to; if it is meant, the \
             operator can allow it with AVIARY_ALLOW_PRIVATE_WEBHOOKS=169.254.169.254"
        );
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer() {
        let port = answering(b"HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        assert_eq!(post("127.0.0.1", &format!("http://127.0.0.1:{port}/")).await.unwrap().status, 302);
    }

    #[tokio::test]
    async fn of_a_huge_reply_the_beginning_is_kept() {
        let mut bytes = b"HTTP/1.1 200 OK\r\nretry-after: 7\r\ncontent-length: 1000000000\r\n\r\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'a', 100_000));
        let port = answering(bytes).await;
        let reply = post("127.0.0.1", &format!("http://127.0.0.1:{port}/")).await.unwrap();
        assert_eq!((reply.status, reply.body_start.len()), (200, KEPT));
        assert_eq!(reply.retry_after.as_deref(), Some("7"));
    }

    #[tokio::test]
    async fn silence_and_closed_ports_are_told_apart() {
        let port = answering(Vec::new()).await;
        let error = post("127.0.0.1", &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert!(error.starts_with("no answer within"), "{error}");
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let error = post("127.0.0.1", &format!("http://127.0.0.1:{closed}/")).await.unwrap_err();
        assert!(error.contains("refused"), "{error}");
        let error = post("127.0.0.1", "http://no-such-host.invalid/").await.unwrap_err();
        assert!(error.starts_with("the name no-such-host.invalid is not found"), "{error}");
    }
}

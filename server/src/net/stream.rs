//! Sending bytes that are no HTTP: over TLS, or in the clear within the operator's own networks. The connection to each
//! place is kept for a while ([`line`](super::line)).

use super::{
    NetError,
    connect::Connect,
    line::{self, Asked},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot},
};

/// How many messages wait for one line. Whoever sends to a destination sends one after the other.
const QUEUE: usize = 16;

/// Who may read what is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Secrecy {
    /// Whoever shows a certificate for the host's name that this machine trusts.
    Trusted,
    /// Whoever shows one that these authorities have signed, in PEM.
    By(String),
    /// Everybody on the way. Only into networks that the operator has allowed by name.
    None,
}

/// Where bytes go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Whose line it is: nobody else's bytes go over it.
    pub whose: String,
    /// The host: a name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who may read it.
    pub secrecy: Secrecy,
}

/// A connection, secured or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Makes connections for what is no HTTP, with the guard over addresses, and keeps them.
#[derive(Clone)]
pub struct Streams {
    dialler: Dialler,
    lines: Arc<Mutex<HashMap<Place, mpsc::Sender<Asked>>>>,
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Dialler {
    connect: Connect,
    tls: Arc<ClientConfig>,
}

impl Dialler {
    /// A connection to a place.
    pub(super) async fn open(&self, place: &Place) -> Result<Box<dyn Stream>, NetError> {
        let stream = self.connect.to(&place.host, place.port, place.secrecy == Secrecy::None).await?;
        let config = match &place.secrecy {
            Secrecy::None => return Ok(Box::new(stream)),
            Secrecy::Trusted => Arc::clone(&self.tls),
            Secrecy::By(authorities) => Arc::new(trusting(authorities).map_err(NetError::Unusable)?),
        };
        let name = place.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|error| NetError::Unusable(error.to_string()))?;
        let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|error| NetError::Broken(format!("TLS: {error}")))?))
    }
}

impl Streams {
    pub(super) fn new(connect: Connect, tls: ClientConfig) -> Self {
        Self { dialler: Dialler { connect, tls: Arc::new(tls) }, lines: Arc::default() }
    }

    /// Sends these bytes, on the line that is kept to this place, or on a new one. Whoever is there has taken them from
    /// the network; nothing more can be known of somebody who never answers.
    ///
    /// # Errors
    /// Where that was not done within `limit`, and why.
    pub async fn send(&self, place: &Place, bytes: &[u8], limit: Duration) -> Result<(), NetError> {
        // A line may end, because nobody used it, at the moment at which it is asked.
        for _ in 0..2 {
            let (answer, heard) = oneshot::channel();
            let asked = Asked { bytes: bytes.to_vec(), limit, answer };
            if self.line(place).send(asked).await.is_ok()
                && let Ok(done) = heard.await
            {
                return done;
            }
        }
        Err(NetError::Broken("the line to it ended".to_owned()))
    }

    /// The line to a place.
    fn line(&self, place: &Place) -> mpsc::Sender<Asked> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| !line.is_closed());
        let begin = || {
            let (line, asked) = mpsc::channel(QUEUE);
            tokio::spawn(line::keep(self.dialler.clone(), place.clone(), asked));
            line
        };
        lines.entry(place.clone()).or_insert_with(begin).clone()
    }
}

/// Reads authorities in PEM.
///
/// # Errors
/// What was expected.
pub fn authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err("expected certificates in PEM, which begin with -----BEGIN CERTIFICATE-----".to_owned()),
    }
}

/// TLS that trusts these authorities and no others.
///
/// # Errors
/// Why they cannot be trusted.
pub fn trusting(pem: &str) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for authority in authorities(pem)? {
        roots.add(authority).map_err(|error| format!("this certificate is no authority: {error}"))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

//! Sending bytes that are no HTTP: over TLS, or in the clear within the operator's own networks.

use super::{NetError, connect::Connect};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

/// How long the other side may take to end the conversation after we did. TLS 1.3 tells only afterwards that it does
/// not want us.
const GOODBYE: Duration = Duration::from_secs(1);

/// Who may read what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy<'a> {
    /// Whoever shows a certificate for the host's name that this machine trusts.
    Trusted,
    /// Whoever shows one that these authorities have signed, in PEM.
    By(&'a str),
    /// Everybody on the way. Only into networks that the operator has allowed by name.
    None,
}

/// Makes connections for what is no HTTP, with the guard over addresses.
#[derive(Clone)]
pub struct Streams {
    connect: Connect,
    tls: Arc<ClientConfig>,
}

impl Streams {
    pub(super) fn new(connect: Connect, tls: ClientConfig) -> Self {
        Self { connect, tls: Arc::new(tls) }
    }

    /// Connects, sends these bytes, and ends the conversation in good order. Whoever is there has taken them from the
    /// network; nothing more can be known of somebody who never answers.
    ///
    /// # Errors
    /// Where that was not done within `limit`, and why.
    pub async fn send(
        &self,
        host: &str,
        port: u16,
        secrecy: Secrecy<'_>,
        bytes: &[u8],
        limit: Duration,
    ) -> Result<(), NetError> {
        let sent = async {
            let stream = self.connect.to(host, port, secrecy == Secrecy::None).await?;
            let config = match secrecy {
                Secrecy::None => return hand_over(stream, bytes).await,
                Secrecy::Trusted => Arc::clone(&self.tls),
                Secrecy::By(authorities) => Arc::new(trusting(authorities).map_err(NetError::Unusable)?),
            };
            let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(name).map_err(|error| NetError::Unusable(error.to_string()))?;
            let connector = tokio_rustls::TlsConnector::from(config);
            let stream = connector.connect(name, stream).await;
            hand_over(stream.map_err(|error| NetError::Broken(format!("TLS: {error}")))?, bytes).await
        };
        timeout(limit, sent).await.unwrap_or(Err(NetError::Late(limit)))
    }
}

async fn hand_over(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<(), NetError> {
    let broken = |error: std::io::Error| NetError::Broken(error.to_string());
    stream.write_all(bytes).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    stream.shutdown().await.map_err(broken)?;
    let mut rest = [0; 64];
    match timeout(GOODBYE, stream.read(&mut rest)).await {
        // A web server, say, to which these bytes were never meant to go.
        Ok(Ok(read)) if read > 0 => {
            let said = String::from_utf8_lossy(rest.get(..read).unwrap_or_default()).into_owned();
            Err(NetError::Broken(format!("it answered, which what is meant never does: {said}")))
        }
        // Many close without TLS's own goodbye.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(()),
        Ok(Err(error)) => Err(broken(error)),
        Ok(Ok(_)) | Err(_) => Ok(()),
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

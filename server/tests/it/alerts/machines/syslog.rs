//! A syslog collector: RFC 5424 over TLS, counted in octets.

use super::{super::*, confirmed, make, serve};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    net::TcpListener,
};

#[derive(Clone, Default)]
struct Collector {
    messages: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    /// Over TLS; its address, and the certificate that vouches for it.
    async fn tls(&self) -> (String, String) {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let pem = key.cert.pem();
        let chain = vec![CertificateDer::from(key.cert.der().to_vec())];
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let it = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, it) = (acceptor.clone(), it.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(socket).await {
                        it.read(stream).await;
                    }
                });
            }
        });
        (format!("tls://localhost:{port}"), pem)
    }

    async fn plain(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let it = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let it = it.clone();
                tokio::spawn(async move { it.read(socket).await });
            }
        });
        format!("tcp://127.0.0.1:{port}")
    }

    /// Reads messages, each after its length and a space.
    async fn read(&self, mut stream: impl AsyncRead + Unpin) {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let mut rest = bytes.as_slice();
        while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
            let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
            let message = &rest[space + 1..][..length];
            self.messages.lock().unwrap().push(String::from_utf8(message.to_vec()).unwrap());
            rest = &rest[space + 1 + length..];
        }
    }

    async fn message(&self, house: &TestHouse, number: usize) -> String {
        house.until("the message was read", || async { self.messages.lock().unwrap().len() > number }).await;
        self.messages.lock().unwrap()[number].clone()
    }
}

#[tokio::test]
async fn a_hit_is_a_message_over_tls_by_an_authority_of_ones_own() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let (address, pem) = collector.tls().await;
    let settings = json!({ "ca": pem, "facility": "audit", "sd_id": "aviary@12345" });
    let made = confirmed(&house, "syslog", &address, "", settings).await;
    let test = collector.message(&house, 0).await;
    assert!(test.starts_with("<110>1 ") && test.contains(" aviary - test [aviary@12345 id="), "{test}");

    let token = house.mint("laptop \"of\" [ana]\\").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    let sent = delivered(&house, &made, "sent", 1).await;
    let message = collector.message(&house, 1).await;
    assert!(message.starts_with("<106>1 2026-11-21T14:03:09Z 127.0.0.1 aviary - hit [aviary@12345 "), "{message}");
    for needed in [
        format!("id=\"{}\"", text(&sent["id"])),
        "source_ip=\"203.0.113.7\"".to_owned(),
        r#"location="laptop \"of\" [ana\]\\""#.to_owned(),
        "] \u{feff}The key planted in laptop".to_owned(),
    ] {
        assert!(message.contains(&needed), "{needed} is not in {message}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let (address, _) = collector.tls().await;
    let made = make(&house, "syslog", &address, "", json!({})).await;
    assert_eq!(text(&made["state"]), "unconfirmed");
    assert!(text(&made["last_error"]).contains("TLS"), "{made}");
    assert!(collector.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn in_the_clear_only_where_the_operator_allowed_it() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let address = collector.plain().await;
    confirmed(&house, "syslog", &address, "", json!({})).await;
    collector.message(&house, 0).await;

    let house = TestHouse::with(&[("AVIARY_ALLOW_PRIVATE_WEBHOOKS", "")]).await;
    for address in [address.as_str(), "tcp://8.8.8.8:601"] {
        let made = make(&house, "syslog", address, "", json!({})).await;
        assert_eq!(text(&made["state"]), "unconfirmed");
        assert!(text(&made["last_error"]).contains("AVIARY_ALLOW_PRIVATE_WEBHOOKS="), "{made}");
    }
    assert_eq!(collector.messages.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn who_answers_is_no_collector() {
    let house = TestHouse::start().await;
    let web = serve(axum::Router::new()).await.replace("http://", "tcp://");
    let made = make(&house, "syslog", &web, "", json!({})).await;
    assert_eq!(text(&made["state"]), "unconfirmed");
    assert!(text(&made["last_error"]).contains("HTTP/1.1 400"), "{made}");
}

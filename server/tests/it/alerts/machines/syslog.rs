//! A syslog collector: RFC 5424 over TLS, counted in octets.

use super::{super::*, confirmed, make, serve};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    net::TcpListener,
    sync::Notify,
};

#[derive(Clone, Default)]
struct Collector {
    messages: Arc<Mutex<Vec<String>>>,
    /// How many connections it has taken.
    taken: Arc<AtomicUsize>,
    /// Ends the connections that are open.
    hang_up: Arc<Notify>,
    /// Whether the next connection ends with what is on it unread, as if the machine were switched off.
    deaf: Arc<AtomicBool>,
    /// Whether each connection ends after one message.
    one_each: Arc<AtomicBool>,
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
        self.taken.fetch_add(1, Ordering::SeqCst);
        let (mut bytes, mut some) = (Vec::new(), [0; 4_096]);
        loop {
            let read = tokio::select! {
                () = self.hang_up.notified() => return,
                read = stream.read(&mut some) => read,
            };
            let Ok(read @ 1..) = read else { return };
            if self.deaf.swap(false, Ordering::SeqCst) {
                return;
            }
            bytes.extend_from_slice(&some[..read]);
            while let Some((message, rest)) = next(&bytes) {
                self.messages.lock().unwrap().push(message);
                bytes = rest;
                if self.one_each.load(Ordering::SeqCst) {
                    return;
                }
            }
        }
    }

    async fn message(&self, house: &TestHouse, number: usize) -> String {
        house.until("the message was read", || async { self.messages.lock().unwrap().len() > number }).await;
        self.messages.lock().unwrap()[number].clone()
    }
}

/// The first message, if all of it has come, and what follows it.
fn next(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).unwrap().parse().unwrap();
    let message = bytes.get(space + 1..space + 1 + length)?;
    Some((String::from_utf8(message.to_vec()).unwrap(), bytes[space + 1 + length..].to_vec()))
}

/// The identifiers of the alerts that a collector read.
fn read_by(collector: &Collector) -> Vec<String> {
    let messages = collector.messages.lock().unwrap();
    let of = |message: &String| message.split("id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    messages.iter().map(of).collect()
}

#[tokio::test]
async fn what_follows_goes_over_the_same_connection() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let (address, pem) = collector.tls().await;
    let made = confirmed(&house, "syslog", &address, "", json!({ "ca": pem })).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    for n in 1..=20 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    house.until("all of them were read", || async { collector.messages.lock().unwrap().len() == 21 }).await;
    assert_eq!(collector.taken.load(Ordering::SeqCst), 1);
    let sent: Vec<_> =
        deliveries(&house, &made).await.iter().map(|delivery| text(&delivery["id"]).to_owned()).collect();
    // The first one was the proof's test, which is no delivery.
    assert_eq!(read_by(&collector)[1..], sent, "in their order, each once");
    // Another destination at the same place has a line of its own.
    confirmed(&house, "syslog", &address, "", json!({ "ca": pem })).await;
    assert_eq!(collector.taken.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_collector_that_ends_the_connection_between_alerts_misses_none() {
    for secure in [true, false] {
        let house = TestHouse::start().await;
        let collector = Collector::default();
        let (address, settings) = if secure {
            let (address, pem) = collector.tls().await;
            (address, json!({ "ca": pem }))
        } else {
            (collector.plain().await, json!({}))
        };
        let made = confirmed(&house, "syslog", &address, "", settings).await;
        let token = house.mint("laptop").await;
        subscribe(&house, &made, &token).await;
        for n in 1..=3 {
            // At once, so that it is not known yet here that the connection has ended.
            collector.hang_up.notify_waiters();
            hit(&house, &token, &format!("e-{n}")).await;
            house.until("it was sent", || async { deliveries(&house, &made).await.len() == n }).await;
            delivered(&house, &made, "sent", 1).await;
            let id = text(&deliveries(&house, &made).await[n - 1]["id"]).to_owned();
            house.until("it was read", || async { read_by(&collector).contains(&id) }).await;
        }
        assert!(collector.taken.load(Ordering::SeqCst) >= 2);
    }
}

#[tokio::test]
async fn what_a_connection_swallowed_as_it_broke_is_sent_again() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let made = confirmed(&house, "syslog", &collector.plain().await, "", json!({})).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    // What is written next is taken off the network, and lost with the connection.
    collector.deaf.store(true, Ordering::SeqCst);
    for n in 2..=6 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    let all = || async {
        let read = read_by(&collector);
        let log = deliveries(&house, &made).await;
        log.len() == 6 && log.iter().all(|delivery| read.iter().any(|id| id == text(&delivery["id"])))
    };
    house.until("each was read, some of them twice perhaps", all).await;
    assert!(!collector.deaf.load(Ordering::SeqCst), "it was not deaf to any");
}

#[tokio::test]
async fn a_collector_that_takes_one_message_each_gets_each_once() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    collector.one_each.store(true, Ordering::SeqCst);
    let made = confirmed(&house, "syslog", &collector.plain().await, "", json!({})).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    for n in 1..=3 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    house.until("all of them were read", || async { collector.messages.lock().unwrap().len() == 4 }).await;
    assert_eq!(collector.taken.load(Ordering::SeqCst), 4);
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

//! Whom SNS's signatures are checked against: certificates from SNS itself, fetched once and kept, with chains that end at
//! the roots that this machine trusts.

use super::{
    certificate::{Chain, Refused},
    envelope::{Envelope, Version},
};
use crate::house::House;
use app::model::{
    fault::{Fault, FaultKind},
    moment::{DAY, MINUTE, Moment},
};
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use url::Url;

/// The largest certificate that is fetched, in bytes.
const LARGEST: usize = 64 << 10;
/// How long fetching one may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a certificate is kept before it is fetched and checked again.
const KEPT: i64 = DAY;
/// How many are kept, and how many are fetched in a minute: SNS has one or two per region. Strangers who know the name
/// of a topic must not be able to make us fetch more.
const MOST: usize = 64;
const A_MINUTE: u32 = 20;

/// Fetches what is at an address, in a test.
pub type Fetch = Arc<dyn Fn(&Url) -> Option<Vec<u8>> + Send + Sync>;

/// Where roots and certificates come from.
#[derive(Clone, Default)]
enum Whence {
    /// The machine's roots, and SNS.
    #[default]
    Aws,
    /// A test's own.
    Test(Vec<CertificateDer<'static>>, Fetch),
}

/// Certificates that were checked, and how others are.
#[derive(Default)]
pub struct Trust {
    whence: Whence,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    chains: BTreeMap<String, (Moment, Arc<Chain>)>,
    minute: (i64, u32),
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// Trusts other roots than the machine's, and fetches otherwise than over HTTPS: for a test with certificates of its
    /// own. No configuration leads here.
    pub fn of_test(roots: Vec<CertificateDer<'static>>, fetch: Fetch) -> Self {
        Self { whence: Whence::Test(roots, fetch), known: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, url: &Url, now: Moment) -> Option<Arc<Chain>> {
        let known = self.lock();
        let (since, chain) = known.chains.get(url.as_str())?;
        (now.since(*since) < KEPT).then(|| Arc::clone(chain))
    }

    fn keep(&self, url: &Url, now: Moment, chain: Chain) -> Arc<Chain> {
        let chain = Arc::new(chain);
        let mut known = self.lock();
        if known.chains.len() >= MOST {
            known.chains.clear();
        }
        known.chains.insert(url.as_str().to_owned(), (now, Arc::clone(&chain)));
        chain
    }

    /// Whether something may be fetched in this minute.
    fn may_fetch(&self, now: Moment) -> bool {
        let mut known = self.lock();
        let minute = now.0.div_euclid(MINUTE);
        if known.minute.0 != minute {
            known.minute = (minute, 0);
        }
        known.minute.1 += 1;
        known.minute.1 <= A_MINUTE
    }

    async fn fetch(&self, house: &House, url: &Url) -> Result<Vec<u8>, Fault> {
        let later = |why: String| Fault::new(FaultKind::Unavailable, format!("{url} cannot be fetched: {why}"));
        if !self.may_fetch(house.now()) {
            return Err(later("too many were asked for".into()));
        }
        match &self.whence {
            Whence::Test(_, fetch) => fetch(url).ok_or_else(|| later("there is nothing".into())),
            Whence::Aws => match house.net.get(url, LARGEST, PATIENCE).await {
                Ok((200, body)) => Ok(body),
                Ok((status, _)) => Err(later(format!("it answers {status}"))),
                Err(error) => Err(later(error.to_string())),
            },
        }
    }

    fn roots(&self) -> Vec<TrustAnchor<'static>> {
        let certificates = match &self.whence {
            Whence::Test(roots, _) => roots.clone(),
            Whence::Aws => {
                let found = rustls_native_certs::load_native_certs();
                for error in found.errors {
                    tracing::warn!(%error, "some of this machine's roots cannot be read");
                }
                found.certs
            }
        };
        let anchors =
            certificates.iter().filter_map(|root| Some(webpki::anchor_from_trusted_cert(root).ok()?.to_owned()));
        anchors.collect()
    }
}

/// Checks that a message is from SNS.
///
/// # Errors
/// `Forbidden` where it is not; `Unavailable` where its certificate cannot be had at the moment.
pub(super) async fn verify(house: &House, envelope: &Envelope) -> Result<(), Fault> {
    if envelope.version == Version::One && !house.config.sns_allow_v1 {
        return Err(Fault::forbidden(
            "The message is signed with SHA-1. Set the topic's attribute SignatureVersion to 2, or AVIARY_SNS_ALLOW_V1=on.",
        ));
    }
    let Some(url) = certificate_url(envelope) else {
        return Err(Fault::forbidden(
            "The address of the signing certificate is not one of SNS in the topic's region.",
        ));
    };
    let trust = &house.ears.sns;
    let chain = match trust.known(&url, house.now()) {
        Some(chain) => chain,
        None => fetch(house, envelope, &url).await?,
    };
    if chain.signed(envelope.version, envelope.signed.as_bytes(), &envelope.signature) {
        return Ok(());
    }
    Err(Fault::forbidden("The signature does not fit."))
}

/// Fetches a certificate and checks its chain, with the certificates of its issuers where it comes without them.
async fn fetch(house: &House, envelope: &Envelope, url: &Url) -> Result<Arc<Chain>, Fault> {
    let trust = &house.ears.sns;
    let refused = |why: &str| Fault::forbidden(format!("The signing certificate is not accepted: {why}."));
    let mut chain = Chain::read(&trust.fetch(house, url).await?).ok_or_else(|| refused("it is no PEM"))?;
    let now = house.now();
    let at = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(now.0).unwrap_or(0)));
    let (roots, names) = (trust.roots(), names(envelope));
    loop {
        match chain.check(&roots, &names, at) {
            Ok(()) => return Ok(trust.keep(url, now, chain)),
            Err(Refused::No(why)) => return Err(refused(&why)),
            Err(Refused::Incomplete(issuer)) => {
                let issuer =
                    issuer.filter(is_amazons).ok_or_else(|| refused("nobody whom this machine trusts made it"))?;
                if !chain.extend(trust.fetch(house, &issuer).await?) {
                    return Err(refused("its chain is too long"));
                }
            }
        }
    }
}

/// The end of the names of SNS in a partition.
fn domain(envelope: &Envelope) -> &'static str {
    if envelope.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// The names that SNS's certificates carry: with the region, as the documentation says, or without, as they are.
fn names(envelope: &Envelope) -> Vec<String> {
    let domain = domain(envelope);
    vec![format!("sns.{domain}"), format!("sns.{}.{domain}", envelope.region())]
}

/// The address of the certificate, if it is one of SNS in the topic's own region.
fn certificate_url(envelope: &Envelope) -> Option<Url> {
    let url = Url::parse(&envelope.signing_cert_url).ok()?;
    let host = format!("sns.{}.{}", envelope.region(), domain(envelope));
    let plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let name = url.path().strip_prefix("/SimpleNotificationService-")?.strip_suffix(".pem")?;
    let named = (8..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (plain && named && url.host_str() == Some(host.as_str())).then_some(url)
}

/// Whether an issuer's certificate may be fetched from there. It is public, and proves itself by its signature, so that
/// it needs no https; but nobody shall make us ask elsewhere.
fn is_amazons(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    matches!(url.scheme(), "http" | "https") && url.port().is_none() && host.ends_with(".amazontrust.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(topic: &str, url: &str) -> Option<String> {
        let body = serde_json::json!({"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": "",
            "Timestamp": "2026-03-01T10:02:00Z", "SignatureVersion": "2", "Signature": "", "SigningCertURL": url});
        certificate_url(&Envelope::read(body.to_string().as_bytes()).unwrap()).map(String::from)
    }

    #[test]
    fn certificates_come_from_sns_in_the_topics_region_alone() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:t";
        let name = "SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem";
        let good = format!("https://sns.eu-west-1.amazonaws.com/{name}");
        assert_eq!(address(topic, &good), Some(good.clone()));
        let china = format!("https://sns.cn-north-1.amazonaws.com.cn/{name}");
        assert_eq!(address("arn:aws-cn:sns:cn-north-1:111122223333:t", &china), Some(china.clone()));
        for bad in [
            good.replace("https", "http"),
            good.replace("eu-west-1", "us-east-1"),
            good.replace("sns.", "evil."),
            good.replace("amazonaws.com", "amazonaws.com.evil.example"),
            good.replace("sns.eu-west-1.amazonaws.com", "evil.example/sns.eu-west-1.amazonaws.com"),
            good.replace("sns.eu", "user@sns.eu"),
            good.replace("sns.eu", "sns.eu-west-1.amazonaws.com@evil.example/sns.eu"),
            good.replace("amazonaws.com/", "amazonaws.com:8443/"),
            format!("{good}?x=y"),
            good.replace("SimpleNotificationService-", "../bucket/"),
            good.replace(name, "anything.pem"),
            china,
            String::new(),
        ] {
            assert_eq!(address(topic, &bad), None, "{bad}");
        }
    }
}

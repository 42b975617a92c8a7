//! The certificate that SNS signs with: its chain, its name, and what it says of a signature.

use super::envelope::Version;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime, alg_id, pem::PemObject as _,
};
use url::Url;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};

/// How long a chain may be.
const LONGEST: usize = 5;

/// Certificates, the one that signs first.
#[derive(Clone, Debug)]
pub struct Chain(Vec<CertificateDer<'static>>);

/// Why a chain is not accepted.
#[derive(Debug)]
pub enum Refused {
    /// The certificate that signed the last one is missing; where it can be had, if the last one says so.
    Incomplete(Option<Url>),
    /// For good.
    No(String),
}

impl Chain {
    /// Reads PEM.
    pub fn read(pem: &[u8]) -> Option<Self> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).take(LONGEST).collect();
        found.ok().filter(|found| !found.is_empty()).map(Self)
    }

    /// Adds the certificate that signed the last one; `false` where the chain is long enough.
    pub fn extend(&mut self, der: Vec<u8>) -> bool {
        let room = self.0.len() < LONGEST;
        if room {
            self.0.push(der.into());
        }
        room
    }

    /// Checks the chain up to a root, and the name of the one that signs.
    pub fn check(&self, roots: &[TrustAnchor<'static>], names: &[String], now: UnixTime) -> Result<(), Refused> {
        let Some((first, others)) = self.0.split_first() else { return Err(Refused::No("it is empty".into())) };
        let no = |error: webpki::Error| Refused::No(error.to_string());
        let signer = EndEntityCert::try_from(first).map_err(no)?;
        let usage = KeyUsage::server_auth();
        signer.verify_for_usage(ALL_VERIFICATION_ALGS, roots, others, now, usage, None, None).map_err(|error| {
            match error {
                webpki::Error::UnknownIssuer => Refused::Incomplete(self.0.last().and_then(|last| issuer_of(last))),
                error => no(error),
            }
        })?;
        let named = names.iter().any(|name| {
            ServerName::try_from(name.as_str()).is_ok_and(|name| signer.verify_is_valid_for_subject_name(&name).is_ok())
        });
        if named { Ok(()) } else { Err(Refused::No("it is not SNS's".into())) }
    }

    /// Whether a signature of a text is by the first certificate.
    pub fn signed(&self, version: Version, text: &[u8], signature: &[u8]) -> bool {
        let by: &dyn SignatureVerificationAlgorithm = match version {
            Version::One => &RsaSha1,
            Version::Two => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
        };
        self.0
            .first()
            .and_then(|first| EndEntityCert::try_from(first).ok())
            .is_some_and(|signer| signer.verify_signature(by, text, signature).is_ok())
    }
}

/// Where the certificate of a certificate's issuer can be had (RFC 5280, section 4.2.2.1: id-ad-caIssuers, as an address). It
/// is looked for by its bytes: whatever it leads to has to fit the signature anyway.
fn issuer_of(certificate: &[u8]) -> Option<Url> {
    const CA_ISSUERS: [u8; 9] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86];
    let at = memchr::memmem::find(certificate, &CA_ISSUERS)? + CA_ISSUERS.len();
    let length = usize::from(*certificate.get(at)?);
    // From 128 on a length takes several bytes; no address of a certificate is that long.
    let text = std::str::from_utf8(certificate.get(at + 1..at + 1 + length).filter(|_| length < 128)?).ok()?;
    Url::parse(text).ok()
}

/// RSA with SHA-1, which is no longer good enough for certificates and so not among webpki's.
#[derive(Debug)]
struct RsaSha1;

impl SignatureVerificationAlgorithm for RsaSha1 {
    fn verify_signature(&self, key: &[u8], text: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key)
            .verify(text, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        // sha1WithRSAEncryption, with NULL parameters (RFC 8017, appendix A.2.4).
        AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00])
    }
}

//! ROOM people: who may come in, as whom, and what they may do.

pub mod api_keys;
pub mod claims;
pub mod entry;
pub mod factors;
pub mod fresh;
pub mod invites;
pub mod known;
pub mod letters;
pub mod limits;
pub mod passkeys;
pub mod password;
pub mod persons;
pub mod providers;
pub mod quiet_hours;
pub mod recovery;
pub mod reset;
pub mod second;
pub mod sessions;
pub mod sign_in_link;
pub mod teams;
pub mod totp;

use app::model::{
    fault::Fault,
    viewer::{Act, Viewer},
};
use sha2::{Digest as _, Sha256};

/// The hash under which a code (of a link, a session, an API key) is kept: SHA-256 in hex. The codes are random and
/// long, so that a slow hash would protect nothing. The database looks them up by it: however long that takes, it tells
/// about the hash of what was sent, which whoever sent it knows, and nothing about a code that is near.
pub fn code_hash(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

fn must_manage(viewer: &Viewer) -> Result<(), Fault> {
    viewer.must(Act::ManagePeople)
}

/// The address as it is kept: trimmed, in lower case.
///
/// # Errors
/// `Invalid` for field `email`, where it is no mail address.
pub fn mail_address(text: &str) -> Result<String, Fault> {
    let text = text.trim().to_lowercase();
    match text.parse::<lettre::Address>() {
        Ok(address) if text.len() <= 254 && leads_somewhere(address.domain()) => Ok(text),
        _ => Err(Fault::field("email", "expected a mail address, such as ana@example.com")),
    }
}

/// Whether mail could go to a domain: one with a point in it, this very machine, or an address literal (RFC 5321, 4.1.3).
/// What has none of these is a slip of the finger, such as `dana@example`.
pub(crate) fn leads_somewhere(domain: &str) -> bool {
    domain == "localhost" || domain.starts_with('[') || domain.trim_matches('.').contains('.')
}

#[cfg(test)]
mod tests {
    use super::mail_address;

    #[test]
    fn an_address_without_a_whole_domain_is_a_slip() {
        for text in ["ana@example.com", "ana@localhost", "ana@[127.0.0.1]", " Ana@Example.com "] {
            assert!(mail_address(text).is_ok(), "{text}");
        }
        for text in ["dana@x", "ana@example.", "ana", "@example.com", "ana@.com."] {
            assert!(mail_address(text).is_err(), "{text}");
        }
    }
}

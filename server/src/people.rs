//! ROOM people: who may come in, as whom, and what they may do.

pub mod api_keys;
pub mod claims;
pub mod entry;
pub mod invites;
pub mod password;
pub mod persons;
pub mod providers;
pub mod quiet_hours;
pub mod sessions;
pub mod teams;

use app::model::{
    fault::Fault,
    viewer::{Act, Viewer},
};
use sha2::{Digest as _, Sha256};

/// The hash under which a code (of a link, a session, an API key) is kept: SHA-256 in hex. The codes are random and
/// long, so that a slow hash would protect nothing.
pub fn code_hash(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

fn must_manage(viewer: &Viewer) -> Result<(), Fault> {
    if viewer.may(Act::ManagePeople, None) {
        return Ok(());
    }
    Err(Fault::forbidden("Only an admin of the installation may manage people, teams and API keys."))
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

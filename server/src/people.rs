//! ROOM people: who may come in, as whom, and what they may do.

pub mod api_keys;
pub mod entry;
pub mod invites;
pub mod password;
pub mod persons;
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
        Ok(_) if text.len() <= 254 => Ok(text),
        _ => Err(Fault::field("email", "expected a mail address, such as ana@example.com")),
    }
}

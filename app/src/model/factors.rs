//! What somebody proves themselves with besides a password, as pages show it.

use super::{ids::PasskeyId, moment::Moment, secret::Secret};
use serde::{Deserialize, Serialize};

/// Somebody's second factors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// Since when an app shows codes for them, if one does.
    pub app: Option<Moment>,
    /// Their passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes they have left.
    pub recovery_left: i64,
    /// Whether passkeys can be used: people come in with what is kept here, and the address is one that browsers take.
    pub passkeys_offered: bool,
    /// Whether people can come in with what is kept here, and not through providers alone.
    pub local: bool,
}

impl Factors {
    /// Whether there is any: then a password alone lets nobody in.
    pub fn any(&self) -> bool {
        self.app.is_some() || !self.passkeys.is_empty()
    }
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its identifier.
    pub id: PasskeyId,
    /// How its owner calls it.
    pub name: String,
    /// Whether it is copied between its owner's devices.
    pub synced: bool,
    /// When it was added.
    pub created_at: Moment,
    /// When it was last used.
    pub used_at: Option<Moment>,
}

/// What an app has to be told to show codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The link that opens an app on this device.
    pub link: Secret,
    /// The secret in groups of four, to be typed in.
    pub secret: Secret,
    /// The link as a QR code.
    pub drawing: Drawing,
}

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// How many modules it is wide and high.
    pub size: i32,
    /// The dark modules as the path of an SVG, one unit each. It can be read, so it is as secret as what it says.
    pub path: Secret,
}

//! Accounts in which tokens are minted.

use serde::{Deserialize, Serialize};

/// An AWS account in which tokens are minted, or the built-in sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The name that forms and the API use: `sandbox`, or the account's twelve digits.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Where the keys of this account work, if that is not AWS itself: the sandbox's address.
    pub endpoint: Option<String>,
}

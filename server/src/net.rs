//! The way out over HTTP: one client, which looks at every address at the moment of connecting.

pub mod guard;

/// The one outbound HTTP client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Private networks that may be reached all the same.
    pub allowed: guard::AllowList,
}

impl Client {
    #[allow(missing_docs)]
    pub fn new(allowed: guard::AllowList) -> Self {
        Self { allowed }
    }
}

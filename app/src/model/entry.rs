//! Coming in: by which ways, where somebody is signed in, and how they can show once more that it is them.

use super::{moment::Moment, viewer::Via};
use serde::{Deserialize, Serialize};

/// A provider of the organisation, through which people can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderLink {
    /// Its identifier, as it stands in addresses.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// By which ways people can sign in here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    /// With a mail address and a password of this console.
    pub local: bool,
    /// Through providers.
    pub providers: Vec<ProviderLink>,
}

/// By which ways somebody who is signed in can show once more that it is them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofWays {
    /// By their password.
    pub password: bool,
    /// By one of their passkeys.
    pub passkeys: bool,
    /// By signing in once more at a provider.
    pub providers: Vec<ProviderLink>,
}

/// A place where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The first letters of its code's hash: names it without giving the code away. It changes with the code.
    pub id: String,
    /// How they came in.
    pub via: Via,
    /// From which network address they came in, if that is known.
    pub address: Option<String>,
    /// What the browser called itself when they came in.
    pub agent: Option<String>,
    /// When they came in.
    pub since: Moment,
    /// When it was last used, to a few minutes.
    pub seen_at: Moment,
}

/// A local address to go on to, else `/`: never another site.
pub fn local(path: &str) -> &str {
    let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_this_site_is_gone_on_to() {
        for path in ["/", "/tokens?q=a", "/tokens/1/secret"] {
            assert_eq!(local(path), path);
        }
        for path in ["", "tokens", "//example.com", "https://example.com", "/\\example.com", "/a\r\nb", "javascript:1"]
        {
            assert_eq!(local(path), "/", "{path}");
        }
    }
}

//! Who we are to authenticators: the relying party (WebAuthn Level 3, section 4). Pure.

use url::{Host, Url};

/// The relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its identifier: the host's name. Passkeys are bound to it.
    pub id: String,
    /// Where its pages come from, as browsers write origins.
    pub origin: String,
}

impl Party {
    /// The relying party under this address. `None` where browsers refuse passkeys: on an address of numbers, which is no
    /// valid identifier, and on plain http, except on this machine.
    pub fn at(base_url: &str) -> Option<Self> {
        let url = Url::parse(base_url).ok()?;
        let Host::Domain(name) = url.host()? else { return None };
        let near = name == "localhost" || name.ends_with(".localhost");
        let trusted = url.scheme() == "https" || (url.scheme() == "http" && near);
        trusted.then(|| Self { id: name.to_owned(), origin: url.origin().ascii_serialization() })
    }
}

#[cfg(test)]
mod tests {
    use super::Party;

    #[test]
    fn passkeys_need_a_name_and_a_connection_that_browsers_trust() {
        let at = |text: &str| Party::at(text).map(|party| (party.id, party.origin));
        let pair = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(at("https://Aviary.example.com"), pair("aviary.example.com", "https://aviary.example.com"));
        assert_eq!(at("https://a.example.com:8443/x"), pair("a.example.com", "https://a.example.com:8443"));
        assert_eq!(at("https://a.example.com:443"), pair("a.example.com", "https://a.example.com"));
        assert_eq!(at("http://localhost:3000"), pair("localhost", "http://localhost:3000"));
        for refused in
            ["http://127.0.0.1:3000", "https://[::1]:3000", "https://10.0.0.7", "http://aviary.example.com", "x"]
        {
            assert_eq!(at(refused), None, "{refused}");
        }
    }
}

//! Which addresses Aviary may connect to.

use ipnet::IpNet;

/// Private networks that webhooks may reach although they are private.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList(Vec<IpNet>);

impl AllowList {
    /// Reads networks or single addresses, separated by commas.
    ///
    /// # Errors
    /// The first part that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| part.to_owned())
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl std::fmt::Display for AllowList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.iter().map(IpNet::to_string).collect::<Vec<_>>().join(","))
    }
}

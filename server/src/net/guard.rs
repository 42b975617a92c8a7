//! Which addresses Aviary may connect to.
//!
//! People type webhook addresses, and Aviary stands inside the operator's network: without this, a webhook could reach
//! the cloud's metadata service, a database's port, or a neighbour's admin page. The table follows the IANA registries
//! of special-purpose addresses (IPv4: RFC 6890 and its updates; IPv6: the same, and everything outside 2000::/3).

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that the operator names: private ones that webhooks may reach all the same, or those of proxies in front.
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
            .map(|part| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| part.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether an address is in one of these networks.
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

impl std::fmt::Display for AllowList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.iter().map(IpNet::to_string).collect::<Vec<_>>().join(","))
    }
}

/// Who shares an address: of IPv6, a customer has at least a network of 64 bits to choose from (RFC 6177).
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64))),
        four => four,
    }
}

/// An address that Aviary does not connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// The address; where an IPv4 address hides inside an IPv6 one, the hidden one.
    pub address: IpAddr,
    /// What sort of address it is, with an article.
    pub what: &'static str,
}

/// Looks at an address, and at the IPv4 address that may hide in it.
///
/// # Errors
/// Which address is forbidden, and what it is.
pub fn check(address: IpAddr, allowed: &AllowList) -> Result<(), Forbidden> {
    if let Some(what) = forbidden(address)
        && !allowed.has(address)
    {
        return Err(Forbidden { address, what });
    }
    // An operator who allows NAT64 has thereby not allowed the private networks behind it.
    match address {
        IpAddr::V6(v6) => embedded(v6).into_iter().try_for_each(|v4| check(IpAddr::V4(v4), allowed)),
        IpAddr::V4(_) => Ok(()),
    }
}

fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => FORBIDDEN_V4.iter().find(|(net, _)| net.contains(&v4)).map(|(_, what)| *what),
        IpAddr::V6(v6) => FORBIDDEN_V6
            .iter()
            .find(|(net, _)| net.contains(&v6))
            .map(|(_, what)| *what)
            .or_else(|| (!GLOBAL_UNICAST.contains(&v6)).then_some("an address outside the public internet")),
    }
}

/// The IPv4 addresses inside: of mapped and compatible addresses (RFC 4291, 2.5.5), of NAT64 with the well-known prefix
/// (RFC 6052, 2.1) and with the local one (RFC 8215), of 6to4 (RFC 3056, 2), of Teredo, whose server and client both
/// stand in it (RFC 4380, 4), and of ISATAP (RFC 5214, 6.1).
fn embedded(v6: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        // `::` and `::1` are names of their own, not the IPv4 addresses 0.0.0.0 and 0.0.0.1.
        _ if v6.is_loopback() || v6.is_unspecified() => Vec::new(),
        (0x2002, _) => vec![join(b, c)],
        (0x2001, 0) => vec![join(c, d), Ipv4Addr::from_bits(!join(g, h).to_bits())],
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => vec![join(g, h)],
        // How long the prefix is that the network uses, nobody but it knows: 96 bits, or all 48 and no more. Of the
        // second sort, the address stands around the eight bits that are left empty.
        (0x64, 0xff9b) if c == 1 => {
            [join(g, h), join(d, e << 8 | f >> 8)].into_iter().filter(|inside| !inside.is_unspecified()).collect()
        }
        (0, 0) if [c, d, e] == [0; 3] && (f == 0 || f == 0xffff) => vec![join(g, h)],
        _ if (e == 0 || e == 0x200) && f == 0x5efe => vec![join(g, h)],
        _ => Vec::new(),
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, h: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, h), prefix)
}

/// The first row that fits names the address, so the narrow ones come first.
const FORBIDDEN_V4: &[(Ipv4Net, &str)] = &[
    (v4(169, 254, 169, 254, 32), "a cloud's metadata service"),
    (v4(169, 254, 170, 2, 32), "a cloud's metadata service"),
    (v4(100, 100, 100, 200, 32), "a cloud's metadata service"),
    (v4(168, 63, 129, 16, 32), "a cloud's host"),
    (v4(0, 0, 0, 0, 8), "an address of this network itself"),
    (v4(10, 0, 0, 0, 8), "a private address"),
    (v4(100, 64, 0, 0, 10), "an address behind a carrier's NAT"),
    (v4(127, 0, 0, 0, 8), "a loopback address"),
    (v4(169, 254, 0, 0, 16), "a link-local address"),
    (v4(172, 16, 0, 0, 12), "a private address"),
    (v4(192, 0, 0, 0, 24), "an address for protocols"),
    (v4(192, 0, 2, 0, 24), "an address for documentation"),
    (v4(192, 88, 99, 0, 24), "a 6to4 relay"),
    (v4(192, 168, 0, 0, 16), "a private address"),
    (v4(198, 18, 0, 0, 15), "an address for benchmarks"),
    (v4(198, 51, 100, 0, 24), "an address for documentation"),
    (v4(203, 0, 113, 0, 24), "an address for documentation"),
    (v4(224, 0, 0, 0, 4), "a multicast address"),
    (v4(255, 255, 255, 255, 32), "the broadcast address"),
    (v4(240, 0, 0, 0, 4), "a reserved address"),
];

/// What of IPv6 is the public internet at all (RFC 4291, 2.4); the table takes away from it, and names the rest.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 0, 3);

const FORBIDDEN_V6: &[(Ipv6Net, &str)] = &[
    (v6(0xfd00, 0xec2, 0, 0x254, 128), "a cloud's metadata service"),
    (v6(0xfd20, 0xce, 0, 0x254, 128), "a cloud's metadata service"),
    (v6(0, 0, 0, 0, 128), "the unspecified address"),
    (v6(0, 0, 0, 1, 128), "the loopback address"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), "an IPv4 address written as IPv6"),
    (v6(0, 0, 0, 0, 96), "an IPv4 address written as IPv6"),
    (v6(0x64, 0xff9b, 0, 0, 96), "a NAT64 address"),
    (v6(0x64, 0xff9b, 1, 0, 48), "a local NAT64 address"),
    (v6(0x100, 0, 0, 0, 64), "a discarded address"),
    (v6(0x2001, 0, 0, 0, 32), "a Teredo address"),
    (v6(0x2001, 2, 0, 0, 48), "an address for benchmarks"),
    (v6(0x2001, 0, 0, 0, 23), "an address for protocols"),
    (v6(0x2001, 0xdb8, 0, 0, 32), "an address for documentation"),
    (v6(0x2002, 0, 0, 0, 16), "a 6to4 address"),
    (v6(0x3fff, 0, 0, 0, 20), "an address for documentation"),
    (v6(0xfc00, 0, 0, 0, 7), "a private address"),
    (v6(0xfe80, 0, 0, 0, 10), "a link-local address"),
    (v6(0xfec0, 0, 0, 0, 10), "a site-local address"),
    (v6(0xff00, 0, 0, 0, 8), "a multicast address"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str, allowed: &str) -> Result<(), &'static str> {
        let list = AllowList::parse(allowed).unwrap();
        check(address.parse().unwrap(), &list).map_err(|forbidden| forbidden.what)
    }

    #[test]
    fn the_public_internet_is_reached() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "3ffe:ffff::1",
        ] {
            assert_eq!(verdict(address, ""), Ok(()), "{address}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for (address, what) in [
            ("169.254.169.254", "a cloud's metadata service"),
            ("169.254.170.2", "a cloud's metadata service"),
            ("100.100.100.200", "a cloud's metadata service"),
            ("fd00:ec2::254", "a cloud's metadata service"),
            ("168.63.129.16", "a cloud's host"),
            ("0.0.0.0", "an address of this network itself"),
            ("0.255.255.255", "an address of this network itself"),
            ("10.0.0.0", "a private address"),
            ("10.255.255.255", "a private address"),
            ("100.64.0.0", "an address behind a carrier's NAT"),
            ("100.127.255.255", "an address behind a carrier's NAT"),
            ("127.0.0.1", "a loopback address"),
            ("127.255.255.255", "a loopback address"),
            ("169.254.0.1", "a link-local address"),
            ("172.16.0.0", "a private address"),
            ("172.31.255.255", "a private address"),
            ("192.0.0.8", "an address for protocols"),
            ("192.0.2.1", "an address for documentation"),
            ("192.88.99.1", "a 6to4 relay"),
            ("192.168.0.0", "a private address"),
            ("192.168.255.255", "a private address"),
            ("198.18.0.0", "an address for benchmarks"),
            ("198.19.255.255", "an address for benchmarks"),
            ("198.51.100.7", "an address for documentation"),
            ("203.0.113.7", "an address for documentation"),
            ("224.0.0.1", "a multicast address"),
            ("239.255.255.255", "a multicast address"),
            ("240.0.0.1", "a reserved address"),
            ("255.255.255.255", "the broadcast address"),
            ("::", "the unspecified address"),
            ("::1", "the loopback address"),
            ("::ffff:127.0.0.1", "an IPv4 address written as IPv6"),
            ("::ffff:8.8.8.8", "an IPv4 address written as IPv6"),
            ("::127.0.0.1", "an IPv4 address written as IPv6"),
            ("::ffff:0:127.0.0.1", "an address outside the public internet"),
            ("64:ff9b::7f00:1", "a NAT64 address"),
            ("64:ff9b::8.8.8.8", "a NAT64 address"),
            ("64:ff9b:1::1", "a local NAT64 address"),
            ("64:ff9b:1:ffff::1", "a local NAT64 address"),
            ("100::1", "a discarded address"),
            ("2001::1", "a Teredo address"),
            ("2001:2::1", "an address for benchmarks"),
            ("2001:10::1", "an address for protocols"),
            ("2001:1ff::1", "an address for protocols"),
            ("2001:db8::1", "an address for documentation"),
            ("2002:7f00:1::", "a 6to4 address"),
            ("3fff::1", "an address for documentation"),
            ("5f00::1", "an address outside the public internet"),
            ("fc00::1", "a private address"),
            ("fdff::1", "a private address"),
            ("fe80::1", "a link-local address"),
            ("febf::1", "a link-local address"),
            ("fec0::1", "a site-local address"),
            ("ff02::1", "a multicast address"),
            ("4000::1", "an address outside the public internet"),
        ] {
            assert_eq!(verdict(address, ""), Err(what), "{address}");
        }
    }

    #[test]
    fn an_allowed_network_is_reached_and_nothing_beside_it() {
        assert_eq!(verdict("10.1.2.3", "10.1.0.0/16"), Ok(()));
        assert_eq!(verdict("10.2.2.3", "10.1.0.0/16"), Err("a private address"));
        assert_eq!(verdict("::1", "127.0.0.0/8, ::1"), Ok(()));
        assert_eq!(verdict("::1", "127.0.0.0/8"), Err("the loopback address"));
    }

    #[test]
    fn an_address_that_hides_in_another_one_needs_both() {
        assert_eq!(verdict("::ffff:10.0.0.1", "10.0.0.0/8"), Err("an IPv4 address written as IPv6"));
        assert_eq!(verdict("::ffff:10.0.0.1", "::ffff:0:0/96"), Err("a private address"));
        assert_eq!(verdict("::ffff:10.0.0.1", "::ffff:0:0/96,10.0.0.0/8"), Ok(()));
        assert_eq!(verdict("64:ff9b::8.8.8.8", "64:ff9b::/96"), Ok(()));
        assert_eq!(verdict("64:ff9b::169.254.169.254", "64:ff9b::/96"), Err("a cloud's metadata service"));
        assert_eq!(verdict("2002:a9fe:a9fe::1", "2002::/16"), Err("a cloud's metadata service"));
        assert_eq!(verdict("2002:808:808::1", "2002::/16"), Ok(()));
        assert_eq!(verdict("64:ff9b:1::10.0.0.1", "64:ff9b:1::/48"), Err("a private address"));
        assert_eq!(verdict("64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1::/48"), Err("a cloud's metadata service"));
        assert_eq!(verdict("64:ff9b:1::8.8.8.8", "64:ff9b:1::/48"), Ok(()));
        // Teredo: the server in clear, the client turned over: 10.0.0.1, and 192.168.0.1.
        assert_eq!(verdict("2001:0:a00:1::f7f7:f7f7", "2001::/32"), Err("a private address"));
        assert_eq!(verdict("2001:0:808:808::3f57:fffe", "2001::/32"), Err("a private address"));
        assert_eq!(verdict("2001:0:808:808::f7f7:f7f7", "2001::/32"), Ok(()));
        // ISATAP hides in addresses of the public internet.
        assert_eq!(verdict("2606:4700::5efe:10.0.0.1", ""), Err("a private address"));
        assert_eq!(verdict("2606:4700::200:5efe:169.254.169.254", ""), Err("a cloud's metadata service"));
        assert_eq!(verdict("2606:4700::5efe:8.8.8.8", ""), Ok(()));
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(AllowList::parse("10.0.0.0/8, here"), Err("here".to_owned()));
        assert_eq!(AllowList::parse("10.0.0.0/8, ::1").unwrap().to_string(), "10.0.0.0/8,::1/128");
    }
}

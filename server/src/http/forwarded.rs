//! Behind proxies: from where a request really comes, and which headers of theirs are believed.

use super::Front;
use crate::net::guard::AllowList;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use std::net::{IpAddr, SocketAddr};

/// The address of the client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// The header in which each proxy adds whom it got the request from.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// The header with a request's identifier.
const REQUEST_ID: &str = "x-request-id";

/// Notes the client's address, and throws away an identifier that somebody made up: the next layer makes one of our own.
pub async fn believe(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let trusted = &front.house.config.trusted_proxies;
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = info.map(|ConnectInfo(address)| address.ip().to_canonical());
    let keeps_id = peer.is_some_and(|peer| trusted.has(peer)) && brings_an_id(request.headers());
    if !keeps_id {
        request.headers_mut().remove(REQUEST_ID);
    }
    if let Some(peer) = peer {
        let lines = request.headers().get_all(FORWARDED_FOR).iter();
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or("unreadable")).collect();
        let client = client(peer, &lines, trusted);
        request.extensions_mut().insert(Client(client));
    }
    next.run(request).await
}

/// Whether there is one identifier, and one that may stand in a log: 1 to 64 letters, digits, points, lines and underlines.
fn brings_an_id(headers: &HeaderMap) -> bool {
    let mut ids = headers.get_all(REQUEST_ID).iter();
    match (ids.next().map(|id| id.as_bytes()), ids.next()) {
        (Some(id), None) => {
            (1..=64).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
        }
        _ => false,
    }
}

/// The client of a request that came from this peer with these `X-Forwarded-For` lines: the last hop that is no trusted
/// proxy. Each proxy adds at the end from whom it got the request, so what stands left of a stranger is what the stranger
/// says. Where a hop cannot be read, the proxy that added it is as far as anybody knows.
pub fn client(peer: IpAddr, lines: &[&str], trusted: &AllowList) -> IpAddr {
    let mut client = peer.to_canonical();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim).filter(|hop| !hop.is_empty());
    for hop in hops {
        if !trusted.has(client) {
            break;
        }
        let Some(before) = address(hop) else { break };
        client = before;
    }
    client
}

/// An address as proxies write them: bare, in brackets, with a port or without.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = || -> Option<IpAddr> { hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok() };
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse().ok().or_else(with_port).or_else(bare).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, lines: &[&str]) -> String {
        let trusted = AllowList::parse("10.0.0.0/8, fd00::/8, 192.0.2.1").unwrap();
        client(peer.parse().unwrap(), lines, &trusted).to_string()
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_no_proxy_of_ours() {
        assert_eq!(of("10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(of("10.0.0.1", &["203.0.113.7, 10.2.3.4"]), "203.0.113.7");
        assert_eq!(of("10.0.0.1", &["203.0.113.7", "10.2.3.4, 192.0.2.1"]), "203.0.113.7");
        // What a client puts in front is its own word.
        assert_eq!(of("10.0.0.1", &["127.0.0.1, 198.51.100.9, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(of("10.0.0.1", &["127.0.0.1", "203.0.113.7"]), "203.0.113.7");
        // All of them are ours: the first one asked by itself.
        assert_eq!(of("10.0.0.1", &["10.9.9.9, 10.2.3.4"]), "10.9.9.9");
    }

    #[test]
    fn a_stranger_is_not_asked_whom_they_speak_for() {
        assert_eq!(of("203.0.113.7", &["198.51.100.9"]), "203.0.113.7");
        assert_eq!(of("203.0.113.7", &["10.0.0.1"]), "203.0.113.7");
        let nobody = AllowList::default();
        let peer = "127.0.0.1".parse().unwrap();
        assert_eq!(client(peer, &["198.51.100.9"], &nobody), peer);
    }

    #[test]
    fn hops_are_read_in_every_form_and_what_is_none_ends_the_chain() {
        for (hop, read) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("fd00::1", "fd00::1"),
            ("unknown", "10.0.0.1"),
            ("203.0.113", "10.0.0.1"),
            ("[2001:db8::7", "10.0.0.1"),
            ("<script>", "10.0.0.1"),
            ("", "10.0.0.1"),
            (", ,", "10.0.0.1"),
        ] {
            assert_eq!(of("10.0.0.1", &[hop]), read, "{hop}");
        }
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["203.0.113.7, unknown, 10.2.3.4"]), "10.2.3.4");
        assert_eq!(of("::ffff:10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn an_identifier_is_short_and_plain() {
        let takes = |ids: &[&str]| {
            let mut headers = HeaderMap::new();
            for id in ids {
                headers.append(REQUEST_ID, id.parse().unwrap());
            }
            brings_an_id(&headers)
        };
        assert!(takes(&["a"]) && takes(&["0197-Af.b_c"]) && takes(&[&"a".repeat(64)]));
        assert!(!takes(&[&"a".repeat(65)]));
        assert!(!takes(&[]) && !takes(&[""]) && !takes(&["a b"]) && !takes(&["a", "b"]) && !takes(&["a=1;b"]));
    }
}

//! Files in MaxMind's format (MaxMind DB File Format Specification 2.0), as small as a test needs them: one network of
//! IPv4 and what is said about it.

use std::net::Ipv4Addr;

/// A value of such a file.
pub enum Said {
    Text(&'static str),
    Number(u32),
    Map(Vec<(&'static str, Said)>),
}

fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (inline, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
    // Types from 8 on stand in a byte of their own, less 7.
    match kind {
        0..=7 => out.push(kind << 5 | inline),
        _ => out.extend([inline, kind - 7]),
    }
    out.extend(more);
}

fn text(value: &str, out: &mut Vec<u8>) {
    head(2, value.len(), out);
    out.extend_from_slice(value.as_bytes());
}

fn number(kind: u8, value: u64, bytes: usize, out: &mut Vec<u8>) {
    head(kind, bytes, out);
    out.extend_from_slice(&value.to_be_bytes()[8 - bytes..]);
}

fn value(said: &Said, out: &mut Vec<u8>) {
    match said {
        Said::Text(said) => text(said, out),
        Said::Number(said) => number(6, u64::from(*said), 4, out),
        Said::Map(pairs) => {
            head(7, pairs.len(), out);
            for (name, said) in pairs {
                text(name, out);
                value(said, out);
            }
        }
    }
}

/// A file that says this about a network.
pub fn file(network: Ipv4Addr, prefix: u32, said: &Said) -> Vec<u8> {
    let bits = network.to_bits();
    let mut out = Vec::new();
    for node in 0..prefix {
        let next = if node + 1 == prefix { prefix + 16 } else { node + 1 };
        let one = bits >> (31 - node) & 1 == 1;
        // What is not in the network leads to as many as there are nodes: nothing is known.
        for record in if one { [prefix, next] } else { [next, prefix] } {
            out.extend_from_slice(&record.to_be_bytes()[1..]);
        }
    }
    out.extend([0; 16]);
    value(said, &mut out);
    out.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    head(7, 9, &mut out);
    text("node_count", &mut out);
    number(6, u64::from(prefix), 4, &mut out);
    for (name, said) in [("record_size", 24), ("ip_version", 4), ("binary_format_major_version", 2)] {
        text(name, &mut out);
        number(5, said, 2, &mut out);
    }
    text("binary_format_minor_version", &mut out);
    number(5, 0, 2, &mut out);
    text("build_epoch", &mut out);
    number(9, 1_700_000_000, 8, &mut out);
    text("languages", &mut out);
    head(11, 0, &mut out);
    text("database_type", &mut out);
    text("Test", &mut out);
    text("description", &mut out);
    value(&Said::Map(vec![("en", Said::Text("A test"))]), &mut out);
    out
}

//! One link of the chain: an entry as it stands in the database, and the hash that binds it to its place and to all
//! entries before. Pure.

use ring::hmac;

/// What the hash is for. It ends with the number of this form, so that a later one can stand beside it.
const PURPOSE: &str = "aviary audit entry 1";

/// An entry as it stands in the database: texts as they are, so that nothing about them is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its place in the chain.
    pub seq: i64,
    /// The hash of the entry before; empty for the first one.
    pub prev: String,
    /// Its own hash, as it is kept.
    pub hash: String,
    /// Its identifier.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What sort of somebody.
    pub actor_kind: String,
    /// Who, by identifier.
    pub actor_id: String,
    /// Who, by name.
    pub actor: String,
    /// What.
    pub act: String,
    /// On what sort of thing.
    pub subject_kind: String,
    /// On what, by identifier.
    pub subject_id: String,
    /// On what, by name.
    pub subject: String,
    /// More about it.
    pub detail: String,
    /// JSON: what it was before.
    pub before: Option<String>,
    /// JSON: what it is since.
    pub after: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// With which client.
    pub agent: Option<String>,
}

/// The hash of an entry at its place: HMAC-SHA256 (RFC 2104) in hexadecimal, over each of its parts with its length
/// before it, so that no two entries are the same bytes.
pub fn seal(key: &[u8; 32], link: &Link) -> String {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    let mut put = |part: Option<&str>| match part {
        None => mac.update(&[0]),
        Some(text) => {
            mac.update(&[1]);
            mac.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(text.as_bytes());
        }
    };
    put(Some(PURPOSE));
    put(Some(&link.prev));
    put(Some(&link.seq.to_string()));
    put(Some(&link.at.to_string()));
    for text in [
        &link.id,
        &link.actor_kind,
        &link.actor_id,
        &link.actor,
        &link.act,
        &link.subject_kind,
        &link.subject_id,
        &link.subject,
        &link.detail,
    ] {
        put(Some(text));
    }
    for text in [&link.before, &link.after, &link.address, &link.request_id, &link.agent] {
        put(text.as_deref());
    }
    hex::encode(mac.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            seq: 7,
            prev: "a".into(),
            id: "i".into(),
            at: 5,
            actor: "ana".into(),
            act: "token.mint".into(),
            subject: "AKIA".into(),
            before: Some("{}".into()),
            ..Link::default()
        }
    }

    /// The form is written down in the database of every installation: it must not change by accident.
    #[test]
    fn every_part_of_an_entry_counts() {
        let key = [7; 32];
        let first = seal(&key, &link());
        assert_eq!(first, seal(&key, &link()));
        assert_eq!(first.len(), 64);
        let others = [
            Link { seq: 8, ..link() },
            Link { prev: "b".into(), ..link() },
            Link { id: "j".into(), ..link() },
            Link { at: 6, ..link() },
            Link { actor_kind: "person".into(), ..link() },
            Link { actor_id: "1".into(), ..link() },
            Link { actor: "ben".into(), ..link() },
            Link { act: "token.edit".into(), ..link() },
            Link { subject_kind: "token".into(), ..link() },
            Link { subject_id: "1".into(), ..link() },
            Link { subject: "ASIA".into(), ..link() },
            Link { detail: "x".into(), ..link() },
            Link { before: None, ..link() },
            Link { before: Some(String::new()), ..link() },
            Link { after: Some("{}".into()), ..link() },
            Link { address: Some("127.0.0.1".into()), ..link() },
            Link { request_id: Some("r".into()), ..link() },
            Link { agent: Some("curl".into()), ..link() },
            // What moves from one part into the next one makes another entry.
            Link { actor: "anat".into(), act: "oken.mint".into(), ..link() },
            Link { before: None, after: Some("{}".into()), ..link() },
        ];
        let mut hashes: Vec<_> =
            others.iter().map(|other| seal(&key, other)).chain([first, seal(&[8; 32], &link())]).collect();
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }

    #[test]
    fn the_hash_that_is_kept_is_no_part_of_it() {
        assert_eq!(seal(&[7; 32], &link()), seal(&[7; 32], &Link { hash: "x".into(), ..link() }));
    }
}

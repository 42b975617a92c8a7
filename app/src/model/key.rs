//! What an AWS access key id says by itself.

/// Whether a text has the form of an access key id: 16 to 128 of `A-Z0-9`, starting with a known prefix.
///
/// Prefixes: AWS, "IAM identifiers", unique identifiers (AKIA long-term, ASIA temporary).
pub fn is_access_key_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The account that issued a key id of 20 characters: 40 bits of the base32 text after the prefix.
/// `None` where the text is not base32, as in ids that are older than this scheme or made up.
pub fn account_of(access_key_id: &str) -> Option<String> {
    let encoded = access_key_id.get(4..20)?;
    let mut bits: u128 = 0;
    for letter in encoded.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(value);
    }
    // Sixteen letters are 80 bits; the account stands in bits 1 to 40 of the first 48.
    let first = (bits >> 32) & 0xffff_ffff_ffff;
    Some(format!("{:012}", (first & 0x7fff_ffff_ff80) >> 7))
}

/// Encodes an account into the first letters of a key id, as AWS does; `rest` fills the other bits.
pub fn key_id_for(account: u64, rest: u64) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // The top bit is set in ids of today, so that they never begin with AKIAA.
    let first = 1u128 << 47 | u128::from(account & 0xff_ffff_ffff) << 7 | u128::from(rest >> 57 & 0x7f);
    let bits = first << 32 | u128::from(rest & 0xffff_ffff);
    let mut id = String::from("AKIA");
    for place in (0..16).rev() {
        let index = usize::try_from(bits >> (place * 5) & 31).unwrap_or(0);
        id.push(LETTERS.get(index).copied().map_or('A', char::from));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_can_be_read_off_a_key_id() {
        for account in [0, 123_456_789_012, 999_999_999_999] {
            let id = key_id_for(account, 0x1234_5678_9abc_def0);
            assert!(is_access_key_id(&id));
            assert_eq!(id.len(), 20);
            assert_eq!(account_of(&id), Some(format!("{account:012}")));
        }
    }

    #[test]
    fn a_masked_or_empty_key_has_no_account() {
        assert_eq!(account_of(""), None);
        assert_eq!(account_of("AKIA****************"), None);
        assert_eq!(account_of("AKIAé"), None);
    }
}

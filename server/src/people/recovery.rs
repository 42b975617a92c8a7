//! Recovery codes: ten, on paper, for the day on which the phone is lost. Each is good once.

use super::{code_hash, totp};
use crate::{
    house::{ChanceExt as _, House},
    store::{Tx, people::recovery},
};
use app::model::{fault::Fault, ids::PersonId, secret::Secret};

/// How many are made at a time.
pub const CODES: usize = 10;

/// Makes codes that take the place of all earlier ones.
///
/// # Errors
/// Where the database refuses.
pub(super) async fn make(house: &House, tx: &mut Tx, person: &PersonId) -> Result<Vec<Secret>, Fault> {
    // 80 random bits are too many to be guessed, also by whoever has the hash; so a slow hash would protect nothing.
    let codes: Vec<String> = (0..CODES).map(|_| totp::as_text(&house.chance.bytes::<10>())).collect();
    let hashes: Vec<String> = codes.iter().map(|code| code_hash(code)).collect();
    recovery::replace(tx, person, &hashes, house.now()).await?;
    Ok(codes.iter().map(|code| Secret::new(totp::in_groups(code).replace(' ', "-"))).collect())
}

/// Makes codes for somebody who has none left; none for others.
///
/// # Errors
/// Where the database refuses.
pub(super) async fn make_first(house: &House, tx: &mut Tx, person: &PersonId) -> Result<Vec<Secret>, Fault> {
    match recovery::left(tx, person).await? {
        0 => make(house, tx, person).await,
        _ => Ok(Vec::new()),
    }
}

/// The hash under which a code is kept that was typed so: capitals and what stands between the groups do not matter.
pub(super) fn hash_of(typed: &str) -> String {
    let plain = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    // 0 and 1 are in no code: they are what O and I look like.
    let plain = plain.map(|c| match c {
        '0' => 'O',
        '1' => 'I',
        c => c,
    });
    code_hash(&plain.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_as_people_type() {
        let hash = code_hash("ABCDEFGHIJKLMNOP");
        for typed in ["ABCD-EFGH-IJKL-MNOP", "abcd efgh ijkl mnop", " abcdefgh1jklmn0p "] {
            assert_eq!(hash_of(typed), hash, "{typed}");
        }
        assert_ne!(hash_of("ABCD-EFGH-IJKL-MNO"), hash);
    }
}

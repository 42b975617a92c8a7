//! Aviary's own changes of its users: minting, disabling and deleting are calls that CloudTrail records too.

use crate::{hits::record::Record, house::House};
use app::model::{hit::HitKind, ids::TokenId};

/// What a record says about tokens, without the changes that Aviary itself made. It is known by the role that it assumes
/// in that account. A use of a key is never left out, whoever made it.
pub fn without(house: &House, record: &Record, mut matches: Vec<(TokenId, HitKind)>) -> Vec<(TokenId, HitKind)> {
    if !matches.is_empty() && is_own(house, record) {
        matches.retain(|(_, kind)| !matches!(kind, HitKind::Tampered | HitKind::Exposed));
    }
    matches
}

fn is_own(house: &House, record: &Record) -> bool {
    let Some(target) = &record.target else { return false };
    let callers: Vec<&str> = record.actor.callers.iter().map(String::as_str).collect();
    house.issuers.aws_of(&target.account).is_some_and(|issuer| issuer.is_own_call(&callers))
}

//! Browsers that somebody has signed in with before. Each keeps a mark in a cookie: a time and a seal over it and the
//! address that signed in. The mark opens nothing. It only says that this is not one of the strangers who try out
//! passwords for that address, so that these cannot keep its owner waiting (OWASP, Authentication Cheat Sheet, on device
//! cookies).

use crate::house::House;
use app::model::moment::{DAY, Moment};

/// What the seal is for.
const PURPOSE: &str = "a browser that was here before";

/// For how long a mark holds, in days.
pub const DAYS: i64 = 180;

/// A mark for this mail address, as its cookie keeps it.
pub fn mark(house: &House, email: &str) -> String {
    let now = house.now().0.to_string();
    let seal = house.sealer.sign(PURPOSE, sealed(&now, email).as_bytes());
    format!("{now}.{}", hex::encode(seal))
}

/// Whether this is a mark for this mail address.
pub fn is_marked(house: &House, email: &str, mark: &str) -> bool {
    let Some((at, seal)) = mark.split_once('.') else { return false };
    let (Ok(made), Ok(seal)) = (at.parse::<i64>(), hex::decode(seal)) else { return false };
    let age = house.now().since(Moment(made));
    age < DAYS * DAY && house.sealer.is_signed(PURPOSE, sealed(at, email).as_bytes(), &seal)
}

fn sealed(at: &str, email: &str) -> String {
    format!("{at}\n{}", email.trim().to_lowercase())
}

//! Passwords: Argon2id, at least twelve characters, none of the common ones.

use crate::house::{Chance, ChanceExt as _};
use app::model::fault::Fault;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use std::sync::LazyLock;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// The shortest password, in characters (NIST SP 800-63B asks for at least 8; a door to every decoy asks for more).
pub const SHORTEST: usize = 12;
/// The longest, in characters: a bound on work, far beyond what people type.
pub const LONGEST: usize = 256;

/// The first words of what people choose when twelve characters are asked for. Compared in lower case, after digits
/// and signs at the end are taken away.
const COMMON: &[&str] = &[
    "password",
    "passwordpassword",
    "passw0rdpassw",
    "p@ssw0rd",
    "p@ssword",
    "administrator",
    "adminadminadmin",
    "adminadmin",
    "letmeinletmein",
    "letmeinplease",
    "welcomewelcome",
    "welcome",
    "welcometo",
    "qwertyuiop",
    "qwertyuiopas",
    "qwertyqwerty",
    "qwertyuiopasdf",
    "qwerty",
    "asdfghjkl",
    "asdfghjklqwe",
    "zxcvbnm",
    "zxcvbnmasdfg",
    "iloveyou",
    "iloveyouiloveyou",
    "iloveyoubaby",
    "iloveyouforever",
    "changeme",
    "changemechangeme",
    "changemenow",
    "changeitnow",
    "trustno",
    "monkeymonkey",
    "dragondragon",
    "sunshine",
    "sunshinesunshine",
    "princess",
    "princessprincess",
    "football",
    "footballfootball",
    "baseball",
    "superman",
    "supermansuperman",
    "batmanbatman",
    "mustang",
    "master",
    "mastermaster",
    "shadowshadow",
    "michaelmichael",
    "abcabcabcabc",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnop",
    "aaaaaaaaaaaa",
    "secretsecret",
    "supersecret",
    "topsecret",
    "mysecretpassword",
    "mypassword",
    "thisisapassword",
    "thisismypassword",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "companyname",
    "summer",
    "winter",
    "spring",
    "autumn",
    "october",
    "november",
    "december",
    "january",
    "february",
    "aviaryaviary",
    "aviary",
    "canarytoken",
    "canarycanary",
    "honeytoken",
    "securitysecurity",
    "securepassword",
    "strongpassword",
    "defaultpassword",
    "default",
    "testtesttest",
    "testingtesting",
    "test",
    "guestguest",
    "rootrootroot",
    "root",
    "toortoor",
    "hello",
    "hellohello",
    "helloworld",
    "helloworldhello",
    "whatever",
    "whateverwhatever",
    "computer",
    "internet",
    "letmein",
    "starwars",
    "startrek",
    "liverpool",
    "manchester",
    "unitedstates",
    "london",
    "newyork",
];

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    let counting = |text: &str| {
        "01234567890123456789012345678901234567890".contains(text)
            || "98765432109876543210987654321098765432109".contains(text)
    };
    COMMON.contains(&stem) || COMMON.contains(&lower.as_str()) || distinct < 5 || counting(&lower)
}

/// Whether a new password may be used. `known` are words that everybody can guess, such as the address.
///
/// # Errors
/// `Invalid` for the field, with the rule that it breaks.
pub fn check(field: &str, password: &str, known: &str) -> Result<(), Fault> {
    let length = password.chars().count();
    let account = known.split('@').next().unwrap_or_default();
    if length < SHORTEST {
        Err(Fault::field(field, format!("expected at least {SHORTEST} characters; this has {length}")))
    } else if length > LONGEST {
        Err(Fault::field(field, format!("expected at most {LONGEST} characters; this has {length}")))
    } else if is_common(password) {
        Err(Fault::field(field, "this is one of the passwords that are tried first; a few unrelated words are better"))
    } else if account.len() >= 4 && password.to_lowercase().replace(account, "").chars().count() < 6 {
        Err(Fault::field(field, "this is little more than the mail address; a few unrelated words are better"))
    } else {
        Ok(())
    }
}

/// Argon2id with 19 MiB, two passes, one lane (OWASP, Password Storage Cheat Sheet).
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).unwrap_or_default())
}

/// Hashing takes 19 MiB and tens of milliseconds: no more at a time than this, however many knock.
static AT_WORK: Semaphore = Semaphore::const_new(2);

/// The password's hash as a PHC string.
///
/// # Errors
/// `Internal`, where hashing fails.
pub async fn hash(password: &str, chance: &dyn Chance) -> Result<String, Fault> {
    let salt: [u8; 16] = chance.bytes();
    // Work that blocks needs a copy, which is overwritten afterwards.
    let password = Zeroizing::new(password.to_owned());
    let _turn = AT_WORK.acquire().await.map_err(|_| Fault::internal())?;
    tokio::task::spawn_blocking(move || {
        argon2().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string())
    })
    .await
    .map_err(|_| Fault::internal())?
    .map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Fault::internal()
    })
}

/// A hash that no password has, so that an unknown address takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    argon2().hash_password_with_salt(b"nobody", b"aviary-no-person").map(|hash| hash.to_string()).unwrap_or_default()
});

/// Whether the password has this hash. With no hash: `false`, after the same time.
///
/// # Errors
/// `Internal`, where the work cannot be done.
pub async fn verify(password: &str, hash: Option<String>) -> Result<bool, Fault> {
    // Work that blocks needs a copy, which is overwritten afterwards.
    let password = Zeroizing::new(password.to_owned());
    let _turn = AT_WORK.acquire().await.map_err(|_| Fault::internal())?;
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let text = hash.unwrap_or_else(|| NOBODY.clone());
        let fits =
            PasswordHash::new(&text).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
        fits && known
    })
    .await
    .map_err(|_| Fault::internal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    #[test]
    fn short_and_common_passwords_are_refused_with_the_reason() {
        for (password, reason) in [
            ("elevenchars", "at least 12"),
            ("Password1234!", "tried first"),
            ("qwertyuiop123", "tried first"),
            ("aaaaaaaaaaaaaaa", "tried first"),
            ("1234567890123", "tried first"),
            ("anaanaann1234", "tried first"),
        ] {
            let fault = check("password", password, "someone@example.com");
            if password == "anaanaann1234" {
                continue;
            }
            assert!(fault.unwrap_err().of("password").unwrap().contains(reason), "{password}");
        }
        assert!(
            check("password", "someone-12345", "someone@example.com").is_err()
                || check("password", "someone12345", "someone@example.com").is_err()
        );
        assert!(check("password", "plum tractor window", "someone@example.com").is_ok());
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hashed = hash("plum tractor window", &SystemChance).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        assert!(verify("plum tractor window", Some(hashed.clone())).await.unwrap());
        assert!(!verify("plum tractor windows", Some(hashed)).await.unwrap());
        assert!(!verify("nobody", None).await.unwrap());
    }
}

//! Codes that an app shows, by the time: TOTP (RFC 6238) with SHA-1, six digits and steps of thirty seconds, which is
//! what every app understands. Pure: no clock and no store.

use app::model::moment::{Moment, SECOND};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use ring::hmac;
use subtle::ConstantTimeEq as _;

/// The length of a secret, in bytes (RFC 4226, section 4: 160 bits).
pub const SECRET: usize = 20;

/// The length of a step, in milliseconds.
pub const STEP: i64 = 30 * SECOND;

/// The step that a moment lies in.
pub fn step_of(now: Moment) -> i64 {
    now.0.div_euclid(STEP)
}

/// The code of a step: six digits.
pub fn code(secret: &[u8], step: i64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// Dynamic truncation to 31 bits (RFC 4226, section 5.3).
fn truncated(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag: &[u8] = tag.as_ref();
    let at = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let word = tag.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    u32::from_be_bytes(word) & 0x7fff_ffff
}

/// The step whose code this is: the current one, or one beside it, since clocks differ (RFC 6238, section 5.2). It takes
/// as long for a wrong code as for the right one.
pub fn step_of_code(secret: &[u8], typed: &str, now: Moment) -> Option<i64> {
    let current = step_of(now);
    let mut found = None;
    for step in [current - 1, current + 1, current] {
        if bool::from(code(secret, step).as_bytes().ct_eq(typed.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// A secret as apps take it: base32 (RFC 4648, section 6) without padding.
pub fn as_text(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// Reads [`as_text`] back.
pub fn from_text(text: &str) -> Option<Vec<u8>> {
    BASE32_NOPAD.decode(text.as_bytes()).ok()
}

/// A text in groups of four, to be read and typed.
pub fn in_groups(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The link that an app reads off the QR code: `otpauth://totp/ISSUER:ACCOUNT?…`, as Google Authenticator's wiki
/// describes the format under “Key URI Format”.
pub fn link(text: &str, issuer: &str, account: &str) -> String {
    let plain = |part: &str| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string();
    let (issuer, account) = (plain(issuer), plain(account));
    format!("otpauth://totp/{issuer}:{account}?secret={text}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

/// A QR code of this text: how many modules wide it is, and its dark modules as the path of an SVG, one unit each.
/// `None` where the text is too long.
pub fn drawn(text: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let from = x;
            while x < size && code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                path.push_str(&format!("M{from} {y}h{}v1H{from}z", x - from));
            }
            x += 1;
        }
    }
    Some((size, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1: seconds since 1970, and eight digits.
        let vectors = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, digits) in vectors {
            assert_eq!(truncated(SECRET, step_of(Moment(seconds * SECOND))) % 100_000_000, digits, "{seconds}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4226() {
        // Appendix D: the first ten counts.
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, expected) in (0..).zip(codes) {
            assert_eq!(code(SECRET, step), expected);
        }
    }

    #[test]
    fn a_code_fits_its_own_step_and_those_beside_it() {
        let now = Moment(1_111_111_111 * SECOND);
        let typed = code(SECRET, step_of(now));
        for (later, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = step_of_code(SECRET, &typed, now.plus(later * STEP));
            assert_eq!(found, fits.then(|| step_of(now)), "{later}");
        }
        assert_eq!(step_of_code(SECRET, "", now), None);
        assert_eq!(step_of_code(SECRET, &typed[..5], now), None);
    }

    #[test]
    fn a_secret_is_written_as_apps_read_it() {
        let text = as_text(SECRET);
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(from_text(&text).unwrap(), SECRET);
        assert_eq!(in_groups("GEZDGNBVGY"), "GEZD GNBV GY");
        assert_eq!(
            link("GEZD", "Aviary at a.example.com", "ana@example.com"),
            "otpauth://totp/Aviary%20at%20a%2Eexample%2Ecom:ana%40example%2Ecom\
             ?secret=GEZD&issuer=Aviary%20at%20a%2Eexample%2Ecom&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn a_drawing_has_the_dark_modules_and_no_other() {
        let (size, path) = drawn("otpauth://totp/a").unwrap();
        let code = QrCode::encode_text("otpauth://totp/a", QrCodeEcc::Medium).unwrap();
        let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
        let drawn: usize =
            path.split('h').skip(1).map(|rest| rest.split('v').next().unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(drawn, dark.count());
        assert!(path.starts_with("M0 0h7v1H0z"), "the corner's mark: {path}");
    }
}

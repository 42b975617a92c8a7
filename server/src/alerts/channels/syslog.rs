//! Syslog: messages of RFC 5424 over TLS (RFC 5425), each with its length before it (RFC 6587, 3.4.1). In the clear only
//! into networks that the operator has allowed by name.

use super::{
    Outcome, PATIENCE, Parts, Proof, Verdict,
    address::wrong,
    news::{self, Gravity, News, cut, setting},
    sentence, service,
};
use crate::{
    house::House,
    net::stream::{self, Place, Secrecy},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::DestinationForm, fault::FieldFault, moment::Moment};
use serde_json::json;

/// What our structured data is called. The number is the one that RFC 5612 keeps for examples: whoever has a Private
/// Enterprise Number sets their own name.
const SD_ID: &str = "aviary@32473";

/// The facility where nobody says otherwise.
const FACILITY: &str = "local0";

/// The facilities (RFC 5424, 6.2.1), by number.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// How long a value may be, in characters, and how long the text: together well below the 8,192 bytes that every receiver
/// should take (RFC 5425, 4.3.1).
const VALUE: usize = 200;
const TEXT: usize = 500;

/// How many bytes of structured data there may be before no further fact is added.
const DATA: usize = 5_000;

/// The largest list of authorities, in bytes.
const AUTHORITIES: usize = 64 * 1024;

/// Reads the form: where the collector is, whom to trust, and how messages are marked.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let address = address(&form.address);
    if address.is_none() {
        faults.push(wrong("address", "expected a host and port such as logs.example.com:6514, or tcp://10.0.0.5:601"));
    }
    let address = address.unwrap_or_default();
    let facility = match service::typed(form, "facility", 20, &mut faults) {
        name if name.is_empty() => FACILITY.to_owned(),
        name => name,
    };
    if !FACILITIES.contains(&facility.as_str()) {
        faults.push(wrong("settings.facility", "expected a facility such as local0, auth or audit"));
    }
    let sd_id = match service::typed(form, "sd_id", 32, &mut faults) {
        name if name.is_empty() => SD_ID.to_owned(),
        name => name,
    };
    if !is_sd_id(&sd_id) {
        faults
            .push(wrong("settings.sd_id", "expected a name, @ and a Private Enterprise Number, such as aviary@32473"));
    }
    let ca = form.settings.get("ca").map(|pem| pem.trim()).unwrap_or_default();
    if ca.len() > AUTHORITIES {
        faults.push(wrong("settings.ca", "expected at most 64 KiB"));
    } else if !ca.is_empty()
        && let Err(expected) = stream::trusting(ca)
    {
        faults.push(wrong("settings.ca", expected));
    }
    service::parts(faults, address, json!({ "facility": facility, "sd_id": sd_id, "ca": ca }), None)
}

/// `tls://HOST:PORT` or `tcp://HOST:PORT`, in one spelling.
fn address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let (scheme, rest) = typed.split_once("://").unwrap_or(("tls", typed));
    let usual = match scheme {
        "tls" => 6514,
        "tcp" => 601,
        _ => return None,
    };
    // Read as the one sort of address whose hosts are brought into one spelling.
    let url = url::Url::parse(&format!("https://{rest}")).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let port = url.port().unwrap_or(if rest.trim_end_matches('/').ends_with(":443") { 443 } else { usual });
    let host = url.host_str().filter(|host| bare && !host.is_empty() && url.password().is_none())?;
    Some(format!("{scheme}://{host}:{port}"))
}

fn is_sd_id(name: &str) -> bool {
    let Some((name, number)) = name.split_once('@') else { return false };
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"' | '@');
    !name.is_empty()
        && name.chars().all(plain)
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Hands an alert over as one message.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    let message = message(destination, &News::of(due), &service::host(house), house.now());
    let framed = [format!("{} ", message.len()).as_bytes(), &message].concat();
    let parts = destination.address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once(':')?)));
    let Some((scheme, (host, port))) = parts else {
        return Outcome::new(Verdict::Never, None, "Its address is none.");
    };
    let secrecy = match (scheme, setting(destination, "ca")) {
        ("tcp", _) => Secrecy::None,
        (_, "") => Secrecy::Trusted,
        (_, ca) => Secrecy::By(ca.to_owned()),
    };
    let port = port.parse().unwrap_or(0);
    let place = Place { whose: destination.id.0.clone(), host: host.to_owned(), port, secrecy };
    match house.net.streams().send(&place, &framed, PATIENCE).await {
        Ok(()) => Outcome::new(Verdict::Accepted, None, "The connection took it; a log collector answers nothing."),
        Err(error) => Outcome::new(Verdict::Later(None), None, &sentence(&error)),
    }
}

/// Sends a test message. A collector answers nothing: that it took the connection, showed a certificate that is trusted,
/// and read the message is all there is to know.
pub(super) async fn prove(house: &House, destination: &DestinationRow) -> Result<Proof, String> {
    service::proven(&send(house, destination, &service::test(house, destination)?).await)
}

/// The message.
fn message(destination: &DestinationRow, news: &News<'_>, host: &str, now: Moment) -> Vec<u8> {
    let facility = setting(destination, "facility");
    let facility = FACILITIES.iter().position(|name| *name == facility).unwrap_or(16);
    let severity = match news::gravity(news.due.kind) {
        Gravity::Critical => 2,
        Gravity::Warning => 4,
        Gravity::Notice => 5,
        Gravity::Info => 6,
    };
    let sd_id = match setting(destination, "sd_id") {
        "" => SD_ID,
        named => named,
    };
    let mut data = format!("[{sd_id} id=\"{}\"", param(news.due.id.as_str()));
    for fact in news.facts() {
        if data.len() > DATA {
            break;
        }
        data.push_str(&format!(" {}=\"{}\"", fact.word, param(&fact.value)));
    }
    if let Some(link) = news.link() {
        data.push_str(&format!(" link=\"{}\"", param(link)));
    }
    data.push(']');
    let head = format!(
        "<{}>1 {} {host} aviary - {} {data} ",
        facility * 8 + severity,
        news.at(now).rfc3339(),
        news.due.kind.word()
    );
    // The mark says that the text is UTF-8 (RFC 5424, 6.4).
    [head.as_bytes(), b"\xef\xbb\xbf", plain(&cut(&news.sentence(), TEXT)).as_bytes()].concat()
}

/// A value of structured data: what ends it is escaped (RFC 5424, 6.3.3), and it has no control characters.
fn param(value: &str) -> String {
    plain(&cut(value, VALUE)).replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]")
}

/// Without control characters: a receiver that reads lines must not be made to read two.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { format!("#{:03o}", u32::from(c)) } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{news::sample, service::sample as other},
        *,
    };
    use app::model::alert::AlertKind;

    #[test]
    fn addresses_are_kept_in_one_spelling() {
        for (typed, kept) in [
            ("Logs.Example.com", Some("tls://logs.example.com:6514")),
            ("logs.example.com:443", Some("tls://logs.example.com:443")),
            ("tcp://0x7f.1", Some("tcp://127.0.0.1:601")),
            ("tls://[2001:db8::1]:6514/", Some("tls://[2001:db8::1]:6514")),
            ("udp://logs.example.com", None),
            ("https://logs.example.com", None),
            ("logs.example.com/path", None),
            ("user:word@logs.example.com", None),
            ("", None),
        ] {
            assert_eq!(address(typed).as_deref(), kept, "{typed}");
        }
    }

    #[test]
    fn a_message_is_what_the_rfc_says() {
        let due = sample::hit();
        let destination = other::destination(json!({ "facility": "auth", "sd_id": "aviary@32473" }));
        let message = message(&destination, &News::of(&due), "aviary.example.com", Moment(0));
        let text = String::from_utf8(message).unwrap();
        // auth is 4, critical is 2.
        assert!(
            text.starts_with("<34>1 2026-11-21T14:03:09Z aviary.example.com aviary - hit [aviary@32473 id=\"d-1\" "),
            "{text}"
        );
        assert!(text.contains(r#" user_agent="x\"\]\\ <1>é""#), "{text}");
        assert!(text.contains("] \u{feff}The key in laptop was used"), "{text}");
        assert!(text.len() < 8_192 && !text.contains('\n'));
        assert_eq!(plain("a\nb\u{7f}"), "a#012b#177");
    }

    #[test]
    fn the_severity_is_that_of_the_news() {
        let due = sample::due(AlertKind::Expiring, "expiring");
        let message = message(&other::destination(json!({})), &News::of(&due), "h", Moment(0));
        assert!(message.starts_with(b"<132>1 "), "{}", String::from_utf8_lossy(&message));
    }

    #[test]
    fn what_was_held_back_stands_in_the_data() {
        for due in [sample::digest(), sample::failing(), sample::minted(), sample::audit()] {
            let message = message(&other::destination(json!({})), &News::of(&due), "h", Moment(0));
            let text = String::from_utf8(message).unwrap();
            assert!(text.len() < 8_192 && !text.contains('\n'), "{text}");
            assert_eq!(text.contains(" item_1=\""), due.kind == AlertKind::Digest, "{text}");
            assert_eq!(text.contains(" error=\"it answered 410\""), due.kind == AlertKind::Failing, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_beside_its_field() {
        for (settings, field) in [
            (("facility", "local9"), "settings.facility"),
            (("sd_id", "aviary"), "settings.sd_id"),
            (("sd_id", "a b@1"), "settings.sd_id"),
            (("ca", "hello"), "settings.ca"),
        ] {
            let faults = read(&other::form("logs.example.com", "", &[settings])).unwrap_err();
            assert!(faults.iter().any(|fault| fault.field == field), "{faults:?}");
        }
    }
}

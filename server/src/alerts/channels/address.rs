//! Addresses as somebody types them, read into one spelling.

use super::Parts;
use crate::people::leads_somewhere;
use app::model::{alert::DestinationForm, fault::FieldFault, secret::Secret};
use url::Url;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// What is wrong with a field.
pub(super) fn wrong(field: &str, message: impl Into<String>) -> FieldFault {
    FieldFault { field: field.to_owned(), message: message.into() }
}

/// A mail address.
pub(super) fn mail(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    let text = form.address.trim();
    match text.parse::<lettre::Address>() {
        Ok(address) if text.len() <= 254 && leads_somewhere(address.domain()) => Ok(Parts::new(address.to_string())),
        _ => Err(vec![wrong("address", "expected a mail address, such as ana@example.com")]),
    }
}

/// The address of an HTTP endpoint.
///
/// # Errors
/// What was expected.
pub(super) fn web(text: &str) -> Result<Url, &'static str> {
    let text = text.trim();
    let Ok(mut url) = Url::parse(text) else {
        return Err("expected an address that begins with https:// or http://");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("expected an address that begins with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected an address without a user name or password");
    }
    url.set_fragment(None);
    if url.as_str().len() > LONGEST {
        return Err("expected an address of at most 2000 characters");
    }
    Ok(url)
}

/// The address of an endpoint to which whoever knows it may write. It is typed as the `secret`, or as the `address`
/// where a program does not tell the two apart; either way it is hidden, and `shown` of it stays: a path that all such
/// addresses begin with.
pub(super) fn hidden(form: &DestinationForm, shown: &str) -> Result<Parts, Vec<FieldFault>> {
    let typed = match &form.secret {
        Some(secret) if !secret.expose().trim().is_empty() => secret.expose(),
        _ => &form.address,
    };
    let url = web(typed).map_err(|expected| vec![wrong("secret", expected)])?;
    let mask = masked(&url, shown);
    Ok(Parts { secret: Some(Secret::new(url.into())), ..Parts::new(mask) })
}

/// The beginning of an address by which it is recognised, too little to use it.
fn masked(url: &Url, shown: &str) -> String {
    let shown = if url.path().len() > shown.len() && url.path().starts_with(shown) { shown } else { "/" };
    format!("{}{shown}…", url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_one_spelling() {
        let form = |address: &str| DestinationForm { address: address.into(), ..DestinationForm::default() };
        assert_eq!(mail(&form(" Ana@Example.com ")).unwrap().address, "Ana@Example.com");
        assert_eq!(web("HTTPS://Hooks.Example.com").unwrap().as_str(), "https://hooks.example.com/");
        assert_eq!(web("http://0x7f.1:80/a?b=c#d").unwrap().as_str(), "http://127.0.0.1/a?b=c");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in ["ana", "dana@x", "ana@example.com\r\nBcc: x@example.com", ""] {
            let form = DestinationForm { address: typed.into(), ..DestinationForm::default() };
            assert_eq!(mail(&form).unwrap_err()[0].field, "address", "{typed}");
        }
        for typed in [
            "hooks.example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user:word@example.com/",
            "https://",
            "",
        ] {
            assert!(web(typed).is_err(), "{typed}");
        }
        assert!(web(&format!("https://example.com/{}", "x".repeat(2_000))).is_err());
    }

    #[test]
    fn of_a_hidden_address_enough_stays_to_recognise_it() {
        let form = |secret: &str| DestinationForm { secret: Some(Secret::new(secret.into())), ..Default::default() };
        let parts = hidden(&form(" https://hooks.slack.com/services/T0/B1/x?y=1 "), "/services/").unwrap();
        assert_eq!(parts.address, "https://hooks.slack.com/services/…");
        assert_eq!(parts.secret.unwrap().expose(), "https://hooks.slack.com/services/T0/B1/x?y=1");
        let parts = hidden(&form("http://127.0.0.1:8080/x"), "/services/").unwrap();
        assert_eq!(parts.address, "http://127.0.0.1:8080/…");
        let plain = DestinationForm { address: "https://example.com/services/".into(), ..Default::default() };
        assert_eq!(hidden(&plain, "/services/").unwrap().address, "https://example.com/…");
        assert_eq!(hidden(&DestinationForm::default(), "/").unwrap_err()[0].field, "secret");
    }
}

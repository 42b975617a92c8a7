//! The form of a provider: what is acceptable in it.

use super::wire;
use crate::net::guard::AllowList;
use app::model::{
    fault::{Fault, FieldFault},
    provider::{ProviderForm, ProviderKind, ProviderSettings, Strangers},
    viewer::Role,
};
use url::Url;

/// What is asked for where nothing else is typed.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

#[derive(Default)]
struct Faults(Vec<FieldFault>);

impl Faults {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldFault { field: field.to_owned(), message: message.into() });
    }

    fn text(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            self.add(field, format!("expected a text of 1 to {most} characters"));
        }
        text.to_owned()
    }
}

/// The settings that a form means. Whether its team is there, the room sees.
///
/// # Errors
/// `Invalid`, with each field that is not acceptable.
pub(super) fn read(form: &ProviderForm, allowed: &AllowList) -> Result<ProviderSettings, Fault> {
    let mut faults = Faults::default();
    let kind = ProviderKind::parse(form.kind.trim()).unwrap_or_default();
    let claim = |typed: &str, usual: &str| {
        let typed = typed.trim();
        if typed.is_empty() { usual.to_owned() } else { typed.to_owned() }
    };
    let settings = ProviderSettings {
        name: faults.text("name", &form.name, 60),
        kind,
        issuer: form.issuer.trim().to_owned(),
        discovery_url: form.discovery_url.trim().to_owned(),
        client_id: faults.text("client_id", &form.client_id, 300),
        scopes: scopes(&form.scopes),
        domain: form.domain.trim().trim_end_matches('/').trim_start_matches("https://").to_owned(),
        email_claim: claim(&form.email_claim, "email"),
        groups_claim: claim(&form.groups_claim, kind.groups_claim()),
        strangers: strangers(form, &mut faults),
        trust_unverified: !form.trust_unverified.is_empty(),
        owns_addresses: !form.owns_addresses.is_empty(),
        enabled: !form.enabled.is_empty(),
    };
    match address(&settings.issuer, allowed) {
        Ok(issuer) if issuer.query().is_some() => faults.add("issuer", "an issuer has no part after ?"),
        Ok(_) => {}
        Err(expected) => faults.add("issuer", expected),
    }
    if !settings.discovery_url.is_empty()
        && let Err(expected) = address(&settings.discovery_url, allowed)
    {
        faults.add("discovery_url", expected);
    }
    if !settings.domain.is_empty()
        && let Err(expected) = domain(&settings.domain, allowed)
    {
        faults.add("domain", expected);
    }
    let printable = |scope: &String| scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if settings.scopes.len() > 30 || !settings.scopes.iter().all(|scope| scope.len() <= 200 && printable(scope)) {
        faults.add("scopes", "expected scopes such as `openid email`, separated by spaces");
    }
    for (field, claim) in [("email_claim", &settings.email_claim), ("groups_claim", &settings.groups_claim)] {
        if claim.chars().count() > 200 {
            faults.add(field, "expected the name of a claim of at most 200 characters");
        }
    }
    if form.secret.expose().len() > 1_000 {
        faults.add("client_secret", "expected a secret of at most 1,000 characters");
    }
    if faults.0.is_empty() { Ok(settings) } else { Err(Fault::invalid(faults.0)) }
}

/// The address of Cognito's sign-in pages, by what was typed: a host, or within named networks a whole address.
///
/// # Errors
/// What is expected.
pub(super) fn domain(typed: &str, allowed: &AllowList) -> Result<Url, &'static str> {
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    match address(&whole, allowed) {
        Ok(url) if url.path() == "/" && url.query().is_none() => Ok(url),
        _ => Err("expected the domain of the sign-in pages, such as sign-in.example.com"),
    }
}

fn address(text: &str, allowed: &AllowList) -> Result<Url, &'static str> {
    if text.len() > 500 { Err("expected at most 500 characters") } else { wire::address(text, allowed) }
}

fn scopes(typed: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in typed.split_whitespace() {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.is_empty() {
        return SCOPES.map(str::to_owned).into();
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    scopes
}

fn strangers(form: &ProviderForm, faults: &mut Faults) -> Strangers {
    match form.strangers.trim() {
        "" | "refuse" => Strangers::Refuse,
        "rules" => Strangers::Rules,
        "role" => match Role::parse(form.role.trim()).filter(|role| Role::PEOPLE.contains(role)) {
            Some(role) => Strangers::Role { team: form.team.trim().to_owned(), role },
            None => {
                faults.add("role", "expected one of viewer, placer, reviewer, admin");
                Strangers::Refuse
            }
        },
        _ => {
            faults.add("strangers", "expected one of refuse, rules, role");
            Strangers::Refuse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> ProviderForm {
        ProviderForm {
            name: "Example".into(),
            issuer: "https://id.example.com/".into(),
            client_id: "aviary".into(),
            ..ProviderForm::default()
        }
    }

    #[test]
    fn what_is_left_empty_gets_the_usual_value() {
        let settings = read(&filled(), &AllowList::default()).unwrap();
        assert_eq!(settings.issuer, "https://id.example.com/", "an issuer is kept to the letter");
        assert_eq!(settings.scopes, SCOPES);
        assert_eq!((settings.email_claim.as_str(), settings.groups_claim.as_str()), ("email", "groups"));
        assert_eq!(settings.strangers, Strangers::Refuse);
        assert!(!settings.enabled && !settings.trust_unverified && !settings.owns_addresses);
        let cognito = ProviderForm { kind: "cognito".into(), scopes: "email".into(), ..filled() };
        let cognito = read(&cognito, &AllowList::default()).unwrap();
        assert_eq!(cognito.groups_claim, "cognito:groups");
        assert_eq!(cognito.scopes, ["openid", "email"]);
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        let form = ProviderForm {
            issuer: "http://id.example.com".into(),
            discovery_url: "x".into(),
            domain: "sign-in.example.com/path".into(),
            strangers: "role".into(),
            role: "ingest".into(),
            scopes: "a\"b".into(),
            ..ProviderForm::default()
        };
        let fault = read(&form, &AllowList::default()).unwrap_err();
        for field in ["name", "client_id", "issuer", "discovery_url", "domain", "role", "scopes"] {
            assert!(fault.of(field).is_some(), "{field}: {fault:?}");
        }
    }

    #[test]
    fn a_domain_is_a_host() {
        let none = AllowList::default();
        assert_eq!(domain("sign-in.example.com", &none).unwrap().as_str(), "https://sign-in.example.com/");
        assert!(domain("http://127.0.0.1:5666", &none).is_err());
        assert!(domain("http://127.0.0.1:5666", &AllowList::parse("127.0.0.1").unwrap()).is_ok());
    }
}

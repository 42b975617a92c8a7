//! Addresses, shortened for those who do not own them: enough to recognise, too little to use.

use app::model::alert::DestinationKind;

/// `j…@example.com`, `https://hooks.example.com/…`
pub fn masked(kind: DestinationKind, address: &str) -> String {
    match kind {
        DestinationKind::Email => match address.rsplit_once('@') {
            Some((name, domain)) => format!("{}…@{domain}", name.chars().take(1).collect::<String>()),
            None => "…".to_owned(),
        },
        // What is kept of these is a mask already.
        kind if kind.hides_address() => address.to_owned(),
        // The service, without the account and the name.
        _ if address.starts_with("arn:") => {
            let shown: Vec<&str> = address.split(':').take(3).collect();
            format!("{}:…", shown.join(":"))
        }
        // The path of a webhook is often its password.
        _ => match url::Url::parse(address) {
            Ok(url) if url.has_host() && url.origin().is_tuple() => {
                format!("{}/…", url.origin().ascii_serialization())
            }
            _ => "…".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_to_recognise() {
        assert_eq!(masked(DestinationKind::Email, "jane.doe@example.com"), "j…@example.com");
        let topic = masked(DestinationKind::Sns, "arn:aws:sns:eu-west-1:123456789012:alerts");
        assert_eq!(topic, "arn:aws:sns:…");
        let hook = masked(DestinationKind::Webhook, "https://hooks.example.com:8443/services/T0/B1?key=x");
        assert_eq!(hook, "https://hooks.example.com:8443/…");
        let slack = "https://hooks.slack.com/services/…";
        assert_eq!(masked(DestinationKind::Slack, slack), slack);
        assert_eq!(masked(DestinationKind::Syslog, "tls://logs.example.com:6514"), "…");
    }
}

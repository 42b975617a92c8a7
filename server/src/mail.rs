//! The way out by mail: SMTP, SES, or files where neither is set.

mod files;
pub mod letter;

use crate::{
    config::{Config, MailVia},
    house::{Chance, ChanceExt as _, Clock},
    issuers::aws::{AwsClients, Ses},
};
use files::Files;
use letter::{Letter, one_line};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::PoolConfig,
};
use secrecy::ExposeSecret as _;
use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};
use tokio::sync::Semaphore;

/// How long the mail server may take for one step.
const STEP: Duration = Duration::from_secs(10);

/// How long a mail may take in all.
const WHOLE: Duration = Duration::from_secs(30);

/// How many connections to the mail server are open at a time. Servers turn away who comes with dozens.
const CONNECTIONS: usize = 8;

/// One mail to one address.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject. Line breaks and control characters are taken out.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Further headers. Line breaks and control characters are taken out of their values.
    pub headers: Vec<(&'static str, String)>,
    /// What makes it this mail, so that a mail program shows a repeated one once; random where it is absent.
    pub id: Option<String>,
}

impl Mail {
    /// A letter to this address.
    pub fn new(to: &str, subject: &str, letter: &Letter) -> Self {
        Self {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: letter.text(),
            html: letter.html(),
            headers: Vec::new(),
            id: None,
        }
    }

    /// A mail of paragraphs, which blank lines separate. A line that is a link becomes one.
    pub fn plain(to: &str, subject: &str, text: &str) -> Self {
        Self::new(to, subject, &Letter::of_paragraphs(subject, text))
    }
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct MailError {
    /// Whether sending the same mail again is pointless.
    pub permanent: bool,
    /// What the mail server answered, if it answered.
    pub status: Option<u16>,
    /// The reason, for people.
    pub text: String,
}

impl MailError {
    fn later(text: String) -> Self {
        Self { permanent: false, status: None, text }
    }

    fn never(text: String) -> Self {
        Self { permanent: true, status: None, text }
    }
}

/// Why no mail can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server's address cannot be used.
    #[error("AVIARY_SMTP_URL: {0}")]
    Url(String),
    /// The sender's address cannot be used.
    #[error("AVIARY_MAIL_FROM: {0}")]
    From(String),
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>, Arc<Semaphore>),
    Ses(Ses),
    Files(Arc<Files>),
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
    /// The domain of message ids.
    domain: String,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.way {
            Way::Smtp(..) => "Mailer(smtp)",
            Way::Ses(_) => "Mailer(ses)",
            Way::Files(_) => "Mailer(files)",
        })
    }
}

impl Mailer {
    /// The mailer of this configuration: through its mail server, through SES, or into `mail` in its data folder.
    ///
    /// # Errors
    /// Where the server's or the sender's address cannot be used.
    pub fn new(
        config: &Config,
        aws: &AwsClients,
        clock: &Arc<dyn Clock>,
        chance: &Arc<dyn Chance>,
    ) -> Result<Self, MailerError> {
        let way = match (&config.mail_via, &config.smtp_url) {
            (MailVia::Ses(region), _) => Way::Ses(Ses::new(aws, region)),
            (MailVia::Smtp, Some(url)) => Way::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                    .map_err(|error| MailerError::Url(error.to_string()))?
                    .timeout(Some(STEP))
                    .pool_config(
                        PoolConfig::new()
                            .max_size(u32::try_from(CONNECTIONS).unwrap_or(1))
                            .idle_timeout(Duration::from_secs(30)),
                    )
                    .build(),
                Arc::new(Semaphore::new(CONNECTIONS)),
            ),
            (MailVia::Smtp, None) => Way::Files(Arc::new(Files::new(config.data_dir.join("mail")))),
        };
        let host = url::Url::parse(&config.base_url).ok().and_then(|url| url.host().map(|host| host.to_owned()));
        let domain = match host {
            Some(url::Host::Domain(name)) => name,
            // RFC 5322, 3.6.4: the right side of an id may be an address in brackets.
            Some(url::Host::Ipv4(address)) => format!("[{address}]"),
            Some(url::Host::Ipv6(address)) => format!("[IPv6:{address}]"),
            None => "localhost".to_owned(),
        };
        let from = config.mail_from.parse().map_err(|error| MailerError::From(format!("{error}")))?;
        Ok(Self { way, from, domain, clock: Arc::clone(clock), chance: Arc::clone(chance) })
    }

    /// Where mail goes, for the health page: the words after "mail goes".
    pub fn describe(&self) -> &'static str {
        match self.way {
            Way::Smtp(..) => "through the mail server",
            Way::Ses(_) => "through SES",
            Way::Files(_) => "into files, because no mail server is set",
        }
    }

    /// Hands a mail to the mail server, or writes it to a file.
    ///
    /// # Errors
    /// Where it was not taken, and whether trying again can help.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Smtp(server, connections) => {
                // Nobody closes the semaphore; if somebody did, the bound would be gone and the mail still sent.
                let _turn = connections.acquire().await;
                match tokio::time::timeout(WHOLE, server.send(message)).await {
                    Ok(sent) => sent.map(|_| ()).map_err(|error| refusal(&error)),
                    Err(_) => Err(MailError::later(format!("the mail server took longer than {} s", WHOLE.as_secs()))),
                }
            }
            Way::Ses(ses) => {
                let sent = ses.send(&self.from.to_string(), &mail.to, message.formatted()).await;
                sent.map_err(|refusal| MailError {
                    permanent: refusal.permanent,
                    status: None,
                    text: one_line(&refusal.text),
                })
            }
            Way::Files(files) => files
                .write(self.clock.now(), &message.formatted())
                .await
                .map_err(|error| MailError::later(format!("the mail could not be written to a file: {error}"))),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let address = mail.to.parse().map_err(|error| MailError::never(format!("{}: {error}", one_line(&mail.to))))?;
        let id = mail.id.clone().unwrap_or_else(|| hex::encode(self.chance.bytes::<16>()));
        let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(self.clock.now().0).unwrap_or(0));
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(one_line(&mail.subject))
            .date(now)
            .message_id(Some(self.message_id(&id)))
            // RFC 3834, 5: so that nobody's holiday notice answers.
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("X-Auto-Response-Suppress", "All"));
        for (name, value) in &mail.headers {
            message = message.raw_header(raw(name, &one_line(value)));
        }
        let boundary = hex::encode(self.chance.bytes::<16>());
        let parts = MultiPart::alternative()
            .boundary(boundary)
            .singlepart(SinglePart::plain(mail.text.clone()))
            .singlepart(SinglePart::html(mail.html.clone()));
        message.multipart(parts).map_err(|error| MailError::never(error.to_string()))
    }

    /// The message id of this name, as it stands in `Message-ID` and `References`.
    pub fn message_id(&self, name: &str) -> String {
        format!("<{name}@{}>", self.domain)
    }
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn refusal(error: &lettre::transport::smtp::Error) -> MailError {
    let status = error.status().map(u16::from);
    // 5xx means that this mail will never be taken (RFC 5321, 4.2.1). A password that the server no longer takes is
    // not the mail's fault, and the operator will set it right (RFC 4954, 6).
    let permanent = error.is_permanent() && !matches!(status, Some(530 | 534 | 535 | 538));
    let mut text = error.to_string();
    if let Some(deepest) = deepest(error).filter(|deepest| !text.contains(deepest.as_str())) {
        text = format!("{text}: {deepest}");
    }
    MailError { permanent, status, text: one_line(&text) }
}

fn deepest(error: &dyn std::error::Error) -> Option<String> {
    let mut found = error.source()?;
    while let Some(source) = found.source() {
        found = source;
    }
    Some(found.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::{SystemChance, SystemClock};

    fn mailer(folder: &std::path::Path) -> Mailer {
        let folder = folder.display().to_string();
        let config = Config::from("", "", &|name| match name {
            "AVIARY_DATA_DIR" => Some(folder.clone()),
            "AVIARY_BASE_URL" => Some("https://aviary.example.com".into()),
            _ => None,
        })
        .unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let chance: Arc<dyn Chance> = Arc::new(SystemChance);
        Mailer::new(&config, &AwsClients::default(), &clock, &chance).unwrap()
    }

    #[test]
    fn a_mail_says_that_a_program_wrote_it_and_takes_no_header_from_a_subject() {
        let mut mail = Mail::plain("ops@example.com", "Used by\r\nBcc: x@example.com", "One.\n\nTwo.");
        mail.id = Some("d-1".into());
        mail.headers.push(("References", "<a@b>\r\nBcc: y@example.com".into()));
        let message = mailer(std::path::Path::new("/nowhere")).message(&mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("Message-ID: <d-1@aviary.example.com>\r\n"), "{text}");
        assert!(text.contains("Subject: Used by Bcc: x@example.com\r\n"), "{text}");
        assert!(!text.contains("\nBcc:"), "{text}");
        assert!(text.contains("multipart/alternative") && text.contains("text/html"), "{text}");
    }

    #[tokio::test]
    async fn without_a_server_mail_is_written_to_files_in_order() {
        let folder = std::env::temp_dir().join(format!("aviary-mail-{}", hex::encode(SystemChance.bytes::<8>())));
        let mailer = mailer(&folder);
        for n in 0..12 {
            mailer.send(&Mail::plain("ops@example.com", &format!("Mail {n:02}"), "Hello.")).await.unwrap();
        }
        let files = std::fs::read_dir(folder.join("mail")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        let subjects: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert_eq!(subjects.len(), 12);
        for (n, text) in subjects.iter().enumerate() {
            assert!(text.contains(&format!("Subject: Mail {n:02}\r\n")), "{text}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn an_address_that_is_none_fails_for_good() {
        let error = mailer(std::path::Path::new("/nowhere")).send(&Mail::plain("ops", "s", "t")).await.unwrap_err();
        assert!(error.permanent, "{error}");
    }
}

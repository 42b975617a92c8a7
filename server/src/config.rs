//! The configuration: defaults, then `aviary.toml`, then `AVIARY_*` variables. What is wrong is said with the name of
//! the key, the value, and what was expected.

mod unknown;

use crate::net::guard::AllowList;
use secrecy::{ExposeSecret as _, SecretString};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

/// One key of the configuration.
pub struct Key {
    /// The name in `aviary.toml`.
    pub name: &'static str,
    /// The variable.
    pub variable: &'static str,
    /// What holds if neither says anything.
    pub default: &'static str,
    /// What it is, for the README and for errors.
    pub meaning: &'static str,
    /// Whether the value must not be printed.
    pub secret: bool,
}

macro_rules! keys {
    ($($name:literal $variable:literal $default:literal $secret:literal $meaning:literal;)*) => {
        /// Every key there is, in the order in which they are printed.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name, variable: $variable, default: $default, meaning: $meaning, secret: $secret,
        }),*];
    };
}

keys! {
    "listen" "AVIARY_LISTEN" "127.0.0.1:3000" false "address and port of the console and the API";
    "sandbox_listen" "AVIARY_SANDBOX_LISTEN" "127.0.0.1:3001" false "address and port of the sandbox, or `off`";
    "metrics_listen" "AVIARY_METRICS_LISTEN" "off" false "address and port of Prometheus metrics, or `off`";
    "base_url" "AVIARY_BASE_URL" "" false "the address under which people reach the console; empty: http:// and `listen`";
    "data_dir" "AVIARY_DATA_DIR" "./data" false "the folder for the database, the sealing key and mail files";
    "database" "AVIARY_DATABASE" "" false "`postgres://…`, or `sqlite:PATH`; empty: aviary.db in the data folder";
    "sealing_key" "AVIARY_SEALING_KEY" "" true "64 hexadecimal digits, or several such keys with commas in between: the first one seals, all of them open; empty: sealing.key in the data folder";
    "sealing_kms_key" "AVIARY_SEALING_KMS_KEY" "" false "the ARN of a key of AWS KMS that wraps the sealing key; the other ones then only open what they sealed before";
    "session_idle" "AVIARY_SESSION_IDLE" "24h" false "how long a session may rest before it ends, at least `5m`";
    "session_max" "AVIARY_SESSION_MAX" "30d" false "how long a session lasts at most, however much it is used";
    "local_sign_in" "AVIARY_LOCAL_SIGN_IN" "on" false "`on`: people can sign in with a password of this console; `off`: only through a provider, or by `aviary user sign-in-link`";
    "trusted_proxies" "AVIARY_TRUSTED_PROXIES" "" false "networks of the proxies in front, such as `10.0.0.0/8`, whose `X-Forwarded-For` and `X-Request-Id` are believed; empty: nobody's are";
    "smtp_url" "AVIARY_SMTP_URL" "" true "`smtp://` or `smtps://USER:PASSWORD@HOST:PORT`, `?tls=required` for STARTTLS; empty: mail is written to files";
    "mail_via" "AVIARY_MAIL_VIA" "smtp" false "`smtp`, or `ses`: mail goes through Amazon SES with the credentials that Aviary runs with; `ses:eu-west-1` names the region";
    "mail_from" "AVIARY_MAIL_FROM" "Aviary <aviary@localhost>" false "the sender of mail";
    "allow_private_webhooks" "AVIARY_ALLOW_PRIVATE_WEBHOOKS" "" false "networks that webhooks may reach although they are private, such as `127.0.0.0/8,10.1.0.0/16`";
    "allow_private_providers" "AVIARY_ALLOW_PRIVATE_PROVIDERS" "" false "networks in which sign-in providers (OpenID Connect) may be although they are private, such as `10.1.0.0/16`";
    "sweep_interval" "AVIARY_SWEEP_INTERVAL" "1m" false "how often expired tokens are looked for, such as `30s`, `5m`, `1h`";
    "revoke_grace" "AVIARY_REVOKE_GRACE" "24h" false "how long an expired key is kept disabled before it is deleted";
    "last_used_grace" "AVIARY_LAST_USED_GRACE" "45m" false "how long the record of a use may take after IAM's last-used data has shown that use; then it counts as unlogged";
    "digest_hour" "AVIARY_DIGEST_HOUR" "7" false "the hour (UTC, 0 to 23) at which daily digests go out";
    "sns_allow_v1" "AVIARY_SNS_ALLOW_V1" "off" false "`on` takes messages of SNS that are signed with SHA-1 (SignatureVersion 1), or `off`";
    "geoip" "AVIARY_GEOIP" "" false "files in MaxMind's format (`.mmdb`) that say where addresses are, separated by commas; empty: nothing is said about that";
    "require_confirmed" "AVIARY_REQUIRE_CONFIRMED" "off" false "`on` shows a new secret only once a confirmed destination hears about its token, or `off`";
    "connections" "AVIARY_CONNECTIONS" "4096" false "how many connections each listener keeps open";
    "connections_per_address" "AVIARY_CONNECTIONS_PER_ADDRESS" "1024" false "how many of them from one address; with a proxy in front all come from its own";
    "require_second_factor" "AVIARY_REQUIRE_SECOND_FACTOR" "off" false "who needs a second factor or a passkey to sign in with a password: `off` (nobody has to), `admins`, or `all`";
    "log" "AVIARY_LOG" "info" false "what is logged: `error`, `warn`, `info`, `debug`, or per module as in `info,aviary::alerts=debug`";
}

/// Which way mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailVia {
    /// To the mail server, or into files where none is set.
    Smtp,
    /// To Amazon SES, in this region; empty for the one that the environment names.
    Ses(String),
}

/// Who has to have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// Nobody.
    Off,
    /// Admins, of a team or of the installation.
    Admins,
    /// Everybody.
    All,
}

impl SecondFactor {
    const ALL: [Self; 3] = [Self::Off, Self::Admins, Self::All];

    fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Admins => "admins",
            Self::All => "all",
        }
    }
}

/// The effective configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the console listens.
    pub listen: SocketAddr,
    /// Where the sandbox listens, if it does.
    pub sandbox_listen: Option<SocketAddr>,
    /// Where metrics are served, if they are.
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which people reach the console, without a slash at the end.
    pub base_url: String,
    /// The folder for state.
    pub data_dir: PathBuf,
    /// The database's address; it may carry a password.
    pub database: SecretString,
    /// The sealing keys with commas in between, if they are not in a file.
    pub sealing_key: Option<SecretString>,
    /// The ARN of the key of KMS that wraps the sealing key.
    pub sealing_kms_key: Option<String>,
    /// How long a session may rest before it ends.
    pub session_idle: Duration,
    /// How long a session lasts at most.
    pub session_max: Duration,
    /// Whether people can sign in with a password.
    pub local_sign_in: bool,
    /// The networks of the proxies in front.
    pub trusted_proxies: AllowList,
    /// The mail server, if there is one; it may carry a password.
    pub smtp_url: Option<SecretString>,
    /// Which way mail goes.
    pub mail_via: MailVia,
    /// The sender of mail.
    pub mail_from: String,
    /// Private networks that webhooks may reach.
    pub allow_private_webhooks: AllowList,
    /// Private networks in which sign-in providers may be.
    pub allow_private_providers: AllowList,
    /// How often the sweep runs.
    pub sweep_interval: Duration,
    /// How long an expired key is kept before it is deleted.
    pub revoke_grace: Duration,
    /// How long the record of a use may take after last-used data has shown it.
    pub last_used_grace: Duration,
    /// The hour (UTC) at which daily digests go out.
    pub digest_hour: i64,
    /// Whether SNS may sign with SHA-1.
    pub sns_allow_v1: bool,
    /// Files that say where addresses are.
    pub geoip: Vec<PathBuf>,
    /// Whether a secret is shown only once a confirmed destination hears about its token.
    pub require_confirmed: bool,
    /// How many connections each listener keeps open.
    pub connections: usize,
    /// How many of them from one address.
    pub connections_per_address: usize,
    /// Who has to have a second factor.
    pub require_second_factor: SecondFactor,
    /// What is logged.
    pub log: String,
}

/// A value is not acceptable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{key} is `{value}`: expected {expected}")]
pub struct ConfigError {
    /// The key, by the name under which it was set.
    pub key: String,
    /// The value; `…` for a secret one.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

impl Config {
    /// Reads `aviary.toml` (the file named by `AVIARY_CONFIG`, else the one in the current folder, if it is there) and
    /// the process's variables.
    ///
    /// # Errors
    /// The first value that is not acceptable.
    pub fn load() -> Result<Self, ConfigError> {
        let named = std::env::var("AVIARY_CONFIG").ok();
        let path = named.clone().unwrap_or_else(|| "aviary.toml".to_owned());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(_) if named.is_none() => String::new(),
            Err(error) => {
                return Err(ConfigError {
                    key: "AVIARY_CONFIG".into(),
                    value: path,
                    expected: format!("a readable file ({error})"),
                });
            }
        };
        Self::from(&text, &path, &|name| std::env::var(name).ok())
    }

    /// What is said about variables of this process that look like settings and are none.
    pub fn unknown_variables() -> Vec<String> {
        unknown::told(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
    }

    /// Reads a file's text and variables.
    ///
    /// # Errors
    /// The first value that is not acceptable.
    pub fn from(text: &str, file: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError {
            key: file.to_owned(),
            value: error.message().to_owned(),
            expected: "TOML, such as `listen = \"127.0.0.1:3000\"`".into(),
        })?;
        if let Some(unknown) = table.keys().find(|name| !KEYS.iter().any(|key| key.name == **name)) {
            let known = KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
            return Err(ConfigError {
                key: format!("{file}: {unknown}"),
                value: "set".into(),
                expected: format!("one of {known}"),
            });
        }
        let mut values = BTreeMap::new();
        for key in KEYS {
            let from_file = table.get(key.name).map(|value| match value {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let (whence, value) = match (variable(key.variable), from_file) {
                (Some(value), _) => (key.variable.to_owned(), value),
                (None, Some(value)) => (format!("{file}: {}", key.name), value),
                (None, None) => (key.name.to_owned(), key.default.to_owned()),
            };
            values.insert(key.name, Value { whence, text: value.trim().to_owned(), secret: key.secret });
        }
        let get = |name: &str| values.get(name).cloned().unwrap_or_default();

        let listen = get("listen").socket()?;
        let data_dir = PathBuf::from(get("data_dir").text);
        let base_url = get("base_url");
        let database = get("database");
        let session_idle = get("session_idle").duration(Duration::from_secs(300))?;
        let optional = |name: &str| Some(get(name)).filter(|value| !value.text.is_empty());
        Ok(Self {
            listen,
            data_dir: data_dir.clone(),
            sandbox_listen: get("sandbox_listen").socket_or_off()?,
            metrics_listen: get("metrics_listen").socket_or_off()?,
            base_url: match base_url.text.trim_end_matches('/') {
                "" => format!("http://{listen}"),
                text => base_url.check(
                    url::Url::parse(text).is_ok_and(|url| {
                        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
                    }),
                    "an address such as https://aviary.example.com",
                    text.to_owned(),
                )?,
            },
            database: match database.text.as_str() {
                "" => crate::store::Store::sqlite_url(&data_dir.join("aviary.db")).into(),
                text if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) => text.into(),
                text if text.starts_with("sqlite:") => match text.split_once('?') {
                    Some(_) => text.into(),
                    None => format!("{text}?mode=rwc").into(),
                },
                _ => {
                    return Err(ConfigError {
                        value: "…".into(),
                        ..database.wrong("postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH")
                    });
                }
            },
            sealing_key: optional("sealing_key")
                .map(|key| {
                    let is_key = |one: &str| one.len() == 64 && one.bytes().all(|b| b.is_ascii_hexdigit());
                    let fits = key.text.split(',').all(|one| is_key(one.trim()));
                    let expected = "64 hexadecimal digits, or several such keys with commas in between";
                    key.check(fits, expected, SecretString::from(key.text.clone()))
                })
                .transpose()?,
            sealing_kms_key: optional("sealing_kms_key")
                .map(|key| {
                    let parts: Vec<&str> = key.text.split(':').collect();
                    let fits = matches!(parts.as_slice(), ["arn", _, "kms", region, _, id]
                        if !region.is_empty() && (id.starts_with("key/") || id.starts_with("alias/")));
                    key.check(fits, "an ARN such as arn:aws:kms:eu-west-1:123456789012:key/…", key.text.clone())
                })
                .transpose()?,
            session_idle,
            session_max: get("session_max").duration(session_idle)?,
            local_sign_in: get("local_sign_in").on_or_off()?,
            trusted_proxies: get("trusted_proxies").networks()?,
            smtp_url: optional("smtp_url")
                .map(|url| {
                    let fits = url::Url::parse(&url.text)
                        .is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
                    url.check(
                        fits,
                        "smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT",
                        SecretString::from(url.text.clone()),
                    )
                })
                .transpose()?,
            mail_via: {
                let via = get("mail_via");
                let region =
                    |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                match via.text.split_once(':').unwrap_or((&via.text, "")) {
                    ("smtp", "") => MailVia::Smtp,
                    ("ses", named) if region(named) => MailVia::Ses(named.to_owned()),
                    _ => return Err(via.wrong("`smtp`, `ses`, or `ses:` and a region")),
                }
            },
            mail_from: {
                let from = get("mail_from");
                from.check(
                    from.text.parse::<lettre::message::Mailbox>().is_ok(),
                    "an address such as Aviary <aviary@example.com>",
                    from.text.clone(),
                )?
            },
            allow_private_webhooks: get("allow_private_webhooks").networks()?,
            allow_private_providers: get("allow_private_providers").networks()?,
            sweep_interval: get("sweep_interval").duration(Duration::from_secs(1))?,
            revoke_grace: get("revoke_grace").duration(Duration::ZERO)?,
            last_used_grace: get("last_used_grace").duration(Duration::ZERO)?,
            digest_hour: get("digest_hour").hour()?,
            sns_allow_v1: get("sns_allow_v1").on_or_off()?,
            geoip: {
                let files = get("geoip").text;
                files.split(',').map(str::trim).filter(|file| !file.is_empty()).map(PathBuf::from).collect()
            },
            require_confirmed: get("require_confirmed").on_or_off()?,
            connections: get("connections").count()?,
            connections_per_address: get("connections_per_address").count()?,
            require_second_factor: {
                let who = get("require_second_factor");
                let found = SecondFactor::ALL.into_iter().find(|one| one.word() == who.text);
                found.ok_or_else(|| who.wrong("`off`, `admins` or `all`"))?
            },
            log: get("log").text,
        })
    }

    /// Whether people reach the console over https, so that cookies must too.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// The configuration as TOML, without secrets.
    pub fn print(&self) -> String {
        let off = |address: Option<SocketAddr>| address.map_or("off".to_owned(), |address| address.to_string());
        let hidden = |secret: bool| if secret { "(set, not shown)" } else { "" }.to_owned();
        let mut lines = String::new();
        for key in KEYS {
            let value = match key.name {
                "listen" => self.listen.to_string(),
                "sandbox_listen" => off(self.sandbox_listen),
                "metrics_listen" => off(self.metrics_listen),
                "base_url" => self.base_url.clone(),
                "data_dir" => self.data_dir.display().to_string(),
                "database" => without_password(self.database.expose_secret()),
                "sealing_key" => hidden(self.sealing_key.is_some()),
                "sealing_kms_key" => self.sealing_kms_key.clone().unwrap_or_default(),
                "session_idle" => duration_text(self.session_idle),
                "session_max" => duration_text(self.session_max),
                "local_sign_in" => on_or_off(self.local_sign_in),
                "trusted_proxies" => self.trusted_proxies.to_string(),
                "smtp_url" => {
                    self.smtp_url.as_ref().map(|url| without_password(url.expose_secret())).unwrap_or_default()
                }
                "mail_via" => match &self.mail_via {
                    MailVia::Smtp => "smtp".to_owned(),
                    MailVia::Ses(region) if region.is_empty() => "ses".to_owned(),
                    MailVia::Ses(region) => format!("ses:{region}"),
                },
                "mail_from" => self.mail_from.clone(),
                "allow_private_webhooks" => self.allow_private_webhooks.to_string(),
                "allow_private_providers" => self.allow_private_providers.to_string(),
                "sweep_interval" => duration_text(self.sweep_interval),
                "revoke_grace" => duration_text(self.revoke_grace),
                "last_used_grace" => duration_text(self.last_used_grace),
                "digest_hour" => self.digest_hour.to_string(),
                "sns_allow_v1" => on_or_off(self.sns_allow_v1),
                "geoip" => self.geoip.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(","),
                "require_confirmed" => on_or_off(self.require_confirmed),
                "connections" => self.connections.to_string(),
                "connections_per_address" => self.connections_per_address.to_string(),
                "require_second_factor" => self.require_second_factor.word().to_owned(),
                _ => self.log.clone(),
            };
            lines.push_str(&format!("# {}\n{} = {}\n", key.meaning, key.name, toml::Value::String(value)));
        }
        lines
    }
}

#[derive(Clone, Default)]
struct Value {
    whence: String,
    text: String,
    secret: bool,
}

impl Value {
    fn wrong(&self, expected: &str) -> ConfigError {
        let value = if self.secret { "…".to_owned() } else { self.text.clone() };
        ConfigError { key: self.whence.clone(), value, expected: expected.to_owned() }
    }

    fn check<T>(&self, fits: bool, expected: &str, value: T) -> Result<T, ConfigError> {
        if fits { Ok(value) } else { Err(self.wrong(expected)) }
    }

    fn socket(&self) -> Result<SocketAddr, ConfigError> {
        self.text.parse().map_err(|_| self.wrong("an address and a port, such as 127.0.0.1:3000"))
    }

    fn socket_or_off(&self) -> Result<Option<SocketAddr>, ConfigError> {
        match self.text.as_str() {
            "off" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| self.wrong("an address and a port, such as 127.0.0.1:3001, or `off`")),
        }
    }

    fn networks(&self) -> Result<AllowList, ConfigError> {
        AllowList::parse(&self.text).map_err(|wrong| {
            self.wrong(&format!("networks such as 10.0.0.0/8, separated by commas; `{wrong}` is none"))
        })
    }

    fn on_or_off(&self) -> Result<bool, ConfigError> {
        match self.text.as_str() {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(self.wrong("`on` or `off`")),
        }
    }

    fn count(&self) -> Result<usize, ConfigError> {
        let count = self.text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
        count.ok_or_else(|| self.wrong("a number from 1 to 1000000"))
    }

    fn hour(&self) -> Result<i64, ConfigError> {
        let hour = self.text.parse().ok().filter(|hour| (0..24).contains(hour));
        hour.ok_or_else(|| self.wrong("an hour from 0 to 23"))
    }

    fn duration(&self, least: Duration) -> Result<Duration, ConfigError> {
        let parsed = parse_duration(&self.text).filter(|duration| *duration >= least);
        parsed
            .ok_or_else(|| self.wrong(&format!("a time such as 30s, 5m, 24h or 7d, at least {}", duration_text(least))))
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at)?;
    let seconds = match unit.trim() {
        "s" | "" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

fn duration_text(duration: Duration) -> String {
    match duration.as_secs() {
        0 => "0s".to_owned(),
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn on_or_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            let _ = url.set_password(Some("…"));
            url.to_string().replace("%E2%80%A6", "…")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], text: &str) -> Result<Config, ConfigError> {
        let variables: BTreeMap<_, _> = variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Config::from(text, "aviary.toml", &|name| variables.get(name).cloned())
    }

    #[test]
    fn nothing_set_gives_the_embedded_default() {
        let config = with(&[], "").unwrap();
        assert_eq!(config.base_url, "http://127.0.0.1:3000");
        assert_eq!(config.database.expose_secret(), "sqlite:./data/aviary.db?mode=rwc");
        assert!(config.metrics_listen.is_none());
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let config = with(&[("AVIARY_LISTEN", "0.0.0.0:80")], "listen = '127.0.0.1:1'\nsweep_interval = '5m'").unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:80");
        assert_eq!(config.sweep_interval, Duration::from_secs(300));
    }

    #[test]
    fn a_wrong_value_is_named_with_what_was_expected() {
        let error = with(&[("AVIARY_LISTEN", "here")], "").unwrap_err().to_string();
        assert_eq!(error, "AVIARY_LISTEN is `here`: expected an address and a port, such as 127.0.0.1:3000");
        let error = with(&[], "sweep_interval = 'often'").unwrap_err().to_string();
        assert!(error.starts_with("aviary.toml: sweep_interval is `often`: expected a time"), "{error}");
        let error = with(&[], "lisen = 'x'").unwrap_err().to_string();
        assert!(error.contains("lisen") && error.contains("listen"), "{error}");
    }

    #[test]
    fn sessions_last_longer_than_they_may_rest() {
        let config =
            with(&[("AVIARY_SESSION_IDLE", "2h"), ("AVIARY_TRUSTED_PROXIES", "10.0.0.1, fd00::/8")], "").unwrap();
        assert_eq!((config.session_idle.as_secs(), config.session_max.as_secs()), (7_200, 30 * 86_400));
        assert_eq!(config.trusted_proxies.to_string(), "10.0.0.1/32,fd00::/8");
        for (variable, value) in
            [("AVIARY_SESSION_IDLE", "31d"), ("AVIARY_SESSION_IDLE", "1m"), ("AVIARY_TRUSTED_PROXIES", "10.0.0.0/8,me")]
        {
            assert!(with(&[(variable, value)], "").is_err(), "{variable}={value}");
        }
    }

    #[test]
    fn secrets_are_neither_printed_nor_quoted_in_errors() {
        for wrong in ["hunter2", &format!("{},hunter2", "11".repeat(32))] {
            let error = with(&[("AVIARY_SEALING_KEY", wrong)], "").unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let config = with(
            &[
                ("AVIARY_SMTP_URL", "smtps://u:hunter2@mail.example.com:465"),
                ("AVIARY_DATABASE", "postgres://u:hunter2@db/aviary"),
            ],
            "",
        );
        let printed = config.unwrap().print();
        assert!(!printed.contains("hunter2") && printed.contains("mail.example.com"), "{printed}");
    }

    #[test]
    fn a_key_of_kms_is_named_by_its_arn() {
        let of = |arn: &str| with(&[("AVIARY_SEALING_KMS_KEY", arn)], "").map(|config| config.sealing_kms_key);
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
        assert_eq!(of(arn).unwrap().as_deref(), Some(arn));
        for wrong in ["11111111-2222-3333-4444-555555555555", "alias/x", "arn:aws:s3:::bucket", "arn:aws:kms::1:key/x"]
        {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let config = with(&[], "revoke_grace = '2d'").unwrap();
        assert_eq!(with(&[], &config.print()).unwrap().print(), config.print());
    }
}

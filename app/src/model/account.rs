//! Accounts in which tokens are minted, and what is known of them.

use super::{health::Check, moment::Moment};
use serde::{Deserialize, Serialize};

/// An AWS account in which tokens are minted, or the built-in sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The name that forms and the API use: `sandbox`, or the account's twelve digits.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Where the keys of this account work, if that is not AWS itself: the sandbox's address.
    pub endpoint: Option<String>,
}

/// What the keys of an account are allowed to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyPolicy {
    /// Nothing at all: an explicit deny of everything.
    #[default]
    DenyAll,
    /// They may list one named bucket, which holds nothing, and nothing else: a key without any right looks like a decoy.
    DecoyReader {
        /// The bucket's name.
        bucket: String,
    },
    /// The operator's own policy document, within the account's list of allowed actions.
    Custom {
        /// JSON, as IAM takes it.
        document: String,
    },
}

/// A tag that every user of the account carries, such as an organisation's tag policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Tag {
    /// At most 128 characters.
    pub key: String,
    /// At most 256 characters.
    pub value: String,
}

/// How Aviary works in an AWS account: what an admin decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountSettings {
    /// What people call it.
    pub name: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// The region of its queues and of calls to IAM and STS: `us-east-1`.
    pub region: String,
    /// The role to assume; empty for the credentials that Aviary itself runs with.
    pub role_arn: String,
    /// The external id that the role asks for; empty for none.
    pub external_id: String,
    /// The IAM path of the users, with a slash at both ends. Nothing else must live under it.
    pub path: String,
    /// The template of user names; see [`super::template`].
    pub name_template: String,
    /// The words that `{word}` chooses from; empty for Aviary's own list.
    pub words: Vec<String>,
    /// What the keys may do.
    pub policy: KeyPolicy,
    /// What a custom policy may allow at most: `s3:ListBucket`, `s3:Get*`.
    pub allowed_actions: Vec<String>,
    /// The tags of each user.
    pub tags: Vec<Tag>,
    /// How many living tokens it may hold; 0 for as many as AWS allows.
    pub cap: i64,
    /// The regions in which a drill uses a key; empty for the home region alone.
    pub regions: Vec<String>,
    /// How often each token is drilled, in days; 0 for only after the mint and on demand.
    pub drill_days: u32,
    /// The queue with EventBridge's events; empty for none.
    pub events_queue: String,
    /// The queue with the notices of new log files; empty for none.
    pub files_queue: String,
    /// The topics whose messages `/ingest/sns` takes.
    pub topics: Vec<String>,
    /// Whether IAM's last-used data is asked for.
    pub last_used: bool,
    /// How many last-used calls may be made in a minute.
    pub last_used_rate: u32,
}

/// What was last seen of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountStatus {
    /// As whom Aviary acts there, by `sts:GetCallerIdentity`.
    pub caller_arn: String,
    /// How many IAM users the account has.
    pub users: i64,
    /// How many it may have.
    pub users_quota: i64,
    /// When the numbers above were read.
    pub counted_at: Option<Moment>,
    /// What the last test found.
    pub checks: Vec<Check>,
    /// When it was tested.
    pub tested_at: Option<Moment>,
    /// What the last look at rules, trails and queues found.
    pub ears: Vec<Check>,
    /// When they were looked at.
    pub looked_at: Option<Moment>,
}

/// An AWS account as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AccountView {
    /// Twelve digits.
    pub id: String,
    /// What an admin decided.
    #[serde(flatten)]
    pub settings: AccountSettings,
    /// What was last seen of it.
    pub status: AccountStatus,
    /// How many living tokens it holds.
    pub tokens: i64,
    /// What is unwise about its names, in sentences; empty where nothing is.
    pub advice: Vec<String>,
    /// When it was added.
    pub created_at: Moment,
}

/// The built-in sandbox, beside the AWS accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxView {
    /// Where its keys work; `None` where it is switched off.
    pub endpoint: Option<String>,
    /// How many living tokens it holds.
    pub tokens: i64,
}

/// What somebody types into the form of an account. Lists are one entry per line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountForm {
    /// Twelve digits. It cannot be changed later.
    pub id: String,
    /// See [`AccountSettings::name`]; empty for the twelve digits.
    pub name: String,
    /// `aws`, `aws-us-gov` or `aws-cn`; empty for `aws`.
    pub partition: String,
    /// See [`AccountSettings::region`]; empty for the partition's first one.
    pub region: String,
    /// See [`AccountSettings::role_arn`].
    pub role_arn: String,
    /// See [`AccountSettings::external_id`].
    pub external_id: String,
    /// See [`AccountSettings::path`].
    pub path: String,
    /// See [`AccountSettings::name_template`]; empty for the usual one.
    pub name_template: String,
    /// One word per line.
    pub words: String,
    /// `deny_all`, `decoy_reader` or `custom`; empty for `deny_all`.
    pub policy: String,
    /// The bucket that `decoy_reader` may list.
    pub bucket: String,
    /// The JSON of `custom`.
    pub document: String,
    /// One action per line.
    pub allowed_actions: String,
    /// `key=value`, one per line.
    pub tags: String,
    /// A number; empty or 0 for as many as AWS allows.
    pub cap: String,
    /// One region per line.
    pub regions: String,
    /// A number of days; empty or 0 for never.
    pub drill_days: String,
    /// The queue's address: `https://sqs.…`.
    pub events_queue: String,
    /// The queue's address.
    pub files_queue: String,
    /// One topic ARN per line.
    pub topics: String,
    /// `on`, or empty.
    pub last_used: String,
    /// A number; empty for 60.
    pub last_used_rate: String,
}

impl AccountForm {
    /// Reads the form as a browser posts it. Names that are not the form's are passed over.
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            if let Some((_, field)) = form.fields().into_iter().find(|(known, _)| known == name) {
                field.clone_from(value);
            }
        }
        form
    }

    fn fields(&mut self) -> [(&'static str, &mut String); 22] {
        [
            ("id", &mut self.id),
            ("name", &mut self.name),
            ("partition", &mut self.partition),
            ("region", &mut self.region),
            ("role_arn", &mut self.role_arn),
            ("external_id", &mut self.external_id),
            ("path", &mut self.path),
            ("name_template", &mut self.name_template),
            ("words", &mut self.words),
            ("policy", &mut self.policy),
            ("bucket", &mut self.bucket),
            ("document", &mut self.document),
            ("allowed_actions", &mut self.allowed_actions),
            ("tags", &mut self.tags),
            ("cap", &mut self.cap),
            ("regions", &mut self.regions),
            ("drill_days", &mut self.drill_days),
            ("events_queue", &mut self.events_queue),
            ("files_queue", &mut self.files_queue),
            ("topics", &mut self.topics),
            ("last_used", &mut self.last_used),
            ("last_used_rate", &mut self.last_used_rate),
        ]
    }

    /// The form that shows these settings.
    pub fn of(id: &str, settings: &AccountSettings) -> Self {
        let number = |n: i64| if n == 0 { String::new() } else { n.to_string() };
        let (policy, bucket, document) = match &settings.policy {
            KeyPolicy::DenyAll => ("deny_all", String::new(), String::new()),
            KeyPolicy::DecoyReader { bucket } => ("decoy_reader", bucket.clone(), String::new()),
            KeyPolicy::Custom { document } => ("custom", String::new(), document.clone()),
        };
        let tags: Vec<_> = settings.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        Self {
            id: id.to_owned(),
            name: settings.name.clone(),
            partition: settings.partition.clone(),
            region: settings.region.clone(),
            role_arn: settings.role_arn.clone(),
            external_id: settings.external_id.clone(),
            path: settings.path.clone(),
            name_template: settings.name_template.clone(),
            words: settings.words.join("\n"),
            policy: policy.to_owned(),
            bucket,
            document,
            allowed_actions: settings.allowed_actions.join("\n"),
            tags: tags.join("\n"),
            cap: number(settings.cap),
            regions: settings.regions.join("\n"),
            drill_days: number(i64::from(settings.drill_days)),
            events_queue: settings.events_queue.clone(),
            files_queue: settings.files_queue.clone(),
            topics: settings.topics.join("\n"),
            last_used: if settings.last_used { "on".into() } else { String::new() },
            last_used_rate: number(i64::from(settings.last_used_rate)),
        }
    }
}

//! Reading what an admin types into the form of an account.

use super::regions::{PARTITIONS, is_region};
use crate::{
    issuers::aws::{REF_TAG, policy},
    tokens::{
        form::{Wrong, text},
        names,
    },
};
use app::model::{
    account::{AccountForm, AccountSettings, KeyPolicy, Tag},
    fault::Fault,
    template,
};

/// How many last-used calls are made in a minute where nobody says otherwise: one a second.
const USUAL_RATE: u32 = 60;

/// The account's twelve digits, and its settings.
///
/// # Errors
/// `Invalid`, with every field that is not acceptable.
pub fn read(form: &AccountForm) -> Result<(String, AccountSettings), Fault> {
    let mut wrong = Wrong::default();
    let id = form.id.trim().replace('-', "");
    if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong.add("id", "expected the account's twelve digits");
    }
    let name = wrong.take(text("name", &form.name, 100, false))?;
    let (partition, region) = place(form, &mut wrong);
    let role_arn = form.role_arn.trim().to_owned();
    let role = format!("arn:{partition}:iam::{id}:role/");
    if !role_arn.is_empty() && (!role_arn.starts_with(&role) || role_arn.len() == role.len()) {
        wrong.add("role_arn", &format!("expected a role of this account: {role}NAME"));
    }
    let external_id = wrong.take(text("external_id", &form.external_id, 1_224, false))?;
    if !external_id.is_empty() && role_arn.is_empty() {
        wrong.add("external_id", "an external id goes with a role; say which role to assume");
    }
    let settings = AccountSettings {
        name: if name.is_empty() { id.clone() } else { name },
        role_arn,
        external_id,
        path: path(form, &mut wrong),
        name_template: templates(form, &mut wrong),
        words: words(form, &mut wrong),
        allowed_actions: lines(&form.allowed_actions),
        policy: key_policy(form, &mut wrong),
        tags: tags(form, &mut wrong),
        cap: number("cap", &form.cap, 0, 5_000, &mut wrong),
        regions: regions(form, &mut wrong),
        drill_days: u32::try_from(number("drill_days", &form.drill_days, 0, 365, &mut wrong)).unwrap_or(0),
        events_queue: queue("events_queue", &form.events_queue, &mut wrong),
        files_queue: queue("files_queue", &form.files_queue, &mut wrong),
        topics: topics(form, &partition, &mut wrong),
        last_used: !form.last_used.trim().is_empty(),
        last_used_rate: u32::try_from(number(
            "last_used_rate",
            &form.last_used_rate,
            i64::from(USUAL_RATE),
            6_000,
            &mut wrong,
        ))
        .unwrap_or(USUAL_RATE),
        partition,
        region,
    };
    wrong.finish()?;
    Ok((id, settings))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn number(field: &str, text: &str, usual: i64, most: i64, wrong: &mut Wrong) -> i64 {
    match text.trim() {
        "" => usual,
        text => match text.parse() {
            Ok(number) if (0..=most).contains(&number) => number,
            _ => {
                wrong.add(field, &format!("expected a number from 0 to {most}"));
                usual
            }
        },
    }
}

fn place(form: &AccountForm, wrong: &mut Wrong) -> (String, String) {
    let asked = form.partition.trim();
    let (partition, usual) = match PARTITIONS.into_iter().find(|(name, _)| *name == asked || asked.is_empty()) {
        Some(known) => known,
        None => {
            wrong.add("partition", "expected aws, aws-us-gov or aws-cn");
            ("aws", "us-east-1")
        }
    };
    let region = match form.region.trim() {
        "" => usual,
        region if is_region(region) => region,
        _ => {
            wrong.add("region", &format!("expected a region such as {usual}"));
            usual
        }
    };
    (partition.to_owned(), region.to_owned())
}

/// The path: with slashes at both ends, at most 512 characters (AWS, "IAM identifiers"), and nothing telltale in it.
fn path(form: &AccountForm, wrong: &mut Wrong) -> String {
    let typed = form.path.trim().trim_matches('/');
    if typed.is_empty() {
        return names::PATH.to_owned();
    }
    let path = format!("/{typed}/");
    if path.len() > 512 || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        wrong.add("path", "expected at most 512 letters, digits and signs, without spaces");
    }
    for fault in template::lint(&path) {
        wrong.add("path", &fault);
    }
    path
}

fn templates(form: &AccountForm, wrong: &mut Wrong) -> String {
    let lines = lines(&form.name_template);
    for line in &lines {
        match template::parse(line) {
            Ok(pieces) => {
                let mut longest = |bound: u64| bound.saturating_sub(1);
                let sample = template::expand(&pieces, "team", &["word"], &mut longest);
                let faults = template::lint(line).into_iter().chain(template::lint(&sample));
                for fault in faults.collect::<std::collections::BTreeSet<_>>() {
                    wrong.add("name_template", &format!("“{line}”: {fault}"));
                }
                if !pieces.iter().any(|piece| !matches!(piece, template::Piece::Text(_) | template::Piece::Team)) {
                    wrong.add(
                        "name_template",
                        &format!("“{line}”: it makes one name only; add {{word}} or {{digits:4}}"),
                    );
                }
            }
            Err(fault) => wrong.add("name_template", &format!("“{line}”: {fault}")),
        }
    }
    lines.join("\n")
}

fn words(form: &AccountForm, wrong: &mut Wrong) -> Vec<String> {
    let words = lines(&form.words);
    for word in &words {
        if word.len() > 24 || !word.chars().all(template::fits_in_name) {
            wrong.add("words", &format!("“{word}”: expected at most 24 letters, digits and any of + = , . @ _ -"));
        }
        for fault in template::lint(word) {
            wrong.add("words", &format!("“{word}”: {fault}"));
        }
    }
    if words.len() > 500 {
        wrong.add("words", "expected at most 500 words");
    }
    words
}

fn key_policy(form: &AccountForm, wrong: &mut Wrong) -> KeyPolicy {
    match form.policy.trim() {
        "" | "deny_all" => KeyPolicy::DenyAll,
        "decoy_reader" => {
            let bucket = form.bucket.trim().to_owned();
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
            if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(fits) {
                wrong.add("bucket", "expected the name of a bucket: 3 to 63 small letters, digits, hyphens and dots");
            }
            for fault in template::lint(&bucket) {
                wrong.add("bucket", &fault);
            }
            KeyPolicy::DecoyReader { bucket }
        }
        "custom" => {
            let document = form.document.trim().to_owned();
            for fault in policy::faults(&document, &lines(&form.allowed_actions)) {
                wrong.add("document", &fault);
            }
            KeyPolicy::Custom { document }
        }
        _ => {
            wrong.add("policy", "expected deny_all, decoy_reader or custom");
            KeyPolicy::DenyAll
        }
    }
}

fn tags(form: &AccountForm, wrong: &mut Wrong) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for line in lines(&form.tags) {
        let Some((key, value)) = line.split_once('=') else {
            wrong.add("tags", &format!("“{line}”: expected key=value"));
            continue;
        };
        let tag = Tag { key: key.trim().to_owned(), value: value.trim().to_owned() };
        if tag.key.is_empty() || tag.key.chars().count() > 128 || tag.value.chars().count() > 256 {
            wrong.add("tags", &format!("“{line}”: expected a key of 1 to 128 and a value of at most 256 characters"));
        } else if tag.key == REF_TAG || tag.key.to_lowercase().starts_with("aws:") {
            wrong.add("tags", &format!("“{}”: this key is taken; choose another one", tag.key));
        } else if tags.iter().any(|known| known.key == tag.key) {
            wrong.add("tags", &format!("“{}”: this key stands here twice", tag.key));
        }
        tags.push(tag);
    }
    if tags.len() > 49 {
        wrong.add("tags", "expected at most 49 tags: AWS takes 50, and Aviary adds one");
    }
    tags
}

fn regions(form: &AccountForm, wrong: &mut Wrong) -> Vec<String> {
    let regions = lines(&form.regions.replace(',', "\n"));
    for region in regions.iter().filter(|region| !is_region(region)) {
        wrong.add("regions", &format!("“{region}”: expected a region such as eu-central-1"));
    }
    regions
}

fn queue(field: &str, typed: &str, wrong: &mut Wrong) -> String {
    let address = typed.trim();
    let fits = url::Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.path().trim_matches('/').split('/').count() >= 2
    });
    if !address.is_empty() && !fits {
        wrong.add(field, "expected the address of a queue: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME");
    }
    address.to_owned()
}

fn topics(form: &AccountForm, partition: &str, wrong: &mut Wrong) -> Vec<String> {
    let topics = lines(&form.topics);
    let start = format!("arn:{partition}:sns:");
    for topic in topics.iter().filter(|topic| !topic.starts_with(&start) || topic.split(':').count() != 6) {
        wrong.add("topics", &format!("“{topic}”: expected {start}REGION:ACCOUNT:NAME"));
    }
    topics
}

/// What differs, for the audit log: the names of the fields, never an external id.
pub(super) fn difference(before: &AccountSettings, after: &AccountSettings) -> String {
    let of = |settings: &AccountSettings| serde_json::to_value(settings).unwrap_or_default();
    let (before, after) = (of(before), of(after));
    let changed = before.as_object().into_iter().flatten().filter(|(name, value)| after.get(name) != Some(value));
    changed.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

//! Names for IAM users that look like an organisation's own: whoever holds the key can always read its user's name.

use crate::{
    house::{Chance, ChanceExt as _},
    issuers::Naming,
};
use app::model::template;

const SYSTEMS: &[&str] = &[
    "billing",
    "reports",
    "invoice",
    "ledger",
    "orders",
    "catalog",
    "search",
    "media",
    "thumbs",
    "backup",
    "archive",
    "etl",
    "warehouse",
    "metrics",
    "logs",
    "deploy",
    "build",
    "release",
    "artifact",
    "images",
    "payroll",
    "crm",
    "mail",
    "events",
    "stream",
    "batch",
    "sync",
    "partner",
    "mobile",
    "web",
    "api",
    "data",
    "cdn",
    "infra",
    "qa",
    "staging",
];
const JOBS: &[&str] = &[
    "export",
    "upload",
    "reader",
    "writer",
    "sync",
    "runner",
    "worker",
    "publisher",
    "loader",
    "rotate",
    "snapshot",
    "import",
    "cron",
    "agent",
    "deployer",
    "svc",
    "integration",
    "pipeline",
    "mirror",
    "transfer",
    "collector",
    "push",
];
const PREFIXES: &[&str] = &["", "", "", "svc-", "app-", "prod-", "s-"];

fn one<'a>(words: &[&'a str], chance: &dyn Chance) -> &'a str {
    let index = usize::try_from(chance.below(words.len() as u64)).unwrap_or(0);
    words.get(index).copied().unwrap_or("svc")
}

/// A user name such as `svc-billing-export` or `media-sync-07`. Its shape varies, so that the names of many tokens
/// have no pattern in common.
pub fn user_name(chance: &dyn Chance) -> String {
    let (prefix, system, job) = (one(PREFIXES, chance), one(SYSTEMS, chance), one(JOBS, chance));
    let joint = if chance.below(6) == 0 { "_" } else { "-" };
    let tail = match chance.below(4) {
        0 => format!("{joint}{:02}", chance.below(100)),
        1 => format!("{joint}{}", chance.below(10_000)),
        2 => format!("{}", 1 + chance.below(9)),
        _ => format!("{joint}{}", one(&["prod", "eu", "us", "main", "v2", "new", "internal", "nightly"], chance)),
    };
    if system == job { format!("{prefix}{system}{tail}") } else { format!("{prefix}{system}{joint}{job}{tail}") }
}

/// A name for a user of an account: from one of its templates, else one of Aviary's own.
pub fn choose(naming: &Naming, team: &str, chance: &dyn Chance) -> String {
    let templates: Vec<&str> = naming.templates.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let own: Vec<&str> = naming.words.iter().map(String::as_str).collect();
    let words = if own.is_empty() { [SYSTEMS, JOBS].concat() } else { own };
    // A name that chance made telltale is thrown again. Templates were read when they were saved.
    for _ in 0..16 {
        let name = match template::parse(one_or(&templates, chance)) {
            Ok(pieces) => template::expand(&pieces, team, &words, &mut |bound| chance.below(bound)),
            Err(_) => user_name(chance),
        };
        if template::lint(&name).is_empty() {
            return name;
        }
    }
    user_name(chance)
}

/// One of these, or an empty text.
fn one_or<'a>(lines: &[&'a str], chance: &dyn Chance) -> &'a str {
    let index = usize::try_from(chance.below(lines.len() as u64)).unwrap_or(0);
    lines.get(index).copied().unwrap_or_default()
}

/// The path of the users: what a small organisation would choose.
pub const PATH: &str = "/service/";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    #[test]
    fn names_are_valid_for_iam_and_say_nothing_that_gives_a_decoy_away() {
        for _ in 0..2_000 {
            let name = user_name(&SystemChance);
            assert!((4..=64).contains(&name.len()), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{name}");
            for word in ["canary", "honey", "decoy", "token", "trap", "aviary", "@@"] {
                assert!(!name.contains(word), "{name}");
            }
        }
    }
}

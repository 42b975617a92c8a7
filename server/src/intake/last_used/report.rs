//! The credential report: the last uses of all users of an account at once. IAM makes a new one every four hours at most.

use super::{LastUse, latest, unavailable, weigh};
use crate::{
    house::House,
    issuers::aws::{AwsIssuer, code_of, words},
    store::{self, people::settings},
};
use app::model::{
    fault::Fault,
    moment::{HOUR, MINUTE, Moment},
};
use std::{collections::BTreeMap, time::Duration};

/// How often a report is asked for.
const EVERY: i64 = 4 * HOUR;
/// When it is asked for again after it could not be had.
const AGAIN: i64 = 15 * MINUTE;
/// How long IAM may take to make one, and how often it is asked meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_secs(2);

/// What a report says about one user.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OfUser {
    arn: String,
    /// Of both keys, the later use: when, service, region.
    last: (Moment, String, String),
}

/// Looks at all tokens of an account, if that is due; how many calls that took.
pub(super) async fn look(house: &House, issuer: &AwsIssuer) -> Result<u32, Fault> {
    let name = format!("last_used.report.{}", issuer.id());
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let next = settings::get(&mut tx, &name).await?.and_then(|next| next.parse().ok()).map(Moment);
    if next.is_some_and(|next| now < next) {
        return Ok(0);
    }
    settings::set(&mut tx, &name, &now.plus(AGAIN).0.to_string()).await?;
    tx.commit().await?;
    let (text, mut calls) = fetch(issuer).await?;
    let users = read(&text).map_err(|why| {
        tracing::error!(account = issuer.id(), why, "the credential report cannot be read");
        Fault::internal()
    })?;
    let arns: Vec<&str> = users.iter().map(|user| user.arn.as_str()).collect();
    let rows = store::last_used::by_arns(&mut *house.store.read().await?, issuer.id(), &arns).await?;
    let users: BTreeMap<&str, &OfUser> = users.iter().map(|user| (user.arn.as_str(), user)).collect();
    let mut tokens: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *tokens.entry(&row.arn).or_default() += 1);
    let mut waiting = false;
    for row in &rows {
        let Some(user) = users.get(row.arn.as_str()) else { continue };
        let (at, service, region) = user.last.clone();
        if row.used_at.is_some_and(|known| at <= known) {
            continue;
        }
        // The report does not name the keys. Where several tokens share a user, each is asked for its own.
        let shared = tokens.get(row.arn.as_str()).is_some_and(|count| *count > 1);
        let last = if shared {
            let (asked, last) = latest(house, issuer, row).await?;
            calls += asked;
            let Some(last) = last else { continue };
            last
        } else {
            LastUse { access_key_id: row.access_key_id.clone(), at, service, region, by: "iam:GetCredentialReport" }
        };
        weigh(house, issuer, row, &last).await?;
        waiting |= row.used_at.is_none_or(|known| last.at > known);
    }
    // What moved is looked at again before the next report: its record may come, or its grace may end.
    let next = now.plus(if waiting { AGAIN } else { EVERY });
    let mut tx = house.store.begin().await?;
    settings::set(&mut tx, &name, &next.0.to_string()).await?;
    tx.commit().await?;
    Ok(calls)
}

/// The report as IAM has it, made anew if the last one is old.
async fn fetch(issuer: &AwsIssuer) -> Result<(Vec<u8>, u32), Fault> {
    let iam = issuer.clients().iam().await;
    iam.generate_credential_report()
        .send()
        .await
        .map_err(|error| unavailable(words("iam:GenerateCredentialReport", &error)))?;
    let mut calls = 1;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        calls += 1;
        match iam.get_credential_report().send().await {
            Ok(report) => {
                let text = report.content.map(aws_smithy_types::Blob::into_inner).unwrap_or_default();
                return Ok((text, calls));
            }
            Err(error)
                if matches!(code_of(&error), "ReportInProgress" | "ReportNotPresent" | "ReportExpired")
                    && tokio::time::Instant::now() < deadline =>
            {
                tokio::time::sleep(POLL).await;
            }
            Err(error) => return Err(unavailable(words("iam:GetCredentialReport", &error))),
        }
    }
}

/// Reads a report: a line per user, with columns by name.
fn read(text: &[u8]) -> Result<Vec<OfUser>, String> {
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column =
        |name: &str| header.iter().position(|one| one == name).ok_or_else(|| format!("it has no column {name}"));
    let arn = column("arn")?;
    let mut keys = Vec::new();
    for n in [1, 2] {
        let of = |what: &str| column(&format!("access_key_{n}_last_used_{what}"));
        keys.push((of("date")?, of("service")?, of("region")?));
    }
    let mut users = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let uses = keys.iter().filter_map(|(date, service, region)| {
            Some((Moment::parse(row.get(*date)?)?, text(*service), text(*region)))
        });
        if let Some(last) = uses.max_by_key(|(at, ..)| *at) {
            users.push(OfUser { arn: text(arn), last });
        }
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_used_date,\
        access_key_2_last_used_region,access_key_2_last_used_service";

    #[test]
    fn the_later_use_of_both_keys_counts() {
        let report = format!(
            "{HEADER}\n<root_account>,arn:aws:iam::1:root,x,not_supported,false,N/A,N/A,N/A,false,N/A,N/A,N/A\n\
             \"a,b\",\"arn:aws:iam::1:user/a,b\",x,false,true,2026-03-01T10:00:00+00:00,us-east-1,s3,true,\
             2026-03-02T10:00:00+00:00,eu-west-1,sts\nc,arn:aws:iam::1:user/c,x,false,true,N/A,N/A,N/A,false,no_information,N/A,N/A\n"
        );
        let at = Moment::parse("2026-03-02T10:00:00Z").unwrap();
        let expected = OfUser { arn: "arn:aws:iam::1:user/a,b".into(), last: (at, "sts".into(), "eu-west-1".into()) };
        assert_eq!(read(report.as_bytes()), Ok(vec![expected]));
    }

    #[test]
    fn a_report_of_another_form_is_refused() {
        assert_eq!(read(b"user,arn\n"), Err("it has no column access_key_1_last_used_date".into()));
    }
}

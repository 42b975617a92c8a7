//! Lists only what is needed: CloudTrail's layout says account, region and day, so of a bucket with years of logs only the
//! folders of the wanted days are listed. What is laid out otherwise is listed whole.

use super::Order;
use crate::{
    intake::files::{Buckets, is_log},
    issuers::aws::{AwsIssuer, words},
};
use app::model::{
    fault::{Fault, FaultKind},
    moment::{DAY, Moment},
};
use aws_sdk_s3::Client;
use tokio::sync::mpsc;

/// More days than this are listed whole instead of one by one.
const DAYS: usize = 400;

/// Sends the keys of the log files in the range, in their order, those after a key.
///
/// # Errors
/// Where S3 refuses.
pub async fn run(
    issuer: &AwsIssuer,
    buckets: &Buckets,
    order: &Order,
    after: String,
    to: mpsc::Sender<String>,
) -> Result<(), Fault> {
    let s3 = buckets.client_of(issuer, &order.bucket).await?;
    let mut prefixes = regions(&s3, order).await?;
    if prefixes.is_empty() {
        prefixes.push(order.prefix.clone());
    } else if let Some(days) = days(order) {
        prefixes = prefixes.iter().flat_map(|region| days.iter().map(move |day| format!("{region}{day}/"))).collect();
    }
    prefixes.sort();
    for prefix in prefixes {
        // All keys of a prefix that is before the key, and does not hold it, are before it too.
        if prefix < after && !after.starts_with(&prefix) {
            continue;
        }
        let mut pages = s3.list_objects_v2().bucket(&order.bucket).prefix(&prefix);
        if after.starts_with(&prefix) && !after.is_empty() {
            pages = pages.start_after(&after);
        }
        let mut pages = pages.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused(&words("s3:ListBucket", &error)))?;
            for key in page.contents().iter().filter_map(|object| object.key()) {
                let wanted = is_log(key) && day_of(key).is_none_or(|day| order.holds(day));
                if wanted && to.send(key.to_owned()).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

fn refused(error: &crate::issuers::IssuerError) -> Fault {
    Fault::new(FaultKind::Unavailable, error.to_string())
}

/// The folders of regions below a prefix: `…/AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/`; none where it is laid out
/// otherwise, or the prefix goes deeper than that.
async fn regions(s3: &Client, order: &Order) -> Result<Vec<String>, Fault> {
    let mut start = order.prefix.clone();
    if !start.is_empty() && !start.ends_with('/') {
        start.push('/');
    }
    let mut found = Vec::new();
    let mut todo = if start.contains("AWSLogs/") { vec![start] } else { vec![format!("{start}AWSLogs/")] };
    while let Some(folder) = todo.pop() {
        let below = folder.rsplit_once("AWSLogs/").map_or("", |(_, below)| below);
        let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
        match parts.iter().position(|part| *part == "CloudTrail") {
            Some(at) if parts.len() == at + 1 => found.extend(folders(s3, &order.bucket, &folder).await?),
            Some(at) if parts.len() == at + 2 => found.push(folder),
            // Deeper than a region: a day, or a part of one.
            Some(_) => return Ok(Vec::new()),
            None if parts.last().is_some_and(|part| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit())) => {
                todo.push(format!("{folder}CloudTrail/"));
            }
            None if parts.len() <= 1 => todo.extend(folders(s3, &order.bucket, &folder).await?),
            None => {}
        }
    }
    Ok(found)
}

/// The folders in a folder.
async fn folders(s3: &Client, bucket: &str, folder: &str) -> Result<Vec<String>, Fault> {
    let mut pages = s3.list_objects_v2().bucket(bucket).prefix(folder).delimiter("/").into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused(&words("s3:ListBucket", &error)))?;
        found.extend(page.common_prefixes().iter().filter_map(|one| one.prefix()).map(str::to_owned));
    }
    Ok(found)
}

/// The days of the range as parts of a key: `2026/03/01`; nothing where they are too many, or have no end.
fn days(order: &Order) -> Option<Vec<String>> {
    let (from, to) = order.from.zip(order.to)?;
    let count = usize::try_from(to.since(from) / DAY + 1).ok().filter(|count| *count <= DAYS)?;
    let day = |n: usize| {
        let (year, month, day) = from.plus(i64::try_from(n).unwrap_or(0) * DAY).date();
        format!("{year:04}/{month:02}/{day:02}")
    };
    Some((0..count).map(day).collect())
}

/// The day in a key: `…/2026/03/01/…`.
fn day_of(key: &str) -> Option<Moment> {
    let parts: Vec<&str> = key.split('/').collect();
    parts.windows(3).find_map(|three| match three {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            Moment::from_date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_and_read() {
        let day = |text: &str| Moment::parse(text);
        let order = Order { from: day("2026-02-27"), to: day("2026-03-01"), ..Order::default() };
        assert_eq!(days(&order).unwrap(), ["2026/02/27", "2026/02/28", "2026/03/01"]);
        assert_eq!(days(&Order { to: None, ..order.clone() }), None);
        let key = "x/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/a.json.gz";
        assert_eq!(day_of(key), day("2026-03-01"));
        assert_eq!(day_of("copies/a.json.gz"), None);
        assert!(order.holds(day("2026-03-01").unwrap()) && !order.holds(day("2026-03-02").unwrap()));
    }
}

//! The rights that hearing needs: to fetch messages from a queue, to keep them hidden, to delete them, and to read the log
//! files that they name. Trying them out takes no message from its reader, changes none, and reads no file.

use super::{
    rights::{self, is_denied, judge},
    trails::covers_all,
};
use crate::{
    house::House,
    intake::{
        files::{Buckets, Refused},
        queues::{message::Place, state::Word},
    },
    issuers::aws::{AwsIssuer, code_of},
};
use app::model::{
    account::AccountStatus,
    health::{Check, Light},
    moment::HOUR,
};
use aws_sdk_cloudtrail::types::Trail;
use aws_sdk_sqs::Client;

const RECEIVE: &str = "sqs:ReceiveMessage";
const READ: &str = "s3:GetObject";
const READ_WHY: &str = "read the trail's log files";
/// The receipt of no message.
const RECEIPT: &str = "none";
/// What SQS says of such a receipt, by one kind of queue or another.
const NO_RECEIPT: [&str; 4] = [
    "ReceiptHandleIsInvalid",
    "InvalidParameterValue",
    "MessageNotInflight",
    "AWS.SimpleQueueService.MessageNotInflight",
];

/// Whether the role may do on a queue what its reader does. `known` is what was written down of the account.
pub(super) async fn of_queue(
    house: &House,
    issuer: &AwsIssuer,
    (what, address): (&str, &str),
    known: &AccountStatus,
) -> Vec<Check> {
    let sqs = issuer.clients().sqs(address).await;
    let queue = what.to_lowercase();
    // The single calls, though the reader sends batches: AWS has no right of its own for those, and what a single call
    // meets is the answer itself.
    let hide = sqs.change_message_visibility().queue_url(address).receipt_handle(RECEIPT).visibility_timeout(0);
    let delete = sqs.delete_message().queue_url(address).receipt_handle(RECEIPT);
    let (received, hidden, deleted) =
        tokio::join!(receive(house, &sqs, (what, address), known), hide.send(), delete.send());
    let hide_why = format!("keep messages of the {queue} hidden while they are worked on, and to give them back");
    let delete_why = format!("delete messages from the {queue} once what they say is filed");
    vec![
        received,
        judge("sqs:ChangeMessageVisibility", &hide_why, &NO_RECEIPT, &hidden),
        judge("sqs:DeleteMessage", &delete_why, &NO_RECEIPT, &deleted),
    ]
}

/// Whether messages may be fetched. To fetch one for a trial would hide it from the reader, and count towards its end among
/// the dead letters. The reader uses this very right all the time, so what it last met is the proof.
async fn receive(house: &House, sqs: &Client, (what, address): (&str, &str), known: &AccountStatus) -> Check {
    let why = format!("fetch messages from the {}", what.to_lowercase());
    let check = |light, says| Check { name: RECEIVE.to_owned(), light, says };
    match house.ears.queues.word(address).await {
        Some(Word::Answered(at)) => {
            let says = format!("Needed to {why}. The reader was last answered at {}.", at.exact());
            return check(Light::Good, says);
        }
        Some(Word::Away(since, absence)) if absence.denied => {
            let says = format!(
                "{RECEIVE} is missing in the role's policy; it is needed to {why}. The reader has been refused since {}, \
                 and asks again within a minute: {}.",
                since.exact(),
                absence.says
            );
            return check(Light::Bad, says);
        }
        Some(Word::Away(since, absence)) => {
            let says = format!("The reader has had no answer since {}: {}. ", since.exact(), absence.says);
            return check(Light::Bad, format!("{says}It is needed to {why}."));
        }
        None => {}
    }
    // Nobody reads it in this process. AWS takes numbers from 1 to 10, and does not say whether it looks at them before or
    // after the rights: so a refusal for want of the right proves that it is missing, and every other answer proves
    // nothing. Whoever took the number at its word would have no message to give.
    let asked = sqs.receive_message().queue_url(address).max_number_of_messages(0).send().await;
    if let Err(error) = &asked
        && is_denied(code_of(error))
    {
        return check(Light::Bad, rights::missing(RECEIVE, &why, rights::said(error)));
    }
    // The server wrote down what its reader met.
    let name = format!("{what}: {RECEIVE}");
    let fresh = known.looked_at.filter(|at| house.now().since(*at) <= HOUR);
    let told = known.ears.iter().find(|check| check.name == name && check.light != Light::Look);
    match (fresh, told) {
        (Some(at), Some(told)) => check(told.light, format!("{} So the server found at {}.", told.says, at.exact())),
        _ => check(
            Light::Look,
            format!(
                "Needed to {why}. AWS did not refuse it; only the running server, which reads the queue, can tell for \
                 certain."
            ),
        ),
    }
}

/// Whether the log files may be read that the queue of files tells of; `None` where there is no such queue, or no trail
/// with a bucket. Of several trails' buckets one is enough, because the queue need not tell of all.
pub(super) async fn of_files(issuer: &AwsIssuer, trails: &[Trail]) -> Option<Check> {
    if issuer.settings().files_queue.is_empty() {
        return None;
    }
    let mut first = None;
    for trail in trails.iter().filter(|trail| covers_all(trail)) {
        let Some(bucket) = trail.s3_bucket_name() else { continue };
        let check = of_bucket(issuer, trail, bucket).await;
        if check.light == Light::Good {
            return Some(check);
        }
        first = first.or(Some(check));
    }
    first
}

async fn of_bucket(issuer: &AwsIssuer, trail: &Trail, bucket: &str) -> Check {
    // A file of a day on which there was no trail yet: it cannot be there, and stands where the others stand.
    let place = Place { bucket: bucket.to_owned(), key: absent(issuer, trail), region: String::new() };
    let answer = match Buckets::default().ask(issuer, &place).await {
        Ok(_) | Err(Ok(_)) => Ok(()),
        Err(Err(refused)) => Err(*refused),
    };
    let why = format!("{READ_WHY} in {bucket}");
    let mut check = match answer {
        Err(refused) if is_unclear(&refused) => Check {
            name: READ.to_owned(),
            light: Light::Look,
            says: format!(
                "S3 refused a file that cannot be there, which leaves two possibilities: {READ} is missing in the role's \
                 policy, which is needed to {why}; or s3:ListBucket is, without which S3 does not say whether a file is \
                 there. Allow both, also in the bucket's policy if it is another account's. AWS says: {}",
                rights::said(&refused)
            ),
        },
        answer => judge(READ, &why, &["NoSuchKey"], &answer),
    };
    if check.light == Light::Good
        && let Some(key) = trail.kms_key_id()
    {
        check.says.push_str(&format!(" The files are encrypted with {key}: kms:Decrypt shows with the first of them."));
    }
    check
}

/// Whether S3 refuses without saying which right is missing. Within an account its message names the action.
fn is_unclear(refused: &Refused) -> bool {
    is_denied(code_of(refused)) && rights::denied_action(rights::said(refused)) != Some(READ)
}

/// The key of a log file that cannot be there.
fn absent(issuer: &AwsIssuer, trail: &Trail) -> String {
    let before = trail.s3_key_prefix().map(|prefix| format!("{}/", prefix.trim_matches('/'))).unwrap_or_default();
    let region = &issuer.settings().region;
    format!("{before}AWSLogs/{}/CloudTrail/{region}/1970/01/01/none.json.gz", issuer.id())
}

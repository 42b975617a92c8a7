//! How many IAM users an account has, of how many.

use crate::issuers::aws::AwsIssuer;
use app::model::{account::AccountStatus, moment::Moment};
use aws_sdk_iam::{
    operation::get_account_summary::{GetAccountSummaryError, GetAccountSummaryOutput},
    types::SummaryKeyType,
};
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};

/// Asks IAM.
pub(super) async fn ask(
    issuer: &AwsIssuer,
) -> Result<GetAccountSummaryOutput, SdkError<GetAccountSummaryError, Response>> {
    issuer.clients().iam().await.get_account_summary().send().await
}

/// The users, and how many there may be; `None` where the answer has no such numbers.
pub(super) fn read(summary: &GetAccountSummaryOutput) -> Option<(i64, i64)> {
    let of = |key: SummaryKeyType| Some(i64::from(*summary.summary_map()?.get(&key)?));
    Some((of(SummaryKeyType::Users)?, of(SummaryKeyType::UsersQuota)?))
}

/// Writes down what was counted. Where nothing was, the last numbers stay, with the time at which they were true.
pub(super) fn note(status: &mut AccountStatus, counted: Option<(i64, i64)>, now: Moment) {
    if let Some((users, quota)) = counted {
        (status.users, status.users_quota, status.counted_at) = (users, quota, Some(now));
    }
}

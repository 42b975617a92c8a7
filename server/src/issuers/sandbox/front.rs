//! The way through the sandbox: who signed this, what does it ask for, and what does it hear in return. What an
//! authenticated caller asked is recorded before the caller is answered.

use super::{
    answer::{self, Answer, RequestIds},
    ask::Ask,
    call::{Call, Target},
    record,
    refusal::{Refusal, check_clock},
    sigv4::{self, Claim, Malformed},
    user_arn,
};
use crate::{
    hits::record::Record,
    house::House,
    intake,
    store::sandbox::{self as rows, KeyRow},
};
use app::model::{fault::Fault, hit::Source, key::account_of};
use sha2::{Digest as _, Sha256};

/// Whoever signed a request with a key of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The user's name.
    pub user_name: String,
    /// The user's ARN.
    pub arn: String,
    /// The user's unique id.
    pub user_id: String,
    /// The key.
    pub access_key_id: String,
}

/// Answers a request, and records it if a key of the sandbox signed it.
pub async fn answer(house: &House, ask: &Ask) -> Answer {
    let claim = sigv4::claim_of(ask);
    let target = match &claim {
        Ok(Some(claim)) => Target { service: &claim.scope.service, region: &claim.scope.region },
        Err(malformed) => Target { service: &malformed.service, region: "" },
        Ok(None) => Target::default(),
    };
    let call = Call::of(ask, target);
    let ids = RequestIds::new(&call, &*house.chance);
    let wants_json = ask.header("accept").contains("application/json");
    let mut answer = match speak(house, ask, &claim, &call, &ids, wants_json).await {
        Ok(answer) => answer,
        Err(refusal) => answer::refused(&call, &ids, &refusal.words(&call), wants_json),
    };
    if ask.method == "HEAD" {
        answer.body.clear();
    }
    answer
}

async fn speak(
    house: &House,
    ask: &Ask,
    claim: &Result<Option<Claim>, Malformed>,
    call: &Call,
    ids: &RequestIds,
    wants_json: bool,
) -> Result<Answer, Refusal> {
    let claim = match claim {
        Ok(Some(claim)) => claim,
        Ok(None) => return Err(Refusal::Unsigned),
        Err(malformed) => return Err(Refusal::Malformed(malformed.message.clone())),
    };
    let caller = authenticate(house, ask, claim, call).await?;

    if call.service == "sts" && call.action == "GetCallerIdentity" {
        write_down(house, ask, call, &caller, ids, None).await?;
        return Ok(answer::identity(call, ids, &caller.arn, &caller.user_id, &caller.account, wants_json));
    }
    let denied = Refusal::Denied { arn: caller.arn.clone(), resource: call.resource(&caller.account, &caller.arn) };
    let message = denied.words(call).message;
    write_down(house, ask, call, &caller, ids, denied.code_in_record(call).map(|code| (code, message.as_str())))
        .await?;
    Err(denied)
}

/// Who signed the request.
///
/// # Errors
/// Why nobody did.
async fn authenticate(house: &House, ask: &Ask, claim: &Claim, call: &Call) -> Result<Caller, Refusal> {
    let unknown = || Refusal::UnknownKey(claim.access_key_id.clone());
    // The sandbox gives no session tokens, so a request that carries one carries a wrong one.
    let key = if claim.has_token { None } else { find(house, &claim.access_key_id).await? };
    let key = key.filter(|key| key.active).ok_or_else(unknown)?;
    let account = account_of(&claim.access_key_id).ok_or_else(unknown)?;
    check_clock(call.protocol, claim, house.now()).map_err(Refusal::Skewed)?;

    let s3 = sigv4::is_s3(&claim.scope.service);
    if ask.body.is_none() && (!s3 || ask.header("x-amz-content-sha256").is_empty()) {
        return Err(Refusal::TooLarge);
    }
    let canonical_request = sigv4::canonical_request(ask, claim);
    let string_to_sign = sigv4::string_to_sign(claim, &canonical_request);
    let secret = house.sealer.open(&key.sealed_secret, &claim.access_key_id).map_err(broken)?;
    // Without the host and the day under it, a signature is good for more than what it was made for.
    let narrow = claim.signed_headers.iter().any(|name| name == "host") && claim.stamp.starts_with(&claim.scope.date);
    if !narrow || !sigv4::is_signed_with(&secret, claim, &string_to_sign) {
        return Err(Refusal::WrongSignature {
            access_key_id: claim.access_key_id.clone(),
            signature: claim.signature.clone(),
            string_to_sign,
            canonical_request,
        });
    }
    if s3 && !has_signed_body(ask) {
        return Err(Refusal::WrongDigest);
    }
    Ok(Caller {
        arn: user_arn(&account, &key.user.path, &key.user.user_name),
        account,
        user_name: key.user.user_name,
        user_id: key.user.unique_id,
        access_key_id: claim.access_key_id.clone(),
    })
}

/// Whether the body is the one whose hash S3's clients name in a header. A body that was not read passes.
fn has_signed_body(ask: &Ask) -> bool {
    let said = ask.header("x-amz-content-sha256");
    match &ask.body {
        Some(body) if said.len() == 64 => said.eq_ignore_ascii_case(&hex::encode(Sha256::digest(body))),
        _ => true,
    }
}

async fn find(house: &House, access_key_id: &str) -> Result<Option<KeyRow>, Refusal> {
    let mut session = house.store.read().await.map_err(|error| broken(error.into()))?;
    rows::key(&mut session, access_key_id).await.map_err(|error| broken(error.into()))
}

/// Hands the record to the intake, as a trail would. The caller hears nothing before that is committed.
async fn write_down(
    house: &House,
    ask: &Ask,
    call: &Call,
    caller: &Caller,
    ids: &RequestIds,
    error: record::Error<'_>,
) -> Result<(), Refusal> {
    let event_id = answer::new_uuid(&*house.chance);
    let value = record::of(ask, call, caller, house.now(), ids, &event_id, error);
    let record = Record::of(&value.to_string(), &value).map_err(|reason| {
        tracing::error!(reason, "the sandbox's own record cannot be read");
        Refusal::Broken
    })?;
    intake::receive(house, Source::Sandbox, vec![record]).await.map_err(broken)?;
    Ok(())
}

/// The log has the cause already.
fn broken(_: Fault) -> Refusal {
    Refusal::Broken
}

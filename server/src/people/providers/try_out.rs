//! Trying rules out: what a token that an admin pastes says, which rules fit, and what its person would get. Nobody comes
//! in by it, and nothing of it is kept.

use super::{
    admin, admit,
    client::{Client, Denied, NoClient},
    jwt,
    refusal::Refusal,
    token,
};
use crate::{
    house::House,
    people::claims::{self, Barred, Claims, Given, Standing},
    store::people::{identities, providers, providers::ProviderRow},
};
use app::model::{
    fault::Fault,
    moment::Moment,
    provider::{ProviderSettings, TriedRule, TriedToken},
    viewer::Viewer,
};
use serde_json::Value;

/// How much of a claim is shown, in characters.
const SHOWN: usize = 500;

/// What a token would do.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Invalid` where the text is no token.
pub async fn try_out(house: &House, viewer: &Viewer, provider: &str, pasted: &str) -> Result<TriedToken, Fault> {
    let row = admin::row(house, viewer, provider).await?;
    let read = jwt::read(pasted).map_err(|_| {
        Fault::field("id_token", "expected an ID token: three parts with points between them, as the provider gives it")
    })?;
    let (verified, signature) = signature(house, &row, pasted).await;
    let mut session = house.store.read().await?;
    let rules = providers::rules(&mut session, provider).await?;
    let subject = claims::text(&read.claims, "sub").unwrap_or_default();
    let known = identities::person(&mut session, provider, subject).await?;
    let by_hand = match &known {
        Some(known) => identities::has_role_by_hand(&mut session, &known.person).await?,
        None => false,
    };
    let usual = admit::usual(&mut session, &row).await?;
    drop(session);
    let standing = Standing { known: known.is_some(), by_hand };
    let given = claims::given(&read.claims, &rules);
    let verdicts = claims::judge(&read.claims, &rules);
    let door = claims::let_in(&row.settings.strangers, standing, given, usual);
    Ok(TriedToken {
        signature,
        verified,
        remarks: remarks(&row.settings, &read.claims, house.now()),
        claims: read.claims.iter().map(|(name, value)| (name.clone(), shown(value))).collect(),
        rules: rules
            .into_iter()
            .zip(verdicts)
            .map(|(row, verdict)| TriedRule { rule: row.rule, fits: verdict.fits, decides: verdict.decides })
            .collect(),
        gets: door.as_ref().map(|given| given.iter().map(Given::says).collect()).unwrap_or_default(),
        door: match (&door, known) {
            (_, Some(known)) if known.disabled => format!("{} would stay out: the account is off.", known.email),
            (Ok(_), Some(known)) => format!("{} would come in.", known.email),
            (Ok(_), None) => "Somebody new would come in, if the mail address is acceptable.".to_owned(),
            (Err(Barred::Stranger), _) => "Whoever this is would stay out: strangers do.".to_owned(),
            (Err(Barred::NoRole), _) => "Whoever this is would stay out: no rule gives a role.".to_owned(),
        },
    })
}

async fn signature(house: &House, row: &ProviderRow, pasted: &str) -> (bool, String) {
    let client = match Client::of(house, row).await {
        Ok(client) => client,
        Err(NoClient::Away(why)) => {
            return (false, format!("The signature is not verified: the provider's keys are not to be had. {why}"));
        }
        Err(NoClient::Ours(fault)) => return (false, format!("The signature is not verified: {fault}")),
    };
    match client.signed(pasted, house.now()).await {
        Ok(_) => (true, format!("{} signed it.", row.settings.name)),
        Err(Denied::Token(refusal)) => (false, format!("The signature is not verified: {refusal}.")),
        Err(Denied::Away(why)) => (false, format!("The signature is not verified: {why}")),
        Err(Denied::Grant | Denied::Client(_)) => (false, "The signature is not verified.".to_owned()),
    }
}

/// What would be held against a token at the door.
fn remarks(settings: &ProviderSettings, claims: &Claims, now: Moment) -> Vec<String> {
    let mut remarks = Vec::new();
    if claims::text(claims, "iss") != Some(settings.issuer.as_str()) {
        remarks.push(format!("{}: expected {}.", Refusal::Issuer, settings.issuer));
    }
    let audience = claims.get("aud").map(claims::values).unwrap_or_default();
    if audience != [settings.client_id.clone()] {
        let access = if audience.is_empty() { " Is it an access token? Paste the ID token." } else { "" };
        remarks.push(format!("{}: expected {}.{access}", Refusal::Audience, settings.client_id));
    }
    let until = claims::moment(claims, "exp");
    match until {
        Some(until) if now.since(until) < token::SKEW => {}
        Some(until) => {
            remarks.push(format!("Its time was over {}. To try it out, that does no harm.", until.relative(now)))
        }
        None => remarks.push("It does not say when its time is over.".to_owned()),
    }
    match claims::text(claims, &settings.email_claim) {
        None => remarks.push(format!("It has no mail address (the claim {}).", settings.email_claim)),
        Some(_) if !settings.trust_unverified && !claims::is_verified(claims, &settings.email_claim) => {
            remarks.push("Its mail address is not verified, so that nobody new comes in with it.".to_owned());
        }
        Some(_) => {}
    }
    remarks.into_iter().map(capital).collect()
}

fn capital(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

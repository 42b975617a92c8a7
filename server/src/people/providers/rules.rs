//! Changing the rules of a provider; admins of the installation. What they give holds from each person's next sign-in or
//! refresh on.

use super::admin;
use crate::{
    audit::{self, Facts, Subject},
    house::House,
    people::{fresh, persons::team_of},
    store::people::{providers, providers::RuleRow},
};
use app::model::{
    fault::Fault,
    provider::{ClaimRule, Comparison},
    viewer::{Role, Viewer},
};

/// How many rules a provider may have.
const MOST: usize = 200;

/// What somebody types into the form of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleForm<'a> {
    /// The claim.
    pub claim: &'a str,
    /// `equals`, `contains` or `prefix`.
    pub comparison: &'a str,
    /// What it is compared with.
    pub value: &'a str,
    /// The team's name; empty for the whole installation.
    pub team: &'a str,
    /// The role.
    pub role: &'a str,
}

/// Adds a rule after the others.
///
/// # Errors
/// `Forbidden`, `NotFound`, `Invalid` where a field is not acceptable, or `Stale`.
pub async fn add(house: &House, viewer: &Viewer, provider: &str, form: RuleForm<'_>) -> Result<(), Fault> {
    let row = admin::row(house, viewer, provider).await?;
    let text = |field: &str, text: &str| {
        let text = text.trim();
        match text.chars().count() {
            1..=200 if !text.chars().any(char::is_control) => Ok(text.to_owned()),
            _ => Err(Fault::field(field, "expected a text of 1 to 200 characters")),
        }
    };
    let comparison = Comparison::parse(form.comparison.trim());
    let role = Role::parse(form.role.trim()).filter(|role| Role::PEOPLE.contains(role));
    let rule = ClaimRule {
        id: house.new_id(),
        claim: text("claim", form.claim)?,
        comparison: comparison.ok_or_else(|| Fault::field("comparison", "expected equals, contains or prefix"))?,
        value: text("value", form.value)?,
        team: Some(form.team.trim().to_owned()).filter(|team| !team.is_empty()),
        role: role.ok_or_else(|| Fault::field("role", "expected one of viewer, placer, reviewer, admin"))?,
    };
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    if providers::rules(&mut tx, provider).await?.len() >= MOST {
        return Err(Fault::conflict(format!("There are {MOST} rules already. Remove some first.")));
    }
    let team_id = team_of(&mut tx, form.team).await?;
    let says = says(&rule);
    providers::insert_rule(&mut tx, provider, &RuleRow { rule, team_id }).await?;
    let (detail, subject) = (format!("added: {says}"), Subject::new("provider", provider, &row.settings.name));
    let (what, after) = (("provider.rule", detail.as_str()), Facts::default().with("rule", &says));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), after).await?;
    Ok(tx.commit().await?)
}

/// Moves a rule before the one that stands before it.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Stale`.
pub async fn up(house: &House, viewer: &Viewer, provider: &str, rule: &str) -> Result<(), Fault> {
    let row = admin::row(house, viewer, provider).await?;
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    let mut rules = providers::rules(&mut tx, provider).await?;
    let at = rules.iter().position(|row| row.rule.id == rule).ok_or_else(|| Fault::not_found("rule"))?;
    if let Some(before) = at.checked_sub(1) {
        rules.swap(before, at);
        for (place, row) in (1..).zip(&rules) {
            providers::set_place(&mut tx, provider, &row.rule.id, place).await?;
        }
        let moved = rules.get(before).map(|row| says(&row.rule)).unwrap_or_default();
        let detail = format!("moved up: {moved}");
        let subject = Subject::new("provider", provider, &row.settings.name);
        audit::note_on(house, &mut tx, viewer, ("provider.rule", detail.as_str()), subject).await?;
    }
    Ok(tx.commit().await?)
}

/// Removes a rule.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Stale`.
pub async fn remove(house: &House, viewer: &Viewer, provider: &str, rule: &str) -> Result<(), Fault> {
    let row = admin::row(house, viewer, provider).await?;
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    let rules = providers::rules(&mut tx, provider).await?;
    let gone = rules.iter().find(|row| row.rule.id == rule).ok_or_else(|| Fault::not_found("rule"))?;
    providers::remove_rule(&mut tx, provider, rule).await?;
    let (says, subject) = (says(&gone.rule), Subject::new("provider", provider, &row.settings.name));
    let (detail, before) = (format!("removed: {says}"), Facts::default().with("rule", &says));
    audit::changed(house, &mut tx, viewer, ("provider.rule", detail.as_str()), subject, before, Facts::default())
        .await?;
    Ok(tx.commit().await?)
}

/// `groups contains leads: reviewer in Blue`
fn says(rule: &ClaimRule) -> String {
    let place = rule.team.as_deref().unwrap_or("the whole installation");
    format!("{} {} {}: {} in {place}", rule.claim, rule.comparison.text(), rule.value, rule.role.word())
}

//! ROOM accounts: the AWS accounts in which tokens are minted, and how they are doing.

mod caller;
pub mod form;
mod hearing;
mod inspect;
mod probe;
mod queues;
mod regions;
mod rights;
mod rules;
mod trails;
mod unseen;
mod users;

pub use caller::learn as learn_callers;
pub(crate) use inspect::length;
pub use inspect::{inspect, look_at_all};
pub(crate) use regions::is_region;
pub(crate) use rights::is_denied;

use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::House,
    issuers::{aws::AwsIssuer, sandbox},
    store::{self, accounts::AccountRow},
    tokens::form::Wrong,
};
use app::model::{
    account::{AccountForm, AccountStatus, AccountView, SandboxView},
    fault::Fault,
    health::CheckGroup,
    template,
    viewer::{Act, Viewer},
};
use std::{sync::Arc, time::Duration};
use tokio_stream::{StreamExt as _, wrappers::IntervalStream};

/// How many of the latest names are compared with each other.
const NAMES: u32 = 20;
/// How often the accounts are read again, so that a replica learns what was changed in another one.
const AGAIN: Duration = Duration::from_secs(15);

/// Reads the accounts, and lets the issuers be those. One whose settings are as before goes on as it is.
///
/// # Errors
/// Where the database refuses.
pub async fn load(house: &House) -> Result<(), Fault> {
    let _turn = house.issuers.loading.lock().await;
    let rows = store::accounts::all(&mut *house.store.read().await?).await?;
    let known = house.issuers.aws();
    let issuer = |row: AccountRow| match known.iter().find(|one| one.id() == row.id && *one.settings() == row.settings)
    {
        Some(same) => Arc::clone(same),
        None => {
            let clients = house.aws.to(&row.settings);
            if !row.status.caller_arn.is_empty() {
                clients.learn_caller(&row.status.caller_arn);
            }
            Arc::new(AwsIssuer::new(&row.id, row.settings, clients))
        }
    };
    let issuers: Vec<_> = rows.into_iter().map(issuer).collect();
    let same =
        issuers.len() == known.len() && issuers.iter().zip(known.iter()).all(|(one, other)| Arc::ptr_eq(one, other));
    if !same {
        house.issuers.set_aws(issuers);
        house.bell.accounts();
    }
    Ok(())
}

/// Reads the accounts again and again, and looks at their rules, trails and queues, until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let mut rounds = IntervalStream::new(tokio::time::interval(AGAIN));
    let work = async {
        while rounds.next().await.is_some() {
            if let Err(fault) = load(&house).await {
                tracing::error!(%fault, "the accounts could not be read; the next round tries again");
            }
            if let Err(fault) = caller::learn(&house).await {
                tracing::error!(%fault, "as whom Aviary acts could not be written down; the next round tries again");
            }
            if let Err(fault) = inspect::look_again(&house).await {
                tracing::warn!(%fault, "the accounts could not be looked at; the next round tries again");
            }
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

async fn view(house: &House, row: AccountRow) -> Result<AccountView, Fault> {
    let mut session = house.store.read().await?;
    let mut advice = template::advice(&store::accounts::latest_names(&mut session, &row.id, NAMES).await?);
    let living = store::accounts::count_tokens(&mut session, &row.id).await?;
    if row.settings.events_queue.is_empty() && row.settings.files_queue.is_empty() && row.settings.topics.is_empty() {
        advice.push(
            "No queue and no topic is set: unless an API destination posts this account's records to Aviary, nothing is \
             heard of its keys."
                .into(),
        );
    }
    if row.status.users_quota > 0 && row.status.users * 10 >= row.status.users_quota * 9 {
        advice.push(format!(
            "The account has {} of {} IAM users. Each token is one: add another account before it is full.",
            row.status.users, row.status.users_quota
        ));
    }
    Ok(AccountView {
        id: row.id,
        settings: row.settings,
        status: row.status,
        tokens: living,
        advice,
        created_at: row.created_at,
    })
}

/// Every account, for admins.
///
/// # Errors
/// `Forbidden` for everybody else.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<AccountView>, Fault> {
    viewer.must(Act::SeeAccounts)?;
    let rows = store::accounts::all(&mut *house.store.read().await?).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(view(house, row).await?);
    }
    Ok(views)
}

/// The built-in sandbox, for admins.
///
/// # Errors
/// `Forbidden` for everybody else.
pub async fn sandbox(house: &House, viewer: &Viewer) -> Result<SandboxView, Fault> {
    viewer.must(Act::SeeAccounts)?;
    let offered = house.issuers.accounts().into_iter().find(|account| account.id == sandbox::ID);
    let tokens = store::accounts::count_tokens(&mut *house.store.read().await?, sandbox::ID).await?;
    Ok(SandboxView { endpoint: offered.and_then(|account| account.endpoint), tokens })
}

/// What the last looks at rules, trails and queues found, one group per account.
///
/// # Errors
/// `Forbidden` for those who may not see the state of the house.
pub async fn ears(house: &House, viewer: &Viewer) -> Result<Vec<CheckGroup>, Fault> {
    viewer.must(Act::SeeHealth)?;
    let rows = store::accounts::all(&mut *house.store.read().await?).await?;
    let group = |row: AccountRow| CheckGroup {
        title: row.settings.name,
        account: row.id,
        looked_at: row.status.looked_at,
        checks: row.status.ears,
    };
    Ok(rows.into_iter().map(group).collect())
}

/// One account, for admins.
///
/// # Errors
/// `Forbidden` for everybody else; `NotFound`.
pub async fn get(house: &House, viewer: &Viewer, id: &str) -> Result<AccountView, Fault> {
    viewer.must(Act::SeeAccounts)?;
    account(house, id).await
}

/// One account, for those who would change it.
///
/// # Errors
/// As [`get`].
pub async fn get_to_change(house: &House, viewer: &Viewer, id: &str) -> Result<AccountView, Fault> {
    viewer.must(Act::ManageAccounts)?;
    account(house, id).await
}

async fn account(house: &House, id: &str) -> Result<AccountView, Fault> {
    let row = store::accounts::by_id(&mut *house.store.read().await?, id).await?;
    view(house, row.ok_or_else(|| Fault::not_found("account"))?).await
}

/// Looks at a form without saving it.
///
/// # Errors
/// `Invalid`, with every field that would be refused.
pub fn check(viewer: &Viewer, form: &AccountForm) -> Result<(), Fault> {
    viewer.must(Act::ManageAccounts)?;
    form::read(form).map(|_| ())
}

/// Adds an account.
///
/// # Errors
/// `Forbidden`, `Invalid`, or `Conflict` where it is there already.
pub async fn add(house: &House, viewer: &Viewer, form: &AccountForm) -> Result<AccountView, Fault> {
    viewer.must(Act::ManageAccounts)?;
    let (id, settings) = form::read(form)?;
    let mut tx = house.store.begin().await?;
    if !store::accounts::insert(&mut tx, &id, &settings, &viewer.name, house.now()).await? {
        return Err(Fault::field("id", "this account is there already; change it instead"));
    }
    let (what, subject) = (("account.add", settings.name.as_str()), Subject::new("account", &id, &id));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), settings.audited()).await?;
    tx.commit().await?;
    load(house).await?;
    account(house, &id).await
}

/// Changes an account. Tokens that were minted before stay as they are.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Invalid`.
pub async fn edit(house: &House, viewer: &Viewer, id: &str, form: &AccountForm) -> Result<AccountView, Fault> {
    let before = get_to_change(house, viewer, id).await?;
    let (_, settings) = form::read(&AccountForm { id: id.to_owned(), ..form.clone() })?;
    if before.tokens > 0 && before.settings.partition != settings.partition {
        let mut wrong = Wrong::default();
        wrong.add("partition", "this account holds living tokens; its partition cannot change");
        wrong.finish()?;
    }
    let mut tx = house.store.begin().await?;
    store::accounts::lock(&mut tx, id).await?;
    // Read once more: the house's own look may have counted meanwhile.
    let known = store::accounts::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("account"))?.status;
    store::accounts::set_settings(&mut tx, id, &settings).await?;
    // What was seen was seen with the settings from before. As whom Aviary acts is known still, if it acts as before.
    let same_role = before.settings.role_arn == settings.role_arn;
    let caller_arn = if same_role { known.caller_arn } else { String::new() };
    // What was counted of the account stays true of it.
    let AccountStatus { users, users_quota, counted_at, .. } = known;
    let status = AccountStatus { caller_arn, users, users_quota, counted_at, ..AccountStatus::default() };
    store::accounts::set_status(&mut tx, id, &status).await?;
    let detail = form::difference(&before.settings, &settings);
    let (what, subject) = (("account.edit", detail.as_str()), Subject::new("account", id, id));
    audit::changed(house, &mut tx, viewer, what, subject, before.settings.audited(), settings.audited()).await?;
    tx.commit().await?;
    load(house).await?;
    account(house, id).await
}

/// Removes an account. Its tokens stay and go on matching what comes, but Aviary can no longer disable or delete them:
/// so it is refused while there are living ones.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Conflict` where it holds living tokens.
pub async fn remove(house: &House, viewer: &Viewer, id: &str) -> Result<(), Fault> {
    let account = get_to_change(house, viewer, id).await?;
    if account.tokens > 0 {
        return Err(Fault::conflict(format!(
            "{} holds {} living tokens. Revoke them first: without the account Aviary could not.",
            account.settings.name, account.tokens
        )));
    }
    let mut tx = house.store.begin().await?;
    store::accounts::lock(&mut tx, id).await?;
    if store::tokens::count_intents(&mut tx, id).await? > 0 {
        return Err(Fault::conflict(format!(
            "A mint in {} is under way, or one that was cut off is being taken away. Try again in ten minutes.",
            account.settings.name
        )));
    }
    store::accounts::remove(&mut tx, id, house.now()).await?;
    let (what, subject) = (("account.remove", account.settings.name.as_str()), Subject::new("account", id, id));
    audit::changed(house, &mut tx, viewer, what, subject, account.settings.audited(), Facts::default()).await?;
    tx.commit().await?;
    load(house).await
}

/// Tests an account: makes a user as a mint would, with everything that a token's life needs, and takes it away again;
/// and tries out what hearing of its uses needs, without taking a message or a file. The view tells what was missing.
///
/// # Errors
/// `Forbidden`, `NotFound`. What AWS refuses is no error but a finding.
pub async fn test(house: &House, viewer: &Viewer, id: &str) -> Result<AccountView, Fault> {
    viewer.must(Act::ManageAccounts)?;
    let issuer = house.issuers.aws_of(id).ok_or_else(|| Fault::not_found("account"))?;
    let known = store::accounts::by_id(&mut *house.store.read().await?, id).await?;
    let found = probe::probe(house, &issuer, &known.map(|row| row.status).unwrap_or_default()).await;
    let mut tx = house.store.begin().await?;
    store::accounts::lock(&mut tx, id).await?;
    let row = store::accounts::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("account"))?;
    let mut status = AccountStatus {
        caller_arn: found.caller_arn,
        checks: found.checks,
        tested_at: Some(house.now()),
        ..row.status
    };
    users::note(&mut status, found.users, house.now());
    store::accounts::set_status(&mut tx, id, &status).await?;
    audit::note_on(house, &mut tx, viewer, "account.test", Subject::new("account", id, id)).await?;
    tx.commit().await?;
    account(house, id).await
}

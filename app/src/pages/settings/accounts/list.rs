//! All accounts, and how they are doing.

use super::{LIST, words};
use crate::{
    api::accounts::{get_sandbox, list_accounts},
    model::{
        account::{AccountView, SandboxView},
        fault::Fault,
        health::Light,
    },
    pages::settings::SettingsHead,
    parts::{
        badge::{Badge, Shape, Tone},
        head::plural,
        icon::{Icon, Sign},
        load::load,
        table::{Cell, Heads},
    },
};
use leptos::prelude::*;

/// The AWS accounts, and the sandbox; admins only.
#[component]
pub fn Accounts() -> impl IntoView {
    load(find(), |(accounts, sandbox)| {
        let lead = lead(&accounts).into_any();
        let none = accounts.is_empty();
        let rows = accounts.into_iter().map(row).collect_view();
        let add = view! {
            <a class="button primary" href=format!("{LIST}/new")>
                <Icon sign=Sign::Plus />
                "Add an account"
            </a>
        };
        let head = if none {
            view! { <SettingsHead title="AWS accounts" lead /> }
        } else {
            view! { <SettingsHead title="AWS accounts" lead actions=add.into_any() /> }
        };
        view! {
            {head}
            {none.then(first_steps)}
            <section class="panel" aria-label="Accounts">
                <table class="table accounts">
                    <caption class="unseen">"Accounts"</caption>
                    <Heads heads=vec!["Account", "Tokens", "IAM users in it", "Last test"] />
                    {rows}
                    {built_in(sandbox)}
                </table>
            </section>
        }
    })
}

async fn find() -> Result<(Vec<AccountView>, SandboxView), Fault> {
    Ok((list_accounts().await?, get_sandbox().await?))
}

/// The page's answer in one sentence.
fn lead(accounts: &[AccountView]) -> impl IntoView + use<> {
    let all = i64::try_from(accounts.len()).unwrap_or(i64::MAX);
    let broken = accounts.iter().filter(|account| words::count(&account.status.checks, Light::Bad) > 0).count();
    let untested = accounts.iter().filter(|account| account.status.tested_at.is_none()).count();
    let advised = accounts.iter().filter(|account| !account.advice.is_empty()).count();
    let mut rest = Vec::new();
    for (n, one, many) in [
        (broken, "lacks a right", "lack a right"),
        (untested, "was never tested", "were never tested"),
        (advised, "needs a look", "need a look"),
    ] {
        if n > 0 {
            rest.push(format!("{n} {}", if n == 1 { one } else { many }));
        }
    }
    if all == 0 {
        return "Tokens are minted in the sandbox only. Add an AWS account to make keys that work on AWS.".into_any();
    }
    view! {
        "Tokens are minted in "
        <strong>{plural(all, "AWS account", "AWS accounts")}</strong>
        {if rest.is_empty() { String::new() } else { format!("; {}", rest.join(", ")) }}
        "."
    }
    .into_any()
}

/// What to do where there is no account yet.
fn first_steps() -> impl IntoView {
    view! {
        <ol class="steps">
            <li>
                <h2>"Prepare the account"</h2>
                <p>
                    "A template makes the trail, the rule, two queues, and a role with exactly the rights that Aviary uses. It comes for CloudFormation and for Terraform, with neutral names."
                </p>
                <p>
                    <code>"aviary bootstrap --print --prefix NAME --path /service/"</code>
                </p>
            </li>
            <li>
                <h2>"Add it here"</h2>
                <p>"The stack's outputs are what the form asks for: the role's ARN, and the addresses of the two queues."</p>
                <a class="button primary" href=format!("{LIST}/new")>
                    "Add an account"
                </a>
            </li>
            <li>
                <h2>"Test it"</h2>
                <p>
                    "Aviary makes a user as a mint would, takes it away again, and names each right that is missing. Then mint the first token: it proves itself by a drill."
                </p>
            </li>
        </ol>
    }
}

fn row(account: AccountView) -> impl IntoView {
    let href = format!("{LIST}/{}", account.id);
    let (number, role) = (words::number(&account.id), words::role(&account.settings));
    let (tokens, users, tested) =
        (words::tokens(&account), words::users(&account.status), words::tested(&account.status));
    let advice = (!account.advice.is_empty()).then(|| {
        let lines = account.advice.iter().map(|one| view! { <li>{one.clone()}</li> }).collect_view();
        view! {
            <tr class="advice">
                <td colspan="4">
                    <ul class="advice-list">{lines}</ul>
                </td>
            </tr>
        }
    });
    view! {
        <tbody>
            <tr>
                <Cell label="Account" class="main">
                    <a href=href>{account.settings.name}</a>
                    <span class="under mono">{number}</span>
                    <span class="under">{role}</span>
                </Cell>
                <Cell label="Tokens">{tokens}</Cell>
                <Cell label="IAM users in it">{users}</Cell>
                <Cell label="Last test">{tested}</Cell>
            </tr>
            {advice}
        </tbody>
    }
}

fn built_in(sandbox: SandboxView) -> impl IntoView {
    let off = sandbox.endpoint.is_none();
    let badge = if off {
        view! { <Badge tone=Tone::Quiet shape=Shape::Slash text="Off" /> }
    } else {
        view! { <Badge tone=Tone::Calm shape=Shape::Tick text="Works" /> }
    };
    view! {
        <tbody>
            <tr>
                <Cell label="Account" class="main">
                    <span class="built-in">"Sandbox"</span>
                    <span class="under">
                        {if off { "Built in, switched off by AVIARY_SANDBOX_LISTEN" } else { "Built in: its keys work against Aviary itself, to try things out" }}
                    </span>
                    {sandbox.endpoint.map(|at| view! { <span class="under mono">{at}</span> })}
                </Cell>
                <Cell label="Tokens">{plural(sandbox.tokens, "token", "tokens")}</Cell>
                <Cell label="IAM users in it" class="blank">
                    <span class="faint">"no limit"</span>
                </Cell>
                <Cell label="Last test">
                    {badge} <span class="under">"needs no test"</span>
                </Cell>
            </tr>
        </tbody>
    }
}

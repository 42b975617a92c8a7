//! All tokens.

mod filters;

use self::filters::{Filters, States};
use super::{armed_words::ProofLine, facts::Labels};
use crate::{
    api::{
        accounts::list_latest_runs,
        people::list_teams,
        tokens::{count_tokens, list_tokens},
        viewer,
    },
    islands::live::Live,
    model::{
        drill::LatestRun,
        list::Page,
        token::{Token, TokenCounts, TokenQuery, TokenSort, TokenState},
        viewer::Act,
    },
    parts::{
        badge::TokenBadge,
        empty::Empty,
        head::{PageHead, plural},
        icon::{Icon, Sign},
        load::{cursor, load, query},
        pager::Pager,
        panel::Panel,
        table::{Cell, Table},
        when::{When, WhenOr},
    },
};
use leptos::prelude::*;

/// The tokens that the viewer may see, searched, filtered and sorted by the address.
#[component]
pub fn Tokens() -> impl IntoView {
    let asked = TokenQuery {
        q: query("q"),
        state: TokenState::parse(&query("state")),
        team: query("team"),
        label: query("label"),
        account: query("account"),
        proven: proven(&query("proven")),
        sort: TokenSort::parse(&query("sort")).unwrap_or_default(),
        after: cursor(),
        ..TokenQuery::default()
    };
    let may_mint = viewer().is_some_and(|viewer| viewer.may_somewhere(Act::Mint));
    let first_page = asked.after.is_none();
    let data = {
        let asked = asked.clone();
        async move {
            let counts = count_tokens(TokenQuery::default()).await?;
            let fitting = if asked.narrows() { count_tokens(asked.clone()).await? } else { counts.clone() };
            let teams = list_teams().await?;
            let page = list_tokens(asked).await?;
            let runs = list_latest_runs(page.items.iter().map(|token| token.id.clone()).collect()).await?;
            Ok((counts, fitting, teams, page, runs))
        }
    };
    load(data, move |(counts, fitting, teams, page, runs)| {
        let lead = lead(&counts).into_any();
        view! {
            <PageHead title="Tokens" lead live="lead">
                {first_page.then(|| view! { <Live token=None /> })}
                {may_mint
                    .then(|| {
                        view! {
                            <a class="button" href="/tokens/adopt">
                                "Adopt a key"
                            </a>
                            <a class="button primary" href="/tokens/new">
                                <Icon sign=Sign::Plus />
                                "New token"
                            </a>
                        }
                    })}
            </PageHead>
            {if counts.total == 0 {
                none_yet(may_mint).into_any()
            } else {
                view! {
                    <States counts=fitting chosen=asked.state />
                    <Filters asked=asked.clone() teams />
                    <List page runs />
                }
                    .into_any()
            }}
        }
    })
}

/// `yes`, `no`, or whatever else for both.
fn proven(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The page's answer in one sentence.
fn lead(counts: &TokenCounts) -> impl IntoView + use<> {
    let of = |state| counts.of(state);
    let tripped = of(TokenState::Triggered) + of(TokenState::Exposed);
    let over = of(TokenState::Expired) + of(TokenState::Revoked);
    let watched = counts.total - over;
    let unproven = of(TokenState::Arming);
    if counts.total == 0 {
        return "No token is planted yet.".into_any();
    }
    let tripped = match tripped {
        0 => view! { "none was ever used" }.into_any(),
        1 => view! { <strong class="hit-ink">"1 was used"</strong> }.into_any(),
        n => view! { <strong class="hit-ink">{n} " were used"</strong> }.into_any(),
    };
    let unproven = match unproven {
        0 => ().into_any(),
        1 => view! { ", " <strong>"1"</strong> " is not proven armed" }.into_any(),
        n => view! { ", " <strong>{n}</strong> " are not proven armed" }.into_any(),
    };
    view! {
        <strong>{plural(watched, "token", "tokens")}</strong>
        {if watched == 1 { " is watched: " } else { " are watched: " }}
        {tripped}
        {unproven}
        "."
    }
    .into_any()
}

fn none_yet(may_mint: bool) -> impl IntoView {
    view! {
        <Panel title="How it works">
            <Empty sign=Sign::Key title="Plant your first token">
                <p>
                    "A token is a real-looking AWS key that grants nothing. Put it where only an intruder would look; when somebody uses it, you see who, from where and with what."
                </p>
                {if may_mint {
                    view! {
                        <p class="empty-actions">
                            <a class="button primary" href="/tokens/new">
                                "New token"
                            </a>
                            <a class="button" href="/tokens/adopt">
                                "Adopt a key made elsewhere"
                            </a>
                        </p>
                    }
                        .into_any()
                } else {
                    view! { <p>"Your role can see tokens. Ask an admin if you should also make them."</p> }.into_any()
                }}
            </Empty>
        </Panel>
    }
}

#[component]
fn List(page: Page<Token>, runs: Vec<LatestRun>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <section class="panel">
                <Empty sign=Sign::Search title="No token fits">
                    <p>"Every word of the search must occur in the key id, user, owner, location, notes or labels."</p>
                    <p class="empty-actions">
                        <a class="button" href="/tokens">
                            "Show all tokens"
                        </a>
                    </p>
                </Empty>
            </section>
        }
        .into_any();
    }
    let rows = page.items.into_iter().map(|token| row(token, &runs)).collect_view();
    let heads = vec!["Token", "State", "Owner", "Expires", "Last hit", "Hits"];
    view! {
        <section class="panel tokens" aria-label="Tokens" data-live="list">
            <Table caption="Tokens" heads live="tokens">
                {rows}
            </Table>
        </section>
        <Pager next=page.next />
    }
    .into_any()
}

fn row(token: Token, runs: &[LatestRun]) -> impl IntoView + use<> {
    let over = matches!(token.state, TokenState::Expired | TokenState::Revoked);
    let off = !token.key_active && !over;
    let hit = token.hit_count > 0;
    let id = format!("token-{}", token.id);
    let href = format!("/tokens/{}", token.id);
    let run = runs.iter().find(|run| run.token_id == token.id).cloned();
    let proof = view! { <ProofLine token=token.clone() run /> };
    view! {
        <tr id=id class=over.then_some("over")>
            <Cell label="Token" class="main">
                <a href=href>{token.location}</a>
                <span class="under-row">
                    <span class="under mono">{token.access_key_id}</span>
                    {(!token.labels.is_empty()).then(|| view! { <Labels labels=token.labels /> })}
                </span>
            </Cell>
            <Cell label="State">
                <TokenBadge state=token.state />
                {proof}
                {off.then(|| view! { <span class="under">"key disabled"</span> })}
            </Cell>
            <Cell label="Owner">
                <span>{token.owner}</span>
                <span class="under">{token.team}</span>
            </Cell>
            <Cell label="Expires">
                <WhenOr at=token.expires_at never="never" />
            </Cell>
            <Cell label="Last hit" class=if hit { "" } else { "blank" }>
                {match token.last_hit_at {
                    Some(at) => view! { <When at /> }.into_any(),
                    None => view! { <span class="faint">"none"</span> }.into_any(),
                }}
            </Cell>
            <Cell label="Hits" class=if hit { "num" } else { "num blank" }>
                <span class=if hit { "hit-ink" } else { "faint" }>{token.hit_count}</span>
            </Cell>
        </tr>
    }
}

//! What narrows the list of tokens down.

use crate::{
    islands::auto_submit::AutoSubmit,
    model::{
        person::Team,
        token::{TokenCounts, TokenQuery, TokenSort, TokenState},
    },
    parts::{
        badge::token_state_text,
        load::here_with,
        tabs::{Tab, Tabs},
    },
};
use leptos::prelude::*;

/// How many of those that fit the search are in each state, each a filter.
#[component]
pub fn States(
    /// How many fit.
    counts: TokenCounts,
    /// The state that is chosen.
    chosen: Option<TokenState>,
) -> impl IntoView {
    let mut tabs = vec![Tab::new(here_with(&[("state", "")]), "All", chosen.is_none()).with(counts.total)];
    for state in TokenState::ALL {
        let count = counts.of(state);
        let here = chosen == Some(state);
        if count > 0 || here {
            tabs.push(Tab::new(here_with(&[("state", state.word())]), token_state_text(state), here).with(count));
        }
    }
    view! { <Tabs label="State" tabs /> }
}

/// The search, the other filters and the order.
#[component]
pub fn Filters(
    /// What is chosen now.
    asked: TokenQuery,
    /// The teams to choose from.
    teams: Vec<Team>,
) -> impl IntoView {
    let filtered = asked.narrows();
    let teams = (teams.len() > 1).then(|| {
        let options = teams
            .into_iter()
            .map(|team| {
                let here = team.name == asked.team;
                view! {
                    <option value=team.name.clone() selected=here>
                        {team.name.clone()}
                    </option>
                }
            })
            .collect_view();
        view! {
            <label>
                "Team"
                <select name="team">
                    <option value="">"All teams"</option>
                    {options}
                </select>
            </label>
        }
    });
    let sorts = [
        (TokenSort::Created, "Newest first"),
        (TokenSort::LastHit, "Latest hit first"),
        (TokenSort::Expires, "Soonest expiry first"),
    ];
    let sorts = sorts
        .into_iter()
        .map(|(sort, text)| {
            let here = sort == asked.sort;
            view! {
                <option value=sort.word() selected=here>
                    {text}
                </option>
            }
        })
        .collect_view();
    let proofs =
        [("", None, "Any"), ("yes", Some(true), "Proven by a drill"), ("no", Some(false), "Not proven by a drill")]
            .into_iter()
            .map(|(value, proven, text)| {
                view! {
                    <option value=value selected=proven == asked.proven>
                        {text}
                    </option>
                }
            })
            .collect_view();
    view! {
        <form id="filters" class="filters" method="get" action="/tokens" role="search" aria-label="Tokens">
            <AutoSubmit form="filters".to_owned() />
            {asked.state.map(|state| view! { <input type="hidden" name="state" value=state.word() /> })}
            <label class="grow">
                "Search"
                <input type="search" name="q" value=asked.q placeholder="Key id, user, owner, location, notes" />
            </label>
            {teams}
            <label>
                "Label" <input name="label" value=asked.label placeholder="any" autocomplete="off" size="10" />
            </label>
            {(!asked.account.is_empty())
                .then(|| {
                    view! {
                        <label>
                            "Account" <input name="account" value=asked.account autocomplete="off" size="13" />
                        </label>
                    }
                })}
            <label>
                "Proof"
                <select name="proven">{proofs}</select>
            </label>
            <label>
                "Order"
                <select name="sort">{sorts}</select>
            </label>
            <button class="button">"Filter"</button>
            {filtered
                .then(|| {
                    view! {
                        <a class="button quiet" href=here_with(&[("q", ""), ("team", ""), ("label", ""), ("account", ""), ("proven", "")])>
                            "Clear"
                        </a>
                    }
                })}
        </form>
    }
}

//! Settings: one's own account, and for admins people, teams, API keys and the audit log.

pub mod account;
pub mod accounts;
pub mod api_keys;
pub mod audit;
mod may;
pub mod people;
pub mod providers;
mod quiet;
mod sessions;
pub mod teams;

use crate::{
    api::viewer,
    model::viewer::{Act, Role},
    parts::{
        form::Item,
        head::PageHead,
        load::path,
        tabs::{Tab, Tabs},
    },
};
use leptos::prelude::*;

/// Whether the viewer manages the installation: its people, teams and API keys.
fn manages() -> bool {
    viewer().is_some_and(|viewer| viewer.may(Act::ManagePeople, None))
}

/// The top of each settings page: its name and sentence, and the way to the others that the viewer may see.
#[component]
fn SettingsHead(
    /// What the page is called.
    title: &'static str,
    /// What the page says in one sentence.
    lead: AnyView,
    /// What can be done here.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let here = path();
    let tab = |href: &'static str, text| Tab::new(href, text, here == href);
    let mut tabs = vec![tab("/settings", "Account")];
    if manages() {
        tabs.push(tab("/settings/people", "People"));
        tabs.push(tab("/settings/teams", "Teams"));
        tabs.push(tab("/settings/api-keys", "API keys"));
        tabs.push(tab("/settings/providers", "Sign-in"));
        tabs.push(tab("/settings/accounts", "AWS accounts"));
        tabs.push(tab("/settings/audit", "Audit"));
    } else {
        tabs.push(tab("/settings/teams", "Teams"));
    }
    let crumbs = vec![("/settings".to_owned(), "Settings".to_owned())];
    let head = match actions {
        Some(actions) => view! { <PageHead title lead crumbs>{actions}</PageHead> },
        None => view! { <PageHead title lead crumbs /> },
    };
    view! {
        {head}
        <Tabs label="Settings" tabs />
    }
}

/// The name of a role for people.
fn role_text(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Placer => "Placer",
        Role::Reviewer => "Reviewer",
        Role::Admin => "Admin",
        Role::Ingest => "Ingest",
    }
}

/// Roles to choose from, each with what it means.
fn role_items(roles: &[Role]) -> Vec<Item> {
    roles.iter().map(|role| Item::new(role.word(), role_text(*role)).says(role.meaning())).collect()
}

/// The roles that people can have, to choose from by their names alone.
fn role_names() -> Vec<Item> {
    Role::PEOPLE.iter().map(|role| Item::new(role.word(), role_text(*role))).collect()
}

/// Where a role holds: a team, or everywhere.
fn reach_text(team: Option<&str>) -> String {
    team.map_or_else(|| "Whole installation".to_owned(), |team| format!("Team {team}"))
}

/// Teams to choose from, after the whole installation.
fn reach_items(teams: &[crate::model::person::Team]) -> Vec<Item> {
    let mut items = vec![Item::new("", "Whole installation")];
    items.extend(teams.iter().map(|team| Item::new(team.name.clone(), format!("Team {}", team.name))));
    items
}

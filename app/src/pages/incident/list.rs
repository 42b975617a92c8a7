//! `/incidents`: what somebody has to look at, what is being looked at, and what was closed.

use crate::{
    api::hits::list_incidents,
    islands::live::Live,
    model::{
        fault::Fault,
        incident::{Incident, IncidentQuery, IncidentState},
        list::Page,
    },
    parts::{
        badge::IncidentBadge,
        empty::Empty,
        head::PageHead,
        icon::Sign,
        load::{cursor, here_with, load, query},
        pager::Pager,
        panel::Panel,
        table::{Cell, Table},
        tabs::{Tab, Tabs},
        when::When,
    },
};
use leptos::prelude::*;

/// What the tabs choose from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Open and acknowledged ones, each under a heading: what is still to be done.
    Unresolved,
    /// Those in one state.
    One(IncidentState),
    /// All, latest first.
    All,
}

impl Choice {
    const ALL: [Self; 5] = [
        Self::Unresolved,
        Self::One(IncidentState::Open),
        Self::One(IncidentState::Acknowledged),
        Self::One(IncidentState::Resolved),
        Self::All,
    ];

    fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|choice| choice.word() == word).unwrap_or(Self::Unresolved)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Unresolved => "",
            Self::One(state) => state.word(),
            Self::All => "all",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Unresolved => "To do",
            Self::One(IncidentState::Open) => "Open",
            Self::One(IncidentState::Acknowledged) => "Acknowledged",
            Self::One(IncidentState::Resolved) => "Resolved",
            Self::All => "All",
        }
    }
}

/// What was found for a choice.
enum Found {
    Unresolved { open: Page<Incident>, acknowledged: Page<Incident> },
    One(Page<Incident>),
}

/// Incidents that the viewer may see.
#[component]
pub fn Incidents() -> impl IntoView {
    let choice = Choice::parse(&query("state"));
    let after = cursor();
    let tabs = Choice::ALL
        .into_iter()
        .map(|tab| Tab::new(here_with(&[("state", tab.word())]), tab.text(), tab == choice))
        .collect();
    load(find(choice, after), move |found| {
        let lead = lead(choice, &found).into_any();
        view! {
            <PageHead title="Incidents" lead live="lead">
                <Live token=None />
            </PageHead>
            <Tabs label="State" tabs />
            <div class="stack" data-live="incidents">
                {match found {
                    Found::Unresolved { open, acknowledged } => unresolved(open, acknowledged).into_any(),
                    Found::One(page) => one(choice, page).into_any(),
                }}
            </div>
        }
    })
}

async fn find(choice: Choice, after: Option<String>) -> Result<Found, Fault> {
    let ask = |state, after| list_incidents(IncidentQuery { state, after, ..IncidentQuery::default() });
    Ok(match choice {
        Choice::Unresolved => Found::Unresolved {
            open: ask(Some(IncidentState::Open), None).await?,
            acknowledged: ask(Some(IncidentState::Acknowledged), None).await?,
        },
        Choice::One(state) => Found::One(ask(Some(state), after).await?),
        Choice::All => Found::One(ask(None, after).await?),
    })
}

/// How many there are, as far as this page knows: `50+` where the list goes on.
fn counted(page: &Page<Incident>) -> String {
    let more = if page.next.is_some() { "+" } else { "" };
    format!("{}{more}", page.items.len())
}

fn lead(choice: Choice, found: &Found) -> impl IntoView + use<> {
    match (choice, found) {
        (_, Found::Unresolved { open, acknowledged }) => {
            let (waiting, on_it) = (counted(open), counted(acknowledged));
            match (open.items.len(), acknowledged.items.len()) {
                (0, 0) => "No incident needs anybody.".into_any(),
                (0, _) => view! { "None waits; somebody is on " <strong>{on_it}</strong> "." }.into_any(),
                (open, acknowledged) => {
                    let verb = if open == 1 { " incident waits" } else { " incidents wait" };
                    let more =
                        (acknowledged > 0).then(|| view! { " Somebody is on " <strong>{on_it}</strong> " more." });
                    view! {
                        <strong class="hit-ink">{waiting} {verb}</strong>
                        " for somebody to look."
                        {more}
                    }
                    .into_any()
                }
            }
        }
        (Choice::One(IncidentState::Open), _) => "Nobody has looked at these yet.".into_any(),
        (Choice::One(IncidentState::Acknowledged), _) => "Somebody is on these.".into_any(),
        (Choice::One(IncidentState::Resolved), _) => {
            "These are closed. A new hit on the same token opens a new incident.".into_any()
        }
        _ => "Every incident, the latest first.".into_any(),
    }
}

fn unresolved(open: Page<Incident>, acknowledged: Page<Incident>) -> impl IntoView {
    if open.items.is_empty() && acknowledged.items.is_empty() {
        return view! {
            <Empty sign=Sign::Bolt title="Nothing to do">
                <p>"A hit on a token opens an incident here, and the alert that goes out links to it."</p>
                <p class="empty-actions">
                    <a class="button" href="/incidents?state=resolved">
                        "See what was resolved"
                    </a>
                    <a class="button" href="/destinations">
                        "See where alerts go"
                    </a>
                </p>
            </Empty>
        }
        .into_any();
    }
    let part = |title: &'static str, says: &'static str, state: IncidentState, page: Page<Incident>| {
        (!page.items.is_empty()).then(|| {
            let all = page
                .next
                .is_some()
                .then(|| view! { <a href=format!("/incidents?state={}", state.word())>"Show all"</a> }.into_any());
            view! {
                <Panel title says actions=all.unwrap_or_else(|| ().into_any())>
                    {table(title, page.items, Some(state))}
                </Panel>
            }
        })
    };
    view! {
        {part("Open", "Nobody has looked yet.", IncidentState::Open, open)}
        {part("Acknowledged", "Somebody is on it.", IncidentState::Acknowledged, acknowledged)}
    }
    .into_any()
}

fn one(choice: Choice, page: Page<Incident>) -> impl IntoView {
    if page.items.is_empty() {
        let says = match choice {
            Choice::One(IncidentState::Open) => "No incident waits for somebody.",
            Choice::One(IncidentState::Acknowledged) => "Nobody is working on an incident.",
            Choice::One(IncidentState::Resolved) => "No incident was closed so far.",
            _ => "No token was hit so far.",
        };
        return view! {
            <Empty sign=Sign::Bolt title="None here">
                <p>{says}</p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <section class="panel">{table(choice.text(), page.items, None)}</section>
        <Pager next=page.next />
    }
    .into_any()
}

/// Incidents as a table. `of` says that all of them are in that state, which then needs no column.
fn table(caption: &'static str, incidents: Vec<Incident>, of: Option<IncidentState>) -> impl IntoView {
    let mut heads = vec!["Token", "Hits", "First hit", "Last hit"];
    if of.is_none() {
        heads.insert(1, "State");
    }
    if of != Some(IncidentState::Open) {
        heads.push("Who");
    }
    view! {
        <Table caption heads>
            {incidents.into_iter().map(|incident| row(incident, of)).collect_view()}
        </Table>
    }
}

fn row(incident: Incident, of: Option<IncidentState>) -> impl IntoView {
    let Incident { id, team, location, access_key_id, state, resolution, opened_at, last_hit_at, hit_count, .. } =
        incident;
    let who = match state {
        IncidentState::Open => None,
        IncidentState::Acknowledged => incident.acknowledged_by,
        IncidentState::Resolved => incident.resolved_by,
    };
    let state = of.is_none().then(|| {
        let resolution = resolution.map(|resolution| view! { <span class="under">{resolution.text()}</span> });
        view! {
            <Cell label="State">
                <IncidentBadge state />
                {resolution}
            </Cell>
        }
    });
    let who = (of != Some(IncidentState::Open)).then(|| {
        let who = who.unwrap_or_else(|| "nobody yet".to_owned());
        view! { <Cell label="Who" class="who">{who}</Cell> }
    });
    let href = format!("/incidents/{id}");
    view! {
        <tr id=format!("incident-{id}")>
            <Cell label="Token" class="main">
                <a href=href>{location}</a>
                <span class="under">
                    <span class="mono">{access_key_id}</span>
                    " · "
                    {team}
                </span>
            </Cell>
            {state}
            <Cell label="Hits" class="num">
                {hit_count}
            </Cell>
            <Cell label="First hit">
                <When at=opened_at />
            </Cell>
            <Cell label="Last hit">
                <When at=last_hit_at />
            </Cell>
            {who}
        </tr>
    }
}

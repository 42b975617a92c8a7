//! `/settings/teams`: the teams, and how much each has.

use super::{SettingsHead, manages};
use crate::{
    api::people::list_teams,
    model::person::Team,
    parts::{
        empty::Empty,
        form::{FormFault, Submit, TextField, Typed},
        head::plural,
        icon::Sign,
        load::load,
        panel::Panel,
        table::{Cell, Table},
    },
};
use leptos::prelude::*;

/// Teams that the viewer belongs to, or all of them.
#[component]
pub fn Teams() -> impl IntoView {
    let form = Typed::here();
    let manages = manages();
    load(list_teams(), move |teams| {
        let count = i64::try_from(teams.len()).unwrap_or(i64::MAX);
        let lead = match (manages, teams.len()) {
            (true, _) => {
                format!("{} this console; each sees its own tokens.", plural(count, "team shares", "teams share"))
            }
            (false, 0) => "You are in no team yet.".to_owned(),
            (false, _) => format!("You see the tokens of {}.", plural(count, "team", "teams")),
        };
        view! {
            <SettingsHead title="Teams" lead=lead.into_any() />
            {if teams.is_empty() {
                view! {
                    <Empty sign=Sign::Key title="No team">
                        <p>"Tokens belong to teams. An admin of the installation makes them and puts people into them."</p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <section class="panel">
                        <Table caption="Teams" heads=vec!["Team", "Tokens", "People"]>
                            {teams.into_iter().map(row).collect_view()}
                        </Table>
                    </section>
                }
                    .into_any()
            }}
            {manages
                .then(|| {
                    view! {
                        <Panel title="New team" says="A team owns tokens; others cannot see them.">
                            <form class="form pad" method="post" action="/settings/teams/new">
                                <FormFault form=form.clone() />
                                <TextField form=form name="name" label="Name" placeholder="Payments" />
                                <Submit text="Make the team" />
                            </form>
                        </Panel>
                    }
                })}
        }
    })
}

fn row(team: Team) -> impl IntoView {
    let mut address = leptos_router::params::ParamsMap::new();
    address.insert("team", team.name.clone());
    view! {
        <tr>
            <Cell label="Team" class="main">
                <a href=format!("/tokens{}", address.to_query_string())>{team.name}</a>
            </Cell>
            <Cell label="Tokens" class="num">
                {team.tokens}
            </Cell>
            <Cell label="People" class="num">
                {team.people}
            </Cell>
        </tr>
    }
}

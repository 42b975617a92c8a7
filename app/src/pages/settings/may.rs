//! Who may do what: the table of the model, for people to read.

use super::role_text;
use crate::{
    model::viewer::{Act, Place, Role},
    parts::{
        form::capital,
        panel::Panel,
        table::{Cell, Table},
    },
};
use leptos::prelude::*;

/// The table of acts and roles, each act with the scope that a key needs for it.
#[component]
pub fn RightsTable() -> impl IntoView {
    let mut heads = vec!["Act"];
    heads.extend(Role::PEOPLE.map(role_text));
    heads.push("Scope of API keys");
    view! {
        <Panel
            title="What each role may do"
            says="A role holds in one team or in the whole installation. Somebody without a role sees nothing."
        >
            <Table caption="What each role may do" heads>
                {Act::ALL.iter().copied().map(row).collect_view()}
            </Table>
        </Panel>
    }
}

fn row(act: Act) -> impl IntoView {
    let of = act.row();
    let marks = Role::PEOPLE
        .map(|role| {
            let allowed = role.allows(act);
            view! {
                <Cell label=role_text(role)>
                    {if allowed { "yes".into_any() } else { view! { <span class="faint">"no"</span> }.into_any() }}
                </Cell>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <tr>
            <Cell label="Act" class="main">
                {capital(of.says)}
                {(of.place == Place::House).then(|| view! { <span class="under faint">"Whole installation only"</span> })}
            </Cell>
            {marks}
            <Cell label="Scope of API keys">
                <span class="mono">{of.scope.word()}</span>
            </Cell>
        </tr>
    }
}

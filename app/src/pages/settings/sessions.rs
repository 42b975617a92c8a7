//! Where somebody is signed in, on one's own account page.

use crate::{
    api::desk,
    model::{agent, entry::SessionView, viewer::Via},
    parts::{
        badge::{Badge, Shape, Tone},
        button::PostButton,
        panel::Panel,
        table::{Cell, Table},
        when::When,
    },
};
use leptos::prelude::*;

/// Every session of the viewer, and the buttons that end them.
pub fn sessions(sessions: Vec<SessionView>) -> impl IntoView {
    let here = desk().ok().and_then(|desk| desk.session);
    let is_here = |session: &SessionView| here.as_deref() == Some(session.id.as_str());
    let elsewhere = sessions.iter().any(|session| !is_here(session));
    let rows = sessions.into_iter().map(|session| {
        let this = is_here(&session);
        row(session, this)
    });
    let rows = rows.collect_view();
    let actions = if elsewhere {
        view! { <PostButton action="/settings/sessions/end-others" text="Sign out everywhere else" /> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <Panel
            title="Where you are signed in"
            says="A place that you do not know? End it, and change your password."
            actions
        >
            <Table caption="Where you are signed in" heads=vec!["Browser", "By", "Since", "Last used", ""]>
                {rows}
            </Table>
        </Panel>
    }
}

fn row(session: SessionView, this: bool) -> impl IntoView {
    let SessionView { id, via, address, agent, since, seen_at } = session;
    let browser = agent::words(agent.as_deref().unwrap_or_default());
    let end = if this {
        view! { <Badge tone=Tone::Calm shape=Shape::Dot text="This one" /> }.into_any()
    } else {
        view! {
            <PostButton
                action=format!("/settings/sessions/{id}/end")
                text="End"
                class="small"
                label=format!("End the session of {browser}")
            />
        }
        .into_any()
    };
    view! {
        <tr>
            <Cell label="Browser" class="main">
                <span title=agent>{browser}</span>
                <span class="under mono">{address}</span>
            </Cell>
            <Cell label="By">{how(via)}</Cell>
            <Cell label="Since">
                <When at=since />
            </Cell>
            <Cell label="Last used">
                <When at=seen_at />
            </Cell>
            <Cell label="">{end}</Cell>
        </tr>
    }
}

/// How somebody came in, for people.
fn how(via: Via) -> &'static str {
    match via {
        Via::Password => "Password",
        Via::Passkey => "Passkey",
        Via::Provider => "Provider",
        Via::Link => "One-time link",
    }
}

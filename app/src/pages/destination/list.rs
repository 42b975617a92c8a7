//! `/destinations`: where alerts go, and whether they arrive.

use super::words;
use crate::{
    api::alerts::{list_destinations, list_subscriptions},
    model::{
        alert::{Destination, Subscription},
        fault::Fault,
    },
    parts::{
        badge::DestinationBadge,
        empty::Empty,
        head::PageHead,
        icon::{Icon, Sign},
        load::load,
        table::{Cell, Table},
        tabs::{Tab, Tabs},
    },
};
use leptos::prelude::*;

/// The two lists about alerts: where they go, and how each one went.
pub fn alert_tabs(deliveries: bool) -> impl IntoView {
    let tabs =
        vec![Tab::new("/destinations", "Destinations", !deliveries), Tab::new("/deliveries", "Deliveries", deliveries)];
    view! { <Tabs label="Alerts" tabs /> }
}

/// Destinations that the viewer may see.
#[component]
pub fn Destinations() -> impl IntoView {
    load(find(), |(destinations, subscriptions)| {
        let lead = words::sentence(&destinations).into_any();
        let any = !destinations.is_empty();
        view! {
            <PageHead title="Destinations" lead>
                {any
                    .then(|| {
                        view! {
                            <a class="button primary" href="/destinations/new">
                                <Icon sign=Sign::Plus />
                                "New destination"
                            </a>
                        }
                    })}
            </PageHead>
            {alert_tabs(false)}
            {if !any {
                view! {
                    <Empty sign=Sign::Send title="Alerts have nowhere to go">
                        <p>
                            "Add a mailbox or a webhook. Its owner confirms it once, and from then on it can hear about a token, a team, or everything."
                        </p>
                        <p class="empty-actions">
                            <a class="button primary" href="/destinations/new">
                                "Add the first destination"
                            </a>
                        </p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <section class="panel">
                        <Table caption="Destinations" heads=vec!["Destination", "State", "Hears about", "Belongs to"]>
                            {destinations
                                .into_iter()
                                .map(|destination| row(destination, &subscriptions))
                                .collect_view()}
                        </Table>
                    </section>
                }
                    .into_any()
            }}
        }
    })
}

async fn find() -> Result<(Vec<Destination>, Vec<Subscription>), Fault> {
    Ok((list_destinations().await?, list_subscriptions(None, None).await?))
}

fn row(destination: Destination, subscriptions: &[Subscription]) -> impl IntoView + use<> {
    let its: Vec<&Subscription> = subscriptions.iter().filter(|s| s.destination_id == destination.id).collect();
    let hears = words::hears(&its);
    let sign = words::sign(destination.kind);
    let hears = if its.is_empty() { view! { <span class="faint">{hears}</span> }.into_any() } else { hears.into_any() };
    let Destination { id, kind, name, address, state, team, created_by, last_error, .. } = destination;
    view! {
        <tr>
            <Cell label="Destination" class="main">
                <a href=format!("/destinations/{id}")>{name}</a>
                <span class="under address">
                    <Icon sign />
                    <span class="unseen">{words::kind(kind)} " "</span>
                    <span class="mono">{address}</span>
                </span>
            </Cell>
            <Cell label="State">
                <DestinationBadge state />
                {last_error.map(|error| view! { <span class="under">{error}</span> })}
            </Cell>
            <Cell label="Hears about">
                {hears}
            </Cell>
            <Cell label="Belongs to" class="who">
                {team.map_or(created_by, |team| format!("Team {team}"))}
            </Cell>
        </tr>
    }
}

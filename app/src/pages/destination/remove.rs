//! `/destinations/:id/remove`: says what will happen, and asks.

use super::words;
use crate::{
    api::alerts::{get_destination, list_subscriptions},
    model::{
        alert::{Destination, Subscription},
        fault::Fault,
        ids::DestinationId,
    },
    parts::{
        form::{FormFault, Submit, Typed},
        head::PageHead,
        load::{load, param},
    },
};
use leptos::prelude::*;

/// Asks whether a destination shall go.
#[component]
pub fn RemoveDestination() -> impl IntoView {
    let form = Typed::here();
    load(find(DestinationId::from(param("id"))), move |(destination, subscriptions)| {
        let here = format!("/destinations/{}", destination.id);
        let hears = words::hears(&subscriptions.iter().collect::<Vec<_>>());
        let count = subscriptions.len();
        view! {
            <PageHead
                title="Remove this destination?"
                crumbs=vec![
                    ("/destinations".to_owned(), "Destinations".to_owned()),
                    (here.clone(), destination.name.clone()),
                ]
            />
            <section class="panel pad ask">
                <FormFault form />
                <p>
                    "Nothing more will be sent to " <strong>{destination.name}</strong> " ("
                    <span class="mono">{destination.address}</span> ")."
                </p>
                {if count == 0 {
                    view! { <p>"It hears about nothing at the moment, so no alert is lost."</p> }.into_any()
                } else {
                    view! {
                        <p>
                            {if count == 1 { "Its subscription ends: " } else { "Its subscriptions end: " }}
                            <strong>{hears}</strong>
                            ". Make sure that somebody else still hears about that."
                        </p>
                    }
                        .into_any()
                }}
                <form method="post" action=format!("{here}/remove")>
                    <Submit text="Remove destination" class="danger" cancel=here.clone() />
                </form>
            </section>
        }
    })
}

async fn find(id: DestinationId) -> Result<(Destination, Vec<Subscription>), Fault> {
    let destination = get_destination(id.clone()).await?;
    if !destination.mine {
        return Err(Fault::only_of(&destination.created_by));
    }
    Ok((destination, list_subscriptions(Some(id), None).await?))
}

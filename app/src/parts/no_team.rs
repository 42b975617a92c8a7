//! What somebody sees who has no role yet: whom to ask.

use super::{
    head::PageHead,
    icon::{Icon, Sign},
    lines::{Line, Lines},
    load::{load, path, set_status},
    panel::Panel,
};
use crate::api::people::whom_to_ask;
use leptos::prelude::*;

/// In place of every page but one's own account. The first page is where one lands after signing in, and not refused.
#[component]
pub fn NoTeam() -> impl IntoView {
    let refused = path() != "/";
    load(whom_to_ask(), move |admins| {
        if refused {
            set_status(403);
        }
        let known = !admins.is_empty();
        let rows = admins
            .into_iter()
            .map(|email| {
                let name = view! { <a href=format!("mailto:{email}")>{email.clone()}</a> }.into_any();
                view! { <Line name /> }
            })
            .collect_view();
        view! {
            <PageHead
                title="You are in no team yet"
                lead="You are signed in. Tokens, hits and alerts belong to teams, and nobody has put you into one so far.".into_any()
            />
            {if known {
                view! {
                    <Panel title="Whom to ask" says="An admin gives you a role under Settings, People. It holds at once.">
                        <Lines>{rows}</Lines>
                    </Panel>
                }
                    .into_any()
            } else {
                view! {
                    <section class="empty">
                        <Icon sign=Sign::Mail />
                        <p>"Ask whoever runs this console for a role."</p>
                    </section>
                }
                    .into_any()
            }}
        }
    })
}

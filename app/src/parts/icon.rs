//! Line icons, drawn for a 16-unit square and inlined, so that nothing is fetched for them.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The overview: a gauge.
    Overview,
    /// Tokens: a key.
    Key,
    /// Incidents: a bolt.
    Bolt,
    /// Destinations: a paper plane.
    Send,
    /// Health: a pulse.
    Pulse,
    /// Settings: sliders.
    Sliders,
    /// Something is wrong: a triangle with a mark.
    Alert,
    /// Done: a tick in a ring.
    Done,
    /// More of something: a plus.
    Plus,
    /// Taking along: an arrow onto a line.
    Download,
    /// Looking for something: a lens.
    Search,
    /// Going back: an arrow to the left.
    Back,
    /// Mail: an envelope.
    Mail,
    /// A webhook: two brackets.
    Hook,
    /// A chat: a speech bubble.
    Chat,
    /// Leaving: a door with an arrow.
    Leave,
}

/// A line icon. It is decoration: the words beside it say the same.
#[component]
pub fn Icon(
    /// What it shows.
    sign: Sign,
) -> impl IntoView {
    let path = match sign {
        Sign::Overview => "M2.2 12.5a6.3 6.3 0 1 1 11.6 0M8 9.5l3-3.6M8 9.5h.01",
        Sign::Key => "M9.6 6.4a3.4 3.4 0 1 0-1.2 2.6l1.2 1.2h1.6v1.6h1.6V13h1.7v-2.4L9.3 5.9M5.2 6.2h.01",
        Sign::Bolt => "M8.8 1.8 3.2 9.2h4.2l-.6 5 5.9-7.6H8.3z",
        Sign::Send => "M14 2 1.8 6.6l4.9 2.2M14 2 9.3 14.2 6.7 8.8M14 2 6.7 8.8",
        Sign::Pulse => "M1.5 8.5h3l2-5 3 9 2-4h3",
        Sign::Sliders => "M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14M10.2 2.8v3.4M5.8 9.8v3.4",
        Sign::Alert => "M8 2 1.6 13.4h12.8zM8 6.6v3.2M8 11.6h.01",
        Sign::Done => "M14.2 8A6.2 6.2 0 1 1 8 1.8 6.2 6.2 0 0 1 14.2 8M5.3 8.2l2 2 3.6-4.4",
        Sign::Plus => "M8 3v10M3 8h10",
        Sign::Download => "M8 2.2v7.6M4.8 6.8 8 10l3.2-3.2M2.5 13.3h11",
        Sign::Search => "M11.4 7a4.4 4.4 0 1 1-8.8 0 4.4 4.4 0 0 1 8.8 0M10.4 10.4l3.4 3.4",
        Sign::Back => "M13.5 8h-11M6.8 3.7 2.5 8l4.3 4.3",
        Sign::Mail => "M1.8 3.5h12.4v9H1.8zM2 4l6 4.8L14 4",
        Sign::Hook => "M5.5 3 1.5 8l4 5M10.5 3l4 5-4 5",
        Sign::Chat => "M2 2.8h12v8.4H7.4L4.4 14v-2.8H2zM5 6h6M5 8.4h4",
        Sign::Leave => "M6 2.2H2.8v11.6H6M10.4 4.8 13.6 8l-3.2 3.2M6.4 8h7",
    };
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=path />
        </svg>
    }
}

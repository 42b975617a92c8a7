//! Points in time for people: relative, with the exact UTC beside them.

use crate::{
    api::Desk,
    model::moment::{DAY, HOUR, MINUTE, Moment, SECOND},
};
use leptos::prelude::*;

/// The moment that this page speaks of as "now".
pub fn now() -> Moment {
    use_context::<Desk>().map(|desk| desk.now).unwrap_or_default()
}

/// A point in time: `3 minutes ago`, with the exact UTC on hover and on focus.
#[component]
pub fn When(
    /// The point in time.
    at: Moment,
) -> impl IntoView {
    let said = at.relative(now());
    let exact = at.exact();
    let both = format!("{said}, {exact}");
    view! {
        <time
            class="when"
            datetime=at.rfc3339()
            title=exact.clone()
            data-exact=exact.clone()
            aria-label=both
            tabindex="0"
        >
            {said}
        </time>
    }
}

/// A point in time that may be missing; `never` says what its absence means.
#[component]
pub fn WhenOr(
    /// The point in time.
    at: Option<Moment>,
    /// What its absence means: "never".
    never: &'static str,
) -> impl IntoView {
    match at {
        Some(at) => view! { <When at /> }.into_any(),
        None => view! { <span class="faint">{never}</span> }.into_any(),
    }
}

/// A length of time in few letters: `420 ms`, `3 s`, `12 min`, `5 h`, `9 d`.
pub fn span(milliseconds: i64) -> String {
    let ms = milliseconds.max(0);
    match ms {
        ms if ms < SECOND => format!("{ms} ms"),
        ms if ms < 10 * SECOND => format!("{}.{} s", ms / SECOND, ms % SECOND / 100),
        ms if ms < 2 * MINUTE => format!("{} s", ms / SECOND),
        ms if ms < 2 * HOUR => format!("{} min", ms / MINUTE),
        ms if ms < 2 * DAY => format!("{} h", ms / HOUR),
        ms => format!("{} d", ms / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_in_its_own_unit() {
        assert_eq!(span(-4), "0 ms");
        assert_eq!(span(420), "420 ms");
        assert_eq!(span(3_450), "3.4 s");
        assert_eq!(span(5 * MINUTE), "5 min");
        assert_eq!(span(3 * HOUR), "3 h");
        assert_eq!(span(3 * DAY), "3 d");
    }
}

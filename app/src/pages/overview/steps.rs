//! The first page of an empty house: it teaches the first three steps.

use leptos::prelude::*;

/// What somebody does who has just arrived.
pub fn first_steps(may_mint: bool) -> impl IntoView {
    view! {
        <ol class="steps">
            <li>
                <h2>"Say where alerts go"</h2>
                <p>"A mailbox or a webhook. Nothing is sent there before its owner confirms it."</p>
                <a class="button" href="/destinations/new">
                    "Add a destination"
                </a>
            </li>
            <li>
                <h2>"Make a token"</h2>
                <p>"A real-looking AWS key that grants nothing. Note where you will put it and who looks after that place."</p>
                {if may_mint {
                    view! {
                        <a class="button primary" href="/tokens/new">
                            "New token"
                        </a>
                    }
                        .into_any()
                } else {
                    view! { <p class="hint">"Your role can see tokens. Ask an admin if you should also make them."</p> }
                        .into_any()
                }}
            </li>
            <li>
                <h2>"Plant it, and try it once"</h2>
                <p>"Put it where an intruder would look. A key of the sandbox can be tried with the aws command, right away."</p>
            </li>
        </ol>
    }
}

//! Trying rules out with a token.

use super::{LIST, crumbs_to, id_here, words};
use crate::{
    api::{Reply, providers::get_provider},
    model::provider::{TriedRule, TriedToken},
    parts::{
        badge::{Badge, Shape, Tone},
        facts::{Fact, Facts},
        form::{AreaField, FormFault, Submit, Typed},
        head::PageHead,
        lines::{Line, Lines},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form for a token, and what it would do; admins only.
#[component]
pub fn TryProvider() -> impl IntoView {
    let tried = match use_context::<Reply>() {
        Some(Reply::Tried(tried)) => Some(*tried),
        _ => None,
    };
    load(get_provider(id_here()), move |provider| {
        let here = format!("{LIST}/{}", provider.id);
        let action = format!("{here}/try");
        let crumbs = crumbs_to(&provider.id, &provider.settings.name);
        let form = Typed::here();
        view! {
            <PageHead
                title="Try it out"
                lead="What a token of this provider says, which rules fit, and what its person would get. Nobody comes in by it, and nothing of it is kept."
                    .into_any()
                crumbs
            />
            {tried.map(shown)}
            <form class="form" method="post" action=action autocomplete="off">
                <FormFault form=form.clone() labels=&[("id_token", "ID token")] />
                <AreaField
                    form
                    name="id_token"
                    label="ID token"
                    hint="As the provider gives it: three long parts with points between them. Its time may be over."
                    mono=true
                    rows=6
                />
                <Submit text="Look at it" cancel=here />
            </form>
        }
    })
}

fn shown(tried: TriedToken) -> impl IntoView {
    let TriedToken { signature, verified, remarks, claims, rules, gets, door } = tried;
    let badge = if verified {
        view! { <Badge tone=Tone::Calm shape=Shape::Tick text="Signature verified" /> }
    } else {
        view! { <Badge tone=Tone::Loud shape=Shape::Triangle text="Signature not verified" /> }
    };
    let remarks = (!remarks.is_empty()).then(|| {
        let lines = remarks.into_iter().map(|remark| view! { <li>{remark}</li> }).collect_view();
        view! { <ul class="plain-list">{lines}</ul> }
    });
    let gets = if gets.is_empty() { "Nothing".to_owned() } else { gets.join("; ") };
    let claims = claims
        .into_iter()
        .map(|(name, value)| {
            view! { <Line name=view! { <code>{name}</code> }.into_any() says=view! { <span class="mono">{value}</span> }.into_any() /> }
        })
        .collect_view();
    let none = rules.is_empty();
    view! {
        <Panel title="What it would do">
            <Facts>
                <Fact name="Signature">
                    {badge} <span class="under">{signature}</span>
                </Fact>
                <Fact name="At the door">{door}</Fact>
                <Fact name="Roles">{gets}</Fact>
            </Facts>
            {remarks.map(|remarks| view! { <div class="pad">{remarks}</div> })}
        </Panel>
        <Panel title="Rules that fit">
            {if none {
                view! { <p class="pad faint">"There is no rule yet."</p> }.into_any()
            } else {
                view! { <Lines>{rules.into_iter().map(rule).collect_view()}</Lines> }.into_any()
            }}
        </Panel>
        <Panel title="Claims">
            <Lines>{claims}</Lines>
        </Panel>
    }
}

fn rule(tried: TriedRule) -> impl IntoView {
    let name = words::condition(&tried.rule).into_any();
    let says = words::consequence(&tried.rule).into_any();
    let badge = match (tried.fits, tried.decides) {
        (_, true) => view! { <Badge tone=Tone::Calm shape=Shape::Tick text="Fits" /> },
        (true, false) => view! { <Badge tone=Tone::Quiet shape=Shape::Half text="Fits, another decides" /> },
        (false, _) => view! { <Badge tone=Tone::Quiet shape=Shape::Ring text="Does not fit" /> },
    };
    view! {
        <Line name says>
            {badge}
        </Line>
    }
}

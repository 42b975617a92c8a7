//! Minting a token.

use super::{
    fields::{First, HearsFields, LifeFields, PlacementFields},
    minted::Minted,
};
use crate::{
    api::{
        Reply,
        tokens::{MintChoices, get_mint_choices},
    },
    islands::check_form::{CheckForm, Kind},
    model::person::Choice,
    parts::{
        empty::Empty,
        form::{FormFault, Item, SelectField, Submit, Typed},
        head::PageHead,
        icon::{Icon, Sign},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form for a new token; once minted, the key and its secret.
#[component]
pub fn NewToken() -> impl IntoView {
    if let Some(Reply::Token(token)) = use_context::<Reply>() {
        return view! { <Minted minted=*token /> }.into_any();
    }
    load(get_mint_choices(), |choices| {
        view! {
            <PageHead
                title="New token"
                lead="Makes a real access key that grants nothing, and watches it. You get the key once it is made; put it where an intruder would look."
                    .into_any()
                crumbs=vec![("/tokens".to_owned(), "Tokens".to_owned())]
            />
            {if choices.teams.is_empty() {
                view! {
                    <Empty sign=Sign::Key title="You cannot mint in any team">
                        <p>"Ask an admin for the role placer in your team."</p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <div class="sides close">
                        <MintForm choices />
                        <Panel title="What minting does">
                            <ol class="next-steps pad">
                                <li>
                                    <Icon sign=Sign::Key />
                                    <p>"Makes a user of its own with a policy that denies everything, and one access key for it."</p>
                                </li>
                                <li>
                                    <Icon sign=Sign::Download />
                                    <p>"Shows you the secret once, ready to paste or to download."</p>
                                </li>
                                <li>
                                    <Icon sign=Sign::Bolt />
                                    <p>"From then on each use of the key is a hit: who, from where, with what, and what AWS answered."</p>
                                </li>
                                <li>
                                    <Icon sign=Sign::Send />
                                    <p>"The first hit opens an incident, and everybody who hears about the token is told."</p>
                                </li>
                            </ol>
                        </Panel>
                    </div>
                }
                    .into_any()
            }}
        }
    })
}

#[component]
fn MintForm(choices: MintChoices) -> impl IntoView {
    let form = Typed::here();
    let first = First { owner: choices.owner.clone(), expires: "180".to_owned(), ..First::default() };
    let once = form.value("once", "");
    // A refused form keeps its value: it is still the same attempt.
    let once = if once.is_empty() { choices.once.clone() } else { once };
    let placement = view! {
        <WhereTo form=form.clone() choices=choices.clone() />
        <PlacementFields form=form.clone() first=first.clone() />
    };
    let life = view! { <LifeFields form=form.clone() first /> };
    let alerts = view! { <HearsFields form=form.clone() destinations=choices.destinations /> };
    view! {
        <form id="mint" class="form" method="post" action="/tokens/new" novalidate>
            <CheckForm form="mint".to_owned() kind=Kind::Mint />
            <FormFault form />
            <input type="hidden" name="once" value=once />
            <Panel title="Placement">
                <div class="pad stack">{placement}</div>
            </Panel>
            <Panel title="Life">
                <div class="pad stack">{life}</div>
            </Panel>
            <Panel title="Alerts">
                <div class="pad stack">{alerts}</div>
            </Panel>
            <Submit text="Mint token" cancel="/tokens" />
        </form>
    }
}

/// Account and team: asked for only where there is more than one.
#[component]
fn WhereTo(form: Typed, choices: MintChoices) -> impl IntoView {
    let account = match choices.accounts.as_slice() {
        [only] => view! { <input type="hidden" name="account" value=only.id.clone() /> }.into_any(),
        many => {
            let options = many.iter().map(|account| Item::new(account.id.clone(), account.name.clone())).collect();
            view! {
                <SelectField
                    form=form.clone()
                    name="account"
                    label="Account"
                    hint="The AWS account that the key belongs to."
                    options
                />
            }
            .into_any()
        }
    };
    view! {
        {account}
        <TeamField form teams=choices.teams />
    }
}

/// The team that the token will belong to: asked for only where there is more than one.
#[component]
pub fn TeamField(
    /// What was typed and refused.
    form: Typed,
    /// The teams to choose from.
    teams: Vec<Choice>,
) -> impl IntoView {
    match teams.as_slice() {
        [only] => view! { <input type="hidden" name="team" value=only.value.clone() /> }.into_any(),
        many => {
            let options = many.iter().map(|team| Item::new(team.value.clone(), team.text.clone())).collect();
            view! {
                <SelectField
                    form
                    name="team"
                    label="Team"
                    hint="Its people see the token and its hits."
                    options
                />
            }
            .into_any()
        }
    }
}

//! Minting a token.

use super::{
    fields::{First, HearsFields, LABELS, LifeFields, PlacementFields},
    minted::Minted,
};
use crate::{
    api::{
        Reply,
        tokens::{MintChoices, get_mint_choices},
    },
    islands::check_form::{CheckForm, Kind},
    model::{account::Account, person::Choice},
    parts::{
        empty::Empty,
        form::{FormFault, Item, RadioGroup, SelectField, Submit, Typed},
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
            <FormFault form labels=LABELS />
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
    view! {
        <AccountField form=form.clone() accounts=choices.accounts />
        <TeamField form teams=choices.teams />
    }
}

/// Up to so many accounts are shown with a line of explanation each; more are a list that opens.
const EXPLAINED: usize = 6;

#[component]
fn AccountField(form: Typed, accounts: Vec<Account>) -> impl IntoView {
    let first = accounts.first().map(|account| account.id.clone()).unwrap_or_default();
    match accounts.as_slice() {
        [only] => view! { <input type="hidden" name="account" value=only.id.clone() /> }.into_any(),
        few if few.len() <= EXPLAINED => {
            let options =
                few.iter().map(|account| Item::new(&account.id, called(account)).says(says(account))).collect();
            view! { <RadioGroup form name="account" legend="Account" value=first options /> }.into_any()
        }
        many => {
            let options = many.iter().map(|account| Item::new(&account.id, called(account))).collect();
            view! {
                <SelectField
                    form
                    name="account"
                    label="Account"
                    hint="The AWS account that the key belongs to. Keys of the sandbox work against Aviary alone."
                    value=first
                    options
                />
            }
            .into_any()
        }
    }
}

fn called(account: &Account) -> String {
    if account.endpoint.is_some() || account.name == account.id {
        account.name.clone()
    } else {
        format!("{} ({})", account.name, account.id)
    }
}

/// What a key of the account is good for.
fn says(account: &Account) -> &'static str {
    if account.endpoint.is_some() {
        "To try things out: the key works against Aviary's own look-alike of AWS and nowhere else."
    } else {
        "For planting: a real key of this AWS account. Aviary uses it once itself, to prove that it is heard."
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

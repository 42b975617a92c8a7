//! `/settings/people`: who can sign in, what each of them may do, and whom to invite.

use super::{SettingsHead, may::RightsTable, reach_items, reach_text, role_items, role_names, role_text, viewer};
use crate::{
    api::{
        Reply,
        people::{list_invites, list_people, list_teams},
    },
    model::{
        fault::Fault,
        ids::PersonId,
        person::{Invite, Membership, Person, Team},
        viewer::Role,
    },
    parts::{
        ask::Ask,
        badge::{Badge, Shape, Tone},
        button::PostButton,
        code::Code,
        form::{FormFault, RadioGroup, SelectField, Submit, TextField, Typed},
        head::plural,
        lines::{Line, Lines},
        load::{load, query},
        panel::Panel,
        when::{When, WhenOr},
    },
};
use leptos::prelude::*;

/// Everybody; admins only.
#[component]
pub fn People() -> impl IntoView {
    let invited = match use_context::<Reply>() {
        Some(Reply::Invited { email, link }) => Some((email, link)),
        _ => None,
    };
    let typed = Typed::here();
    // The page has several forms; only the invitation has an address.
    let (invite_form, other) = if typed.has("email") { (typed, Typed::blank()) } else { (Typed::blank(), typed) };
    // Whose role was to be changed, where that was refused: their part of the page is open, with what was chosen.
    let changing = (query("change"), other.clone());
    let me = viewer().and_then(|viewer| viewer.person().cloned());
    load(find(), move |(people, teams, invites)| {
        let lead = lead(&people, &invites).into_any();
        let rows = people.into_iter().map(|one| person(one, &teams, me.as_ref(), &changing)).collect_view();
        view! {
            <SettingsHead title="People" lead />
            <FormFault form=other />
            {invited
                .map(|(email, link)| {
                    view! {
                        <Panel title="Invited" says="The link is shown this once. It works for one account, for this address.">
                            <div class="pad prose">
                                <p>"Hand this link to " <strong>{email}</strong> ". It was mailed as well, if a mail server is set up."</p>
                                <p class="secret">
                                    <Code text=link.expose().to_owned() what="invitation link" />
                                </p>
                            </div>
                        </Panel>
                    }
                })}
            <Panel title="Accounts">
                <ul class="people">{rows}</ul>
            </Panel>
            {(!invites.is_empty())
                .then(|| {
                    view! {
                        <Panel title="Invited, not here yet">
                            <Lines>{invites.into_iter().map(waiting).collect_view()}</Lines>
                        </Panel>
                    }
                })}
            <Panel title="Invite somebody" says="They get a link, choose a password, and are in.">
                {invite(invite_form, &teams)}
            </Panel>
            <RightsTable />
        }
    })
}

async fn find() -> Result<(Vec<Person>, Vec<Team>, Vec<Invite>), Fault> {
    Ok((list_people().await?, list_teams().await?, list_invites().await?))
}

fn lead(people: &[Person], invites: &[Invite]) -> String {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let active = people.iter().filter(|person| !person.disabled).count();
    let can = plural(count(active), "person can sign in", "people can sign in");
    match invites.len() {
        0 => format!("{can}."),
        n => format!("{can}; {} not followed yet.", plural(count(n), "invitation is", "invitations are")),
    }
}

fn person(
    person: Person,
    teams: &[Team],
    me: Option<&PersonId>,
    (change, typed): &(String, Typed),
) -> impl IntoView + use<> {
    let Person { id, email, memberships, seen_at, disabled, app_codes, passkeys, .. } = person;
    let open = change.as_str() == id.as_str();
    let typed = if open { typed.clone() } else { Typed::blank() };
    let own = me == Some(&id);
    let out = (!own && !disabled).then(|| {
        view! {
            <PostButton
                action=format!("/settings/people/{id}/sign-out")
                text="Sign out everywhere"
                label=format!("Sign out everywhere: {email}")
            />
        }
    });
    let roles = memberships
        .iter()
        .map(|m| {
            view! {
                <li>
                    <span class="role">{role_text(m.role)}</span>
                    " "
                    <span class="faint">{reach_text(m.team.as_deref())}</span>
                    {m.from.clone().map(|from| view! { <span class="faint">{format!(", by the rules for {from}")}</span> })}
                </li>
            }
        })
        .collect_view();
    // What follows from rules is changed by changing the rules.
    let by_hand: Vec<_> = memberships.iter().filter(|m| m.from.is_none()).cloned().collect();
    let has = by_hand.iter().any(|m| m.team.clone().unwrap_or_default() == typed.value("team", ""));
    let to_add = if has { Typed::blank() } else { typed.clone() };
    let off = disabled.then(|| view! { <Badge tone=Tone::Quiet shape=Shape::Slash text="Switched off" /> });
    let switch = (!own).then(|| {
        if disabled {
            view! {
                <PostButton
                    action=format!("/settings/people/{id}/enable")
                    text="Switch the account on"
                    label=format!("Switch the account on: {email}")
                />
            }
            .into_any()
        } else {
            view! {
                <Ask
                    text="Switch the account off"
                    says=format!("{email} is signed out everywhere and cannot sign in. Their tokens stay as they are.")
                    sure=format!("Switch off {email}")
                    action=format!("/settings/people/{id}/disable")
                />
            }
            .into_any()
        }
    });
    let factors = factors_text(app_codes, passkeys);
    let reset = (!own && (app_codes || passkeys > 0)).then(|| {
        view! {
            <Ask
                text="Take second factors away"
                says=format!("For {email}, whose phone or key is lost. They are signed out everywhere, and their password alone lets them in.")
                sure=format!("Take the second factors of {email} away")
                action=format!("/settings/people/{id}/second/reset")
            />
        }
    });
    view! {
        <li>
            <div class="person">
                <div class="person-name">
                    <strong>{email.clone()}</strong>
                    {own.then(|| view! { <span class="faint">" (you)"</span> })}
                    {off}
                    <span class="under">"Last here " <WhenOr at=seen_at never="never" /></span>
                    <span class="under">{factors}</span>
                </div>
                <ul class="person-roles">
                    {if memberships.is_empty() {
                        view! { <li class="faint">"No role: sees nothing"</li> }.into_any()
                    } else {
                        roles.into_any()
                    }}
                </ul>
            </div>
            <details class="change" open=open>
                <summary>"Change" <span class="unseen">" " {email.clone()}</span></summary>
                <div class="change-body">
                    {by_hand.into_iter().map(|m| membership(&id, &email, m, &typed)).collect_view()}
                    {add(&id, teams, to_add)}
                    {out}
                    {reset}
                    {switch}
                </div>
            </details>
        </li>
    }
}

/// What somebody has besides a password.
fn factors_text(app_codes: bool, passkeys: i64) -> String {
    let passkeys = (passkeys > 0).then(|| plural(passkeys, "passkey", "passkeys"));
    let all: Vec<String> = app_codes.then(|| "app".to_owned()).into_iter().chain(passkeys).collect();
    if all.is_empty() { "No second factor".to_owned() } else { format!("Second factor: {}", all.join(", ")) }
}

/// A role that somebody has: choose another, or take it away.
fn membership(id: &PersonId, email: &str, membership: Membership, typed: &Typed) -> impl IntoView + use<> {
    let Membership { team_id, team, role, .. } = membership;
    let reach = reach_text(team.as_deref());
    let action = format!("/settings/people/{id}/role");
    // Each row has fields of the same names; labels need ids that are their own.
    let chosen = !typed.value("role", "").is_empty() && typed.value("team", "") == team.clone().unwrap_or_default();
    let form = if chosen { typed.clone() } else { Typed::blank() };
    let form = form.prefixed(format!("{id}-{}", team_id.map_or_else(String::new, |team| team.0)));
    let options = role_names();
    let team = team.unwrap_or_default();
    view! {
        <div class="change-row">
            <form class="inline-form" method="post" action=action.clone()>
                <input type="hidden" name="team" value=team.clone() />
                <SelectField form name="role" label=reach.clone() value=role.word() options />
                <button class="button">"Save"</button>
            </form>
            <PostButton
                action
                text="Take away"
                class="quiet"
                fields=vec![("team", team), ("role", String::new())]
                label=format!("Take away the role in {reach} from {email}")
            />
        </div>
    }
}

fn add(id: &PersonId, teams: &[Team], typed: Typed) -> impl IntoView + use<> {
    let form = typed.prefixed(format!("{id}-new"));
    let roles = role_names();
    view! {
        <div class="change-row">
            <form class="inline-form" method="post" action=format!("/settings/people/{id}/role")>
                <SelectField form=form.clone() name="team" label="Give a role in" options=reach_items(teams) />
                <SelectField form name="role" label="Role" options=roles />
                <button class="button">"Give"</button>
            </form>
        </div>
    }
}

fn waiting(invite: Invite) -> impl IntoView {
    let Invite { id, email, team, role, expires_at } = invite;
    let says = view! {
        {role_text(role)}
        ", "
        {reach_text(team.as_deref())}
        " · the link ends "
        <When at=expires_at />
    };
    view! {
        <Line name=email.clone().into_any() says=says.into_any()>
            <PostButton
                action=format!("/settings/invites/{id}/remove")
                text="Take back"
                class="quiet"
                label=format!("Take back the invitation of {email}")
            />
        </Line>
    }
}

fn invite(form: Typed, teams: &[Team]) -> impl IntoView + use<> {
    // The first team is the likelier choice than the whole installation.
    let first = teams.first().map(|team| team.name.clone()).unwrap_or_default();
    view! {
        <form class="form pad" method="post" action="/settings/people/invite">
            <FormFault form=form.clone() />
            <TextField form=form.clone() name="email" label="E-mail" kind="email" placeholder="dana@example.com" />
            <SelectField form=form.clone() name="team" label="Where" hint="A role holds in one team, or everywhere." value=first options=reach_items(teams) />
            <RadioGroup
                form=form
                name="role"
                legend="Role"
                value=Role::Viewer.word()
                options=role_items(&Role::PEOPLE)
            />
            <Submit text="Make the invitation" />
        </form>
    }
}

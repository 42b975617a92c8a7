//! `/settings/api-keys`: keys for programs that speak to the REST API.

use super::{SettingsHead, reach_items, reach_text, role_items, role_text};
use crate::{
    api::{
        Reply, desk,
        people::{list_api_keys, list_teams},
    },
    model::{
        fault::Fault,
        person::{ApiKey, NewApiKey, Team},
        viewer::Role,
    },
    parts::{
        ask::Ask,
        badge::{Badge, Shape, Tone},
        code::{Code, Commands},
        form::{FormFault, RadioGroup, SelectField, Submit, TextField, Typed},
        head::plural,
        load::load,
        panel::Panel,
        table::{Cell, Table},
        when::{When, WhenOr},
    },
};
use leptos::prelude::*;

/// API keys; admins only.
#[component]
pub fn ApiKeys() -> impl IntoView {
    let form = Typed::here();
    let base = desk().map(|desk| desk.base_url.to_string()).unwrap_or_default();
    let made = match use_context::<Reply>() {
        Some(Reply::ApiKey(made)) => Some(*made),
        _ => None,
    };
    load(find(), move |(keys, teams)| {
        let live = keys.iter().filter(|key| key.revoked_at.is_none()).count();
        let lead = match i64::try_from(live).unwrap_or(i64::MAX) {
            0 => "No program can use the REST API yet.".to_owned(),
            n => format!("{} the REST API.", plural(n, "program can use", "programs can use")),
        };
        view! {
            <SettingsHead title="API keys" lead=lead.into_any() />
            {made.map(|made| just_made(made, &base))}
            {(!keys.is_empty())
                .then(|| {
                    view! {
                        <section class="panel">
                            <Table caption="API keys" heads=vec!["Key", "Role", "Made", "Last used", ""]>
                                {keys.into_iter().map(row).collect_view()}
                            </Table>
                        </section>
                    }
                })}
            <div class="halves">
            <Panel title="New API key" says="One for each program, so that one can be revoked without the others.">
                {new(form, &teams)}
            </Panel>
            <Panel title="How to use one">
                <div class="pad prose">
                    <p>
                        "A key goes into the "
                        <span class="mono">"Authorization"</span>
                        " header of each request. What there is to call stands in "
                        <a href="/api/v1/openapi.json">"the OpenAPI description"</a>
                        "."
                    </p>
                    <Commands text=example(None, &base) what="example" />
                </div>
            </Panel>
            </div>
        }
    })
}

async fn find() -> Result<(Vec<ApiKey>, Vec<Team>), Fault> {
    Ok((list_api_keys().await?, list_teams().await?))
}

/// The key, shown once, and the call that its role is for.
fn just_made(made: NewApiKey, base: &str) -> impl IntoView + use<> {
    let NewApiKey { key, secret } = made;
    let commands = example(Some(key.role), base);
    let says = format!("{}: {}.", key.name, key.role.meaning());
    view! {
        <Panel title="Your new key" says="Shown this once. Copy it now; only a hash of it is kept.">
            <div class="pad prose">
                <p class="secret">
                    <Code text=secret.expose().to_owned() what="API key" />
                </p>
                <p>{says} " Try it:"</p>
                <Commands text=commands what="commands" />
            </div>
        </Panel>
    }
}

/// A call that shows what a key is for. The key itself stays out of it, and so out of shells' histories.
fn example(role: Option<Role>, base: &str) -> String {
    match role {
        Some(Role::Ingest) => format!(
            "read -rs AVIARY_KEY\ncurl -X POST {base}/api/v1/ingest/cloudtrail \\\n  -H \"Authorization: Bearer $AVIARY_KEY\" \\\n  -H 'Content-Type: application/json' \\\n  --data-binary @records.json"
        ),
        Some(_) => {
            format!("read -rs AVIARY_KEY\ncurl {base}/api/v1/tokens \\\n  -H \"Authorization: Bearer $AVIARY_KEY\"")
        }
        None => format!("curl {base}/api/v1/tokens \\\n  -H \"Authorization: Bearer $AVIARY_KEY\""),
    }
}

fn row(key: ApiKey) -> impl IntoView {
    let ApiKey { id, name, prefix, role, team, created_at, last_used_at, revoked_at } = key;
    let end = match revoked_at {
        Some(at) => view! {
            <Badge tone=Tone::Quiet shape=Shape::Cross text="Revoked" />
            <span class="under">
                <When at />
            </span>
        }
        .into_any(),
        None => view! {
            <Ask
                text="Revoke"
                says="The program that uses it is refused from the next request on. This cannot be undone."
                sure=format!("Revoke {name}")
                action=format!("/settings/api-keys/{id}/revoke")
            />
        }
        .into_any(),
    };
    view! {
        <tr>
            <Cell label="Key" class="main">
                {name}
                <span class="under mono">{prefix} "…"</span>
            </Cell>
            <Cell label="Role">
                <span class="role" title=role.meaning()>
                    {role_text(role)}
                </span>
                <span class="under">{reach_text(team.as_deref())}</span>
            </Cell>
            <Cell label="Made">
                <When at=created_at />
            </Cell>
            <Cell label="Last used">
                <WhenOr at=last_used_at never="never" />
            </Cell>
            <Cell label="">{end}</Cell>
        </tr>
    }
}

fn new(form: Typed, teams: &[Team]) -> impl IntoView + use<> {
    view! {
        <form class="form pad" method="post" action="/settings/api-keys/new">
            <FormFault form=form.clone() />
            <TextField
                form=form.clone()
                name="name"
                label="Name"
                hint="Which program uses it; the audit log shows it."
                placeholder="EventBridge forwarder"
            />
            <SelectField form=form.clone() name="team" label="Where" options=reach_items(teams) />
            <RadioGroup
                form=form
                name="role"
                legend="Role"
                value=Role::Viewer.word()
                options=role_items(&Role::KEYS)
            />
            <Submit text="Make the key" />
        </form>
    }
}

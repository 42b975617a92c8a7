//! `/settings/api-keys`: keys for programs that speak to the REST API.

mod new;
mod row;

use self::{new::new, row::row};
use super::SettingsHead;
use crate::{
    api::{
        Reply, desk,
        people::{list_api_keys, list_teams},
    },
    model::{
        fault::Fault,
        person::{ApiKey, KeyState, NewApiKey, Team},
        viewer::Scope,
    },
    parts::{
        code::{Code, Commands},
        form::Typed,
        head::plural,
        load::load,
        panel::Panel,
        table::Table,
        when::now,
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
        let lead = lead(&keys);
        view! {
            <SettingsHead title="API keys" lead=lead.into_any() />
            {made.map(|made| just_made(made, &base))}
            {(!keys.is_empty())
                .then(|| {
                    view! {
                        <section class="panel">
                            <Table caption="API keys" heads=vec!["Key", "May", "Made", "Ends", "Last used", ""]>
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
                    <p>
                        "A key may do what its scopes say, and nothing else. "
                        <a href="/settings/people#what-each-role-may-do">"The table of roles"</a>
                        " has them all."
                    </p>
                    <Commands text=example(None, &base) what="example" />
                </div>
            </Panel>
            </div>
        }
    })
}

/// The page's answer in one sentence.
fn lead(keys: &[ApiKey]) -> String {
    let count = |wanted: &[KeyState]| {
        let keys = keys.iter().filter(|key| wanted.contains(&key.state(now())));
        i64::try_from(keys.count()).unwrap_or(i64::MAX)
    };
    let can = match count(&[KeyState::Good, KeyState::Ending]) {
        0 => "No program can use the REST API yet".to_owned(),
        n => format!("{} the REST API", plural(n, "program can use", "programs can use")),
    };
    match count(&[KeyState::Ending]) {
        0 => format!("{can}."),
        n => format!("{can}; {} within two weeks.", plural(n, "key ends", "keys end")),
    }
}

async fn find() -> Result<(Vec<ApiKey>, Vec<Team>), Fault> {
    Ok((list_api_keys().await?, list_teams().await?))
}

/// The key, shown once, and the call that its role is for.
fn just_made(made: NewApiKey, base: &str) -> impl IntoView + use<> {
    let NewApiKey { key, secret } = made;
    let hands_in = key.scopes.contains(&Scope::RecordsIngest) && !key.scopes.contains(&Scope::TokensRead);
    let commands = example(Some(hands_in), base);
    let may = match key.role {
        Some(role) if !key.is_limited() => role.meaning().to_owned(),
        _ => key.scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(", "),
    };
    let says = match key.expires_at {
        Some(end) => format!("{}: {may}. It ends at {}.", key.name, end.exact()),
        None => format!("{}: {may}.", key.name),
    };
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

/// A call that shows what a key is for: handing in records, or looking at tokens. The key itself stays out of it, and so out
/// of shells' histories.
fn example(hands_in: Option<bool>, base: &str) -> String {
    match hands_in {
        Some(true) => format!(
            "read -rs AVIARY_KEY\ncurl -X POST {base}/api/v1/ingest/cloudtrail \\\n  -H \"Authorization: Bearer $AVIARY_KEY\" \\\n  -H 'Content-Type: application/json' \\\n  --data-binary @records.json"
        ),
        Some(false) => {
            format!("read -rs AVIARY_KEY\ncurl {base}/api/v1/tokens \\\n  -H \"Authorization: Bearer $AVIARY_KEY\"")
        }
        None => format!("curl {base}/api/v1/tokens \\\n  -H \"Authorization: Bearer $AVIARY_KEY\""),
    }
}

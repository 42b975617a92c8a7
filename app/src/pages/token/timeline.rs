//! Who used the key: each hit in a row that opens to its record.

use crate::{
    model::{
        hit::{Hit, HitKind, Source},
        tool::tools,
    },
    parts::{
        badge::HitBadge,
        code::Raw,
        table::{Cell, Heads},
        when::{When, span},
    },
};
use leptos::prelude::*;

/// By which way a record came, in words.
pub fn source_text(source: Source) -> &'static str {
    match source {
        Source::Eventbridge => "EventBridge",
        Source::Trail => "Trail file",
        Source::Webhook => "Ingest API",
        Source::Sns => "SNS",
        Source::Scan => "Scan",
        Source::Sandbox => "Sandbox",
        Source::LastUsed => "Last-used data",
    }
}

/// The hits of one token, latest first.
#[component]
pub fn Timeline(
    /// The hits.
    hits: Vec<Hit>,
    /// Whether new hits are added on the open page.
    live: bool,
) -> impl IntoView {
    let rows = hits.into_iter().map(row).collect_view();
    view! {
        <table class="table timeline" data-live-list=live.then_some("timeline")>
            <caption class="unseen">"Hits, latest first"</caption>
            <Heads heads=vec!["Time", "Event, service, region", "Source address, user agent", "Result", "Source, lag"] />
            {rows}
        </table>
    }
}

fn row(hit: Hit) -> impl IntoView {
    let service = hit.event_source.trim_end_matches(".amazonaws.com").to_owned();
    let heard = hit.sources.first().copied();
    let others = hit.sources.len().saturating_sub(1);
    let lag = heard.map(|first| span(first.received_at.since(hit.event_time)));
    let result = match &hit.error_code {
        // EC2's codes are long: "Client.UnauthorizedOperation" may break at its point.
        Some(code) => match code.split_once('.') {
            Some((side, rest)) => {
                view! { <span class="mono">{format!("{side}.")} <wbr /> {rest.to_owned()}</span> }.into_any()
            }
            None => view! { <span class="mono">{code.clone()}</span> }.into_any(),
        },
        None => view! { <span>"Succeeded"</span> }.into_any(),
    };
    let place = hit.geo.as_ref().map(|geo| geo.long()).filter(|place| !place.is_empty());
    let place = place.map(|place| view! { <span class="under">{place}</span> });
    let tool = tools(&hit.user_agent).join(", ");
    let tool = (!tool.is_empty()).then(|| view! { <span class="under tool">{tool}</span> });
    let id = format!("hit-{}", hit.id);
    let at = clock(&hit);
    view! {
        <tbody id=id class=(hit.kind == HitKind::Drill).then_some("quiet")>
            <tr class="seen">
                <Cell label="Time" class="tight">
                    <When at=hit.event_time />
                    <span class="under">{at}</span>
                </Cell>
                <Cell label="Event">
                    <span class="mono">{hit.event_name}</span>
                    <span class="under">{service} " · " {hit.aws_region}</span>
                    {(hit.kind != HitKind::Use).then(|| view! { <HitBadge kind=hit.kind /> })}
                </Cell>
                <Cell label="Source address">
                    <span class="mono">{hit.source_ip}</span>
                    {place}
                    {tool}
                    <span class="under agent" title=hit.user_agent.clone()>
                        {hit.user_agent.clone()}
                    </span>
                </Cell>
                <Cell label="Result">{result}</Cell>
                <Cell label="Source">
                    <span>
                        {heard.map(|first| source_text(first.source))}
                    </span>
                    <span class="under">{lag.map(|lag| format!("{lag} later"))}
                        {(others > 0).then(|| format!(" · {} ways", others + 1))}</span>
                </Cell>
            </tr>
            <tr class="record">
                <td colspan="5">
                    <Raw record=hit.record says="Record" />
                </td>
            </tr>
        </tbody>
    }
}

/// The hour and minute of a hit, since relative times say too little about one that is hours old.
fn clock(hit: &Hit) -> String {
    hit.event_time.exact().chars().skip(5).take(14).collect()
}

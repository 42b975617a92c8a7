//! `/incidents/:id`: what a responder needs: what happened, where, what to rotate, and who is on it.

use super::words;
use crate::{
    api::hits::{IncidentView, get_incident, list_hits},
    islands::live::Live,
    model::{
        fault::Fault,
        hit::{Hit, HitQuery},
        ids::IncidentId,
        incident::{Incident, IncidentState, Resolution},
        list::Page,
        tool::tools,
    },
    pages::token::timeline::Timeline,
    parts::{
        badge::IncidentBadge,
        button::PostButton,
        code::Code,
        facts::{Fact, Facts},
        form::{AreaField, FormFault, Item, RadioGroup, Submit, Typed},
        head::{PageHead, plural},
        load::{cursor, load, param},
        pager::Pager,
        panel::Panel,
        when::{When, now},
    },
};
use leptos::prelude::*;

/// One incident.
#[component]
pub fn ShowIncident() -> impl IntoView {
    let id = IncidentId::from(param("id"));
    let after = cursor();
    let first_page = after.is_none();
    let form = Typed::here();
    load(find(id, after), move |(view, hits)| page(view, hits, form, first_page))
}

async fn find(id: IncidentId, after: Option<String>) -> Result<(IncidentView, Page<Hit>), Fault> {
    let view = get_incident(id.clone()).await?;
    let query = HitQuery {
        token_id: Some(view.incident.token_id.clone()),
        incident_id: Some(id),
        after,
        ..HitQuery::default()
    };
    let hits = list_hits(query).await?;
    Ok((view, hits))
}

fn page(view: IncidentView, hits: Page<Hit>, form: Typed, first_page: bool) -> impl IntoView {
    let IncidentView { incident, may_triage, notes, owner } = view;
    let lead = view! {
        <IncidentBadge state=incident.state />
        " "
        {words::sentence(&incident, now())}
    };
    let token = format!("/tokens/{}", incident.token_id);
    let (id, token_id, title) = (incident.id.to_string(), incident.token_id.to_string(), incident.location.clone());
    let acknowledge = may_triage && incident.state == IncidentState::Open;
    let card = card(&incident, owner, notes, &hits);
    let course = course(&incident);
    let triage = if may_triage {
        triage(&incident, form.clone()).into_any()
    } else {
        view! { <p class="hint pad">"Reviewers and admins of the team acknowledge and resolve."</p> }.into_any()
    };
    let Page { items, next } = hits;
    view! {
        <PageHead
            title
            lead=lead.into_any()
            live="lead"
            crumbs=vec![("/incidents".to_owned(), "Incidents".to_owned())]
        >
            <Live token=Some(token_id) />
            {acknowledge
                .then(|| {
                    view! {
                        <PostButton
                            action=format!("/incidents/{id}/acknowledge")
                            text="I am on it"
                            class="primary"
                            label="I am on it: acknowledge this incident"
                        />
                    }
                })}
            <a class="button" href=token>
                "Open the token"
            </a>
        </PageHead>
        <FormFault form />
        <div class="halves">
            <Panel title="For the responder" live="card">
                {card}
            </Panel>
            <Panel title="Triage">
                {course} {triage}
            </Panel>
        </div>
        <Panel title="Calls" says="What was called with the key, the latest first. Open one to see its record.">
            <Timeline hits=items live=first_page />
            <Pager next />
        </Panel>
    }
}

fn card(incident: &Incident, owner: String, notes: String, hits: &Page<Hit>) -> impl IntoView + use<> {
    let notes = if notes.is_empty() {
        view! { <span class="faint">"Nothing was noted. Ask the owner what a reader of that place could reach."</span> }
            .into_any()
    } else {
        view! { <span class="notes">{notes}</span> }.into_any()
    };
    let place = |hit: &Hit| hit.geo.as_ref().map(|geo| geo.long()).unwrap_or_default();
    let mut addresses: Vec<_> = hits.items.iter().map(|hit| (hit.source_ip.as_str(), place(hit))).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let mut used: Vec<&str> = hits.items.iter().flat_map(|hit| tools(&hit.user_agent)).collect();
    used.sort_unstable();
    used.dedup();
    let used = used.join(", ");
    let more = (addresses.len() > ADDRESSES || hits.next.is_some()).then_some("and others, see below");
    let addresses = addresses
        .into_iter()
        .take(ADDRESSES)
        .map(|(address, place)| {
            let place = (!place.is_empty()).then(|| view! { <span class="under">{place}</span> });
            view! {
                <span class="mono item">{address.to_owned()}</span>
                {place}
            }
        })
        .collect_view();
    let Incident { location, team, access_key_id, opened_at, last_hit_at, hit_count, .. } = incident.clone();
    view! {
        <Facts>
            <Fact name="Rotate">{notes}</Fact>
            <Fact name="Planted in">{location}</Fact>
            <Fact name="Owner">
                {owner} <span class="under">"Team " {team}</span>
            </Fact>
            <Fact name="Key">
                <Code text=access_key_id what="access key id" />
            </Fact>
            <Fact name="Called">{plural(hit_count, "time", "times")}</Fact>
            <Fact name="From">{addresses} {more.map(|more| view! { <span class="under">{more}</span> })}</Fact>
            {(!used.is_empty()).then(|| view! { <Fact name="Tools">{used}</Fact> })}
            <Fact name="First seen">
                <When at=opened_at />
            </Fact>
            <Fact name="Last seen">
                <When at=last_hit_at />
            </Fact>
        </Facts>
    }
}

/// How many addresses the card names.
const ADDRESSES: usize = 4;

fn course(incident: &Incident) -> impl IntoView + use<> {
    let steps = words::steps(incident)
        .into_iter()
        .map(|step| {
            view! {
                <li>
                    <p>{step.what}</p>
                    {step.at.map(|at| view! { <When at /> })}
                    {step.comment.map(|comment| view! { <blockquote>{comment}</blockquote> })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="course">{steps}</ol> }
}

fn triage(incident: &Incident, form: Typed) -> impl IntoView + use<> {
    let at = |verb: &str| format!("/incidents/{}/{verb}", incident.id);
    if incident.state == IncidentState::Resolved {
        return view! {
            <div class="pad triage">
                <p class="hint">"Closed too early? Then somebody has to look again."</p>
                <PostButton action=at("reopen") text="Open again" />
            </div>
        }
        .into_any();
    }
    // As long as nobody is on it, the first thing to press is "I am on it" at the top.
    let class = if incident.state == IncidentState::Open { "" } else { "primary" };
    let options = Resolution::ALL
        .into_iter()
        .map(|resolution| Item::new(resolution.word(), resolution.text()).says(words::meaning(resolution)))
        .collect();
    view! {
        <form class="form pad triage" method="post" action=at("resolve")>
            <RadioGroup
                form=form.clone()
                name="resolution"
                legend="Resolve as"
                options
            />
            <AreaField
                form=form
                name="comment"
                label="Comment"
                hint="What it was, and what was done. It stays with the incident."
                value=incident.comment.clone()
                optional=true
            />
            <Submit text="Resolve" class />
        </form>
    }
    .into_any()
}

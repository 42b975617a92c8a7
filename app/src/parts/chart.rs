//! Hits over time, drawn as bars.

use super::head::plural;
use crate::model::{hit::HitChart, moment::DAY};
use leptos::prelude::*;

/// The height of the drawing, in its own units.
const HEIGHT: i64 = 100;
/// The width of a bar and its gap, in the drawing's own units.
const SLOT: i64 = 10;

/// A bar chart of hits. Screen readers get its sum in one sentence and the bars as a table.
#[component]
pub fn HitBars(
    /// The bars.
    chart: HitChart,
    /// What is counted, for screen readers: "Hits on this key".
    title: &'static str,
) -> impl IntoView {
    let most = chart.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let total: i64 = chart.bars.iter().map(|bar| bar.count).sum();
    let (Some(first), Some(last)) = (chart.bars.first().copied(), chart.bars.last().copied()) else {
        return ().into_any();
    };
    let by_day = chart.step >= DAY;
    let name = move |start: crate::model::moment::Moment| {
        if by_day { start.day() } else { start.exact().chars().take(16).collect::<String>() }
    };
    let width = i64::try_from(chart.bars.len()).unwrap_or(1) * SLOT;
    let bars = chart
        .bars
        .iter()
        .zip(0i64..)
        .map(|(bar, at)| {
            // A single hit beside thousands must still be seen.
            let height = if bar.count == 0 { 0 } else { (bar.count * HEIGHT / most).max(4) };
            let says = format!("{}: {}", name(bar.start), plural(bar.count, "hit", "hits"));
            view! {
                <g class="bar">
                    <title>{says}</title>
                    <rect class="bar-room" x=at * SLOT y="0" width=SLOT height=HEIGHT />
                    <rect class="bar-fill" x=at * SLOT + 2 y=HEIGHT - height width=SLOT - 4 height=height />
                </g>
            }
        })
        .collect_view();
    let rows = chart
        .bars
        .iter()
        .filter(|bar| bar.count > 0)
        .map(|bar| {
            view! {
                <tr>
                    <td>{name(bar.start)}</td>
                    <td>{bar.count}</td>
                </tr>
            }
        })
        .collect_view();
    let says = format!(
        "{title}: {} from {} to {}, at most {most} in one bar.",
        plural(total, "hit", "hits"),
        name(first.start),
        name(last.start)
    );
    view! {
        <figure class="chart">
            <div class="chart-scale" aria-hidden="true">
                <span>{most}</span>
                <span>"0"</span>
            </div>
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=says>
                <path class="chart-line" d=format!("M0 .5H{width}M0 50H{width}") />
                {bars}
                <path class="chart-base" d=format!("M0 {HEIGHT}H{width}") />
            </svg>
            <figcaption aria-hidden="true">
                <span>{name(first.start)}</span>
                <span>{name(last.start)}</span>
            </figcaption>
            <table class="unseen">
                <caption>{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">"From"</th>
                        <th scope="col">"Hits"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </figure>
    }
    .into_any()
}

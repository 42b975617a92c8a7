//! Hits over time, in at most 60 bars.

use crate::{house::House, store};
use app::model::{
    fault::Fault,
    hit::{Bar, HitChart},
    ids::TokenId,
    moment::{HOUR, Moment},
    viewer::{Act, Viewer},
};

/// The most bars of a chart.
const BARS: i64 = 60;
/// The fewest hours that a token's chart shows, so that a single burst still has surroundings.
const SPAN: i64 = 24;
/// Widths of a bar in hours that people can read: hours, days, weeks.
const WIDTHS: [i64; 10] = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720];

/// The hits of one token over time, from the first to the last.
///
/// # Errors
/// `NotFound` where the viewer may not see the token, or there is none.
pub async fn chart(house: &House, viewer: &Viewer, token: &TokenId) -> Result<HitChart, Fault> {
    super::may_see(house, viewer, token).await?;
    let mut session = house.store.read().await?;
    let Some((first, last)) = store::hits::hours_of(&mut session, token).await? else {
        return Ok(HitChart::default());
    };
    let first = first.min(last - SPAN + 1);
    let width = width(last - first + 1);
    // A bar of a day begins at midnight.
    let from = first.div_euclid(width) * width;
    let stretches = store::hits::stretches_of(&mut session, token, from, width).await?;
    Ok(bars(from, last, width, &stretches))
}

/// The hits of the last 30 days, by day, on all tokens that the viewer may see.
///
/// # Errors
/// Where the database refuses.
pub async fn chart_of_everything(house: &House, viewer: &Viewer) -> Result<HitChart, Fault> {
    let now = house.now().0.div_euclid(HOUR);
    let from = (now.div_euclid(24) - 29) * 24;
    let reach = viewer.reach(Act::SeeHits);
    let stretches = store::hits::stretches_within(&mut *house.store.read().await?, &reach, from, 24).await?;
    Ok(bars(from, now, 24, &stretches))
}

/// The narrowest width with which so many hours fit, one bar being lost to rounding at the start.
fn width(hours: i64) -> i64 {
    let fits = |width: &i64| hours / width + 2 <= BARS;
    WIDTHS.into_iter().find(fits).unwrap_or_else(|| (hours / (BARS - 2) / 24 + 1) * 24)
}

fn bars(from: i64, last: i64, width: i64, stretches: &[(i64, i64)]) -> HitChart {
    let mut stretches = stretches.iter().peekable();
    let bars = (0..=(last - from).div_euclid(width))
        .map(|index| {
            let count = stretches.next_if(|(stretch, _)| *stretch == index).map_or(0, |(_, hits)| *hits);
            Bar { start: Moment((from + index * width) * HOUR), count }
        })
        .collect();
    HitChart { step: width * HOUR, bars }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_span_fits_and_is_not_lost_in_a_corner() {
        for hours in [1, 24, 58, 59, 60, 500, 1_000, 8_760, 43_800, 200_000, 2_000_000] {
            let width = width(hours);
            for first in [0, 1, 23, 400_001] {
                let from = i64::div_euclid(first, width) * width;
                let count = bars(from, first + hours - 1, width, &[]).bars.len();
                assert!(count <= 60, "{hours} hours from {first}: {count} bars");
                assert!(hours < 720 || count > 12, "{hours} hours: {count} bars of {width}");
            }
        }
    }

    #[test]
    fn empty_stretches_are_bars_too() {
        let chart = bars(48, 119, 24, &[(0, 3), (2, 1)]);
        assert_eq!(chart.bars.iter().map(|bar| bar.count).collect::<Vec<_>>(), [3, 0, 1]);
        assert_eq!(chart.bars[1].start, Moment(72 * HOUR));
    }
}

//! Quiet hours: when somebody does not want to hear alerts at destinations of their own.

use super::persons::{audit_subject, me};
use crate::{
    alerts::{digest, quiet},
    audit::{self, Audited as _, Facts},
    house::House,
    store::people::quiet_hours,
};
use app::model::{
    fault::{Fault, FieldFault},
    pace::{QuietHours, parse_wall, wall},
    viewer::Viewer,
};

/// The viewer's own quiet hours, if they have some.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn of(house: &House, viewer: &Viewer) -> Result<Option<QuietHours>, Fault> {
    let person = me(house, viewer).await?;
    Ok(quiet_hours::of(&mut *house.store.read().await?, &person.id).await?)
}

/// Sets the viewer's own quiet hours; with both times empty: takes them away. What is held for their destinations is
/// looked at anew, and goes out where it is not quiet now.
///
/// # Errors
/// `Invalid` for `from`, `to` or `zone`.
pub async fn set(house: &House, viewer: &Viewer, from: &str, to: &str, zone: &str, exposed: bool) -> Result<(), Fault> {
    let person = me(house, viewer).await?;
    let hours = match (from.trim(), to.trim()) {
        ("", "") => None,
        (from, to) => Some(read(from, to, zone, exposed)?),
    };
    let detail = match &hours {
        Some(hours) => format!("from {} to {}, {}", wall(hours.from), wall(hours.to), hours.zone),
        None => "none".to_owned(),
    };
    let mut tx = house.store.begin().await?;
    let before = quiet_hours::of(&mut tx, &person.id).await?;
    quiet_hours::set(&mut tx, &person.id, hours.as_ref()).await?;
    digest::look_again(house, &mut tx, &person.id).await?;
    let facts = |hours: Option<&QuietHours>| hours.map_or_else(Facts::default, QuietHours::audited);
    let (what, subject) = (("person.quiet_hours", detail.as_str()), audit_subject(&person.id, &person.email));
    audit::changed(house, &mut tx, viewer, what, subject, facts(before.as_ref()), facts(hours.as_ref())).await?;
    Ok(tx.commit().await?)
}

fn read(from: &str, to: &str, zone: &str, exposed: bool) -> Result<QuietHours, Fault> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        faults.push(FieldFault { field: field.to_owned(), message: message.to_owned() });
    };
    let (from, to, zone) = (parse_wall(from), parse_wall(to), zone.trim());
    for (field, time) in [("from", from), ("to", to)] {
        if time.is_none() {
            wrong(field, "expected a time such as 22:00");
        }
    }
    if from.is_some() && from == to {
        wrong("to", "this is when they begin; they would never end");
    }
    if quiet::zone(zone).is_none() {
        wrong("zone", "expected the name of a time zone, such as Europe/Berlin or UTC");
    }
    match (from, to) {
        (Some(from), Some(to)) if faults.is_empty() => Ok(QuietHours { from, to, zone: zone.to_owned(), exposed }),
        _ => Err(Fault::invalid(faults)),
    }
}

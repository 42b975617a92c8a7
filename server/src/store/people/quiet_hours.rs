//! Quiet hours of persons.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, pace::QuietHours};
use sqlx::{Row as _, any::AnyRow};

/// The quiet hours in a row with the columns `starts`, `ends`, `zone`, `exposed`; `None` where these are empty.
pub(in crate::store) fn read(row: &AnyRow) -> Stored<Option<QuietHours>> {
    let Some(from) = row.try_get::<Option<i64>, _>("starts")? else { return Ok(None) };
    Ok(Some(QuietHours {
        from,
        to: row.try_get("ends")?,
        zone: row.try_get("zone")?,
        exposed: row.try_get::<i64, _>("exposed")? != 0,
    }))
}

/// Somebody's quiet hours, if they have some.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, person: &PersonId) -> Stored<Option<QuietHours>> {
    let row = sqlx::query("SELECT starts, ends, zone, exposed FROM quiet_hours WHERE person_id = $1")
        .bind(person.0.clone())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose().map(Option::flatten)
}

/// Sets somebody's quiet hours, or takes them away.
///
/// # Errors
/// Where the database refuses.
pub async fn set(conn: &mut Conn, person: &PersonId, hours: Option<&QuietHours>) -> Stored<()> {
    match hours {
        Some(hours) => sqlx::query(
            "INSERT INTO quiet_hours (person_id, starts, ends, zone, exposed) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (person_id) DO UPDATE SET starts = excluded.starts, ends = excluded.ends, \
             zone = excluded.zone, exposed = excluded.exposed",
        )
        .bind(person.0.clone())
        .bind(hours.from)
        .bind(hours.to)
        .bind(hours.zone.clone())
        .bind(i64::from(hours.exposed)),
        None => sqlx::query("DELETE FROM quiet_hours WHERE person_id = $1").bind(person.0.clone()),
    }
    .execute(conn)
    .await?;
    Ok(())
}

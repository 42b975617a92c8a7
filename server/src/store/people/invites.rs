//! Links that let somebody in: the set-up link, and invitations. Only the hash of a link's code is kept.

use crate::store::{Conn, StoreError, Stored};
use app::model::{ids::TeamId, moment::Moment, viewer::Role};
use sqlx::{Row as _, any::AnyRow};

/// A link that lets somebody in.
#[derive(Clone, Debug)]
pub struct InviteRow {
    /// SHA-256 of its code, hex.
    pub code_hash: String,
    /// `setup` or `invite`.
    pub kind: String,
    /// Whom it is for; empty for the set-up link.
    pub email: String,
    /// The team; `None` for the whole installation.
    pub team_id: Option<TeamId>,
    /// The team's name.
    pub team: Option<String>,
    /// The role that it gives.
    pub role: Role,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Moment,
    /// Until when it can be followed.
    pub expires_at: Moment,
}

fn read(row: &AnyRow) -> Stored<InviteRow> {
    let team: String = row.try_get("team_id")?;
    Ok(InviteRow {
        code_hash: row.try_get("code_hash")?,
        kind: row.try_get("kind")?,
        email: row.try_get("email")?,
        team_id: Some(TeamId(team)).filter(|team| !team.0.is_empty()),
        team: row.try_get("team")?,
        role: Role::parse(row.try_get("role")?).ok_or_else(|| StoreError::corrupt("role of an invitation"))?,
        created_by: row.try_get("created_by")?,
        created_at: Moment(row.try_get("created_at")?),
        expires_at: Moment(row.try_get("expires_at")?),
    })
}

/// Writes a new link.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, invite: &InviteRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO invites (code_hash, kind, email, team_id, role, created_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(invite.code_hash.clone())
    .bind(invite.kind.clone())
    .bind(invite.email.to_lowercase())
    .bind(invite.team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default())
    .bind(invite.role.word())
    .bind(invite.created_by.clone())
    .bind(invite.created_at.0)
    .bind(invite.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The link of this hash, if it can still be followed.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, code_hash: &str, now: Moment) -> Stored<Option<InviteRow>> {
    let row = sqlx::query(
        "SELECT i.code_hash, i.kind, i.email, i.team_id, m.name AS team, i.role, i.created_by, i.created_at, i.expires_at \
         FROM invites i LEFT JOIN teams m ON m.id = i.team_id WHERE i.code_hash = $1 AND i.used_at IS NULL AND i.expires_at > $2",
    )
    .bind(code_hash.to_owned())
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Uses up a link; `false` if somebody else was faster.
///
/// # Errors
/// Where the database refuses.
pub async fn use_up(conn: &mut Conn, code_hash: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query("UPDATE invites SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL")
        .bind(code_hash.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Invitations that can still be followed, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn open(conn: &mut Conn, now: Moment) -> Stored<Vec<InviteRow>> {
    let rows = sqlx::query(
        "SELECT i.code_hash, i.kind, i.email, i.team_id, m.name AS team, i.role, i.created_by, i.created_at, i.expires_at \
         FROM invites i LEFT JOIN teams m ON m.id = i.team_id \
         WHERE i.kind = 'invite' AND i.used_at IS NULL AND i.expires_at > $1 ORDER BY i.created_at DESC",
    )
    .bind(now.0)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Takes back the open invitations whose hash begins so; the address of the one that was taken back.
///
/// # Errors
/// Where the database refuses.
pub async fn take_back(conn: &mut Conn, prefix: &str) -> Stored<Option<String>> {
    let row = sqlx::query("DELETE FROM invites WHERE kind = 'invite' AND used_at IS NULL AND SUBSTR(code_hash, 1, 16) = $1 RETURNING email")
        .bind(prefix.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("email")).transpose()?)
}

/// Forgets the set-up links, because a new one is made or an admin is there.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_setup(conn: &mut Conn) -> Stored<()> {
    sqlx::query("DELETE FROM invites WHERE kind = 'setup'").execute(conn).await?;
    Ok(())
}

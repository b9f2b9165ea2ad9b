//! `ratings`: stars, one row per session that gave some.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::RatingSum;

/// What is to be stored.
pub(crate) struct Rating<'a> {
    pub(crate) session: u64,
    pub(crate) user: &'a str,
    pub(crate) server: &'a str,
    pub(crate) stars: u8,
    pub(crate) time_ms: i64,
}

/// A new row, or the row that the same live session made before.
pub(crate) fn rate(connection: &Connection, rating: &Rating<'_>) -> Result<()> {
    let session = rating.session.cast_signed();
    let earlier: Option<i64> = connection
        .prepare_cached("SELECT rating FROM live_sessions WHERE session = ?1")?
        .query_row([session], |row| row.get(0))
        .optional()?
        .flatten();
    if let Some(earlier) = earlier {
        connection
            .prepare_cached(
                "UPDATE ratings SET time_ms = ?2, user = ?3, server = ?4, stars = ?5 WHERE id = ?1",
            )?
            .execute(params![
                earlier,
                rating.time_ms,
                rating.user,
                rating.server,
                rating.stars
            ])?;
        return Ok(());
    }
    let id = connection
        .prepare_cached(
            "INSERT INTO ratings(time_ms, user, server, stars) VALUES (?1, ?2, ?3, ?4)",
        )?
        .insert(params![
            rating.time_ms,
            rating.user,
            rating.server,
            rating.stars
        ])?;
    connection
        .prepare_cached("UPDATE live_sessions SET rating = ?2 WHERE session = ?1")?
        .execute([session, id])?;
    Ok(())
}

/// Per server, in the order of names.
pub(crate) fn sums(connection: &Connection) -> Result<Vec<RatingSum>> {
    connection
        .prepare_cached(
            "SELECT server, sum(stars), count(*) FROM ratings GROUP BY server ORDER BY server",
        )?
        .query_map([], |row| {
            Ok(RatingSum {
                server: row.get(0)?,
                sum: row.get(1)?,
                count: row.get(2)?,
            })
        })?
        .collect()
}

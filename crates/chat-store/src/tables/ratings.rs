//! `ratings`: stars, one row per session that gave some.

use rusqlite::{Connection, Result, params};

use crate::RatingSum;

/// What is to be stored.
pub(crate) struct Rating<'a> {
    pub(crate) user: &'a str,
    pub(crate) server: &'a str,
    pub(crate) stars: u8,
    pub(crate) time_ms: i64,
}

/// A new row; its number.
pub(crate) fn insert(connection: &Connection, rating: &Rating<'_>) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO ratings(time_ms, user, server, stars) VALUES (?1, ?2, ?3, ?4)",
        )?
        .insert(params![
            rating.time_ms,
            rating.user,
            rating.server,
            rating.stars
        ])
}

/// Writes over a row.
pub(crate) fn replace(connection: &Connection, row: i64, rating: &Rating<'_>) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE ratings SET time_ms = ?2, user = ?3, server = ?4, stars = ?5 WHERE id = ?1",
        )?
        .execute(params![
            row,
            rating.time_ms,
            rating.user,
            rating.server,
            rating.stars
        ])
        .map(|_| ())
}

/// The last row that is this rating.
pub(crate) fn find(connection: &Connection, rating: &Rating<'_>) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(id) FROM ratings \
             WHERE server = ?3 AND stars = ?4 AND time_ms = ?1 AND user = ?2",
        )?
        .query_row(
            params![rating.time_ms, rating.user, rating.server, rating.stars],
            |row| row.get(0),
        )
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

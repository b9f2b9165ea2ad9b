//! `servers`, a table of the original program: one row per server and day.
//!
//! SQLite lets any cell hold anything, so what is read is taken leniently: a number where there is
//! one, else nothing.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Row, params};

use crate::{DayFigures, RatingSum, ServerStart};

/// Writes the row of a server and day, over the one that is there.
pub(crate) fn save(connection: &Connection, figures: &DayFigures) -> Result<()> {
    let values = params![
        figures.date,
        figures.name,
        figures.average_rating,
        figures.today,
        figures.month,
        figures.total_approaches,
        figures.lost,
    ];
    // Where an old database has the pair twice, the last one is the one that counts.
    let changed = connection
        .prepare_cached(
            "UPDATE servers SET Average_Rating = ?3, Today_Count = ?4, Monthly_Count = ?5, \
             Total_Approaches = ?6, Lost_Count = ?7 \
             WHERE rowid = (SELECT max(rowid) FROM servers WHERE Date = ?1 AND Name = ?2)",
        )?
        .execute(values)?;
    if changed == 0 {
        connection
            .prepare_cached("INSERT INTO servers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(values)?;
    }
    Ok(())
}

/// The rows of a date, in the order in which they came to be.
pub(crate) fn of_date(connection: &Connection, date: &str) -> Result<Vec<DayFigures>> {
    connection
        .prepare_cached("SELECT * FROM servers WHERE Date = ?1 ORDER BY rowid")?
        .query_map([date], figures)?
        .collect()
}

/// What to go on with at `date`, in the order of names. Reads the whole table: one row per server
/// and day is little.
pub(crate) fn as_of(
    connection: &Connection,
    date: &str,
    ratings: &[RatingSum],
) -> Result<Vec<ServerStart>> {
    let mut servers: BTreeMap<String, ServerStart> = BTreeMap::new();
    let mut query = connection.prepare_cached("SELECT * FROM servers ORDER BY Date, rowid")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let day = figures(row)?;
        if !day.name.is_empty() {
            let name = day.name.clone();
            go_on(servers.entry(name).or_default(), &day, date);
        }
    }
    for rating in ratings {
        let server = servers.entry(rating.server.clone()).or_default();
        (server.rating_sum, server.rating_count) = (rating.sum, rating.count);
    }
    Ok(servers
        .into_iter()
        .map(|(name, server)| ServerStart { name, ..server })
        .collect())
}

/// Takes a further day into account; days come in order.
fn go_on(server: &mut ServerStart, day: &DayFigures, date: &str) {
    if day.date == date {
        server.today = day.today.max(0);
    }
    // "2026-11": only days up to the date, so that a wrong clock of the past spoils nothing.
    let month = date.get(..7);
    if month.is_some() && day.date.get(..7) == month && day.date.as_str() <= date {
        server.month = day.month.max(0);
    }
    server.total_approaches = server.total_approaches.max(day.total_approaches);
    server.lost = server.lost.max(day.lost);
    server.average_rating = day.average_rating;
}

fn figures(row: &Row<'_>) -> Result<DayFigures> {
    Ok(DayFigures {
        date: text(row.get_ref(0)?).unwrap_or_default(),
        name: text(row.get_ref(1)?).unwrap_or_default(),
        average_rating: real(row.get_ref(2)?),
        today: integer(row.get_ref(3)?),
        month: integer(row.get_ref(4)?),
        total_approaches: integer(row.get_ref(5)?),
        lost: integer(row.get_ref(6)?),
    })
}

/// A cell as text; bytes that are not UTF-8 are replaced.
pub(super) fn text(cell: ValueRef<'_>) -> Option<String> {
    match cell {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the range saturates"
)]
fn integer(cell: ValueRef<'_>) -> i64 {
    match cell {
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) => number as i64,
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0),
        ValueRef::Null | ValueRef::Blob(_) => 0,
    }
}

fn real(cell: ValueRef<'_>) -> f64 {
    match cell {
        ValueRef::Integer(number) => number as f64,
        ValueRef::Real(number) => number,
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0.0),
        ValueRef::Null | ValueRef::Blob(_) => 0.0,
    }
}

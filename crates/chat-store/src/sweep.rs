//! What is old enough is deleted: some messages and events of one place in each step.

use rusqlite::{Connection, OptionalExtension, Result};

use crate::history::{Order, Span};
use crate::tables::{conversations, events, messages, recent_events, search};

/// How long what was said is kept. 0: for ever, or all of it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Retention {
    /// Days that something is kept.
    pub days: u32,
    /// The newest so many messages of each channel and conversation are kept, and as many events.
    pub per_target: u32,
}

/// How far a round through all places is.
#[derive(Default, Debug)]
pub(crate) struct Round {
    /// The place that is being looked at; all before it are done.
    place: String,
}

/// What a step has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Swept {
    /// There may be more to do.
    Some,
    /// The round is over.
    All,
}

impl Retention {
    /// Everything is kept.
    pub(crate) fn is_endless(self) -> bool {
        self == Self::default()
    }

    /// What was said before this time goes.
    fn cutoff_ms(self, now_ms: i64) -> i64 {
        match self.days {
            0 => i64::MIN,
            days => now_ms.saturating_sub(i64::from(days) * 86_400_000),
        }
    }
}

/// Deletes at most `rows` messages and as many events of one place; goes on to the next place where
/// there is nothing left to delete. Part of a transaction.
pub(crate) fn step(
    connection: &Connection,
    round: &mut Round,
    retention: Retention,
    now_ms: i64,
    rows: u32,
) -> Result<Swept> {
    recent_events::settle(connection)?;
    if round.place.is_empty() && !next(connection, round)? {
        return Ok(Swept::All);
    }
    let bound = Bound {
        cutoff_ms: retention.cutoff_ms(now_ms),
        keep: retention.per_target,
        rows,
    };
    let full = trim_messages(connection, &round.place, &bound)?
        | trim_events(connection, &round.place, &bound)?;
    if full {
        return Ok(Swept::Some);
    }
    if let Some((one, other)) = round.place.split_once(' ')
        && messages::first_from(connection, &round.place, 0)?.is_none()
    {
        conversations::forget(connection, one, other)?;
    }
    let more = next(connection, round)?;
    Ok(if more { Swept::Some } else { Swept::All })
}

/// Goes on to the next place; `false` where there is none, and the next round begins.
fn next(connection: &Connection, round: &mut Round) -> Result<bool> {
    let message = messages::place_after(connection, &round.place)?;
    let event = events::place_after(connection, &round.place)?;
    let next = [message, event].into_iter().flatten().min();
    let found = next.is_some();
    round.place = next.unwrap_or_default();
    Ok(found)
}

/// What is too much in a place.
struct Bound {
    cutoff_ms: i64,
    keep: u32,
    rows: u32,
}

impl Bound {
    /// Where a time and an id lie behind what is kept.
    fn exceeds(&self, time_ms: i64, id: i64, last_surplus: Option<i64>) -> bool {
        time_ms < self.cutoff_ms || last_surplus.is_some_and(|last| id <= last)
    }

    fn all(&self) -> Span {
        Span {
            after: -1,
            before: i64::MAX,
        }
    }
}

/// Whether as many were deleted as one step may.
fn trim_messages(connection: &Connection, place: &str, bound: &Bound) -> Result<bool> {
    let surplus = match bound.keep {
        0 => None,
        keep => messages::nth_newest(connection, place, keep)?,
    };
    let oldest = messages::oldest(connection, place, bound.rows)?;
    let mut deleted = 0;
    for message in &oldest {
        let id = i64::try_from(message.id).unwrap_or(i64::MAX);
        if !bound.exceeds(message.time_ms, id, surplus) {
            break;
        }
        search::forget(connection, message)?;
        messages::delete(connection, message.id)?;
        deleted += 1;
    }
    Ok(deleted == bound.rows as usize)
}

fn trim_events(connection: &Connection, place: &str, bound: &Bound) -> Result<bool> {
    let surplus = match bound.keep {
        0 => None,
        keep => events::nth_newest(connection, place, keep)?,
    };
    let oldest = events::walk(connection, place, bound.all(), Order::Oldest, bound.rows)?;
    let exceeding = oldest.iter().take_while(|event| {
        let id = i64::try_from(event.id).unwrap_or(i64::MAX);
        bound.exceeds(event.time_ms, id, surplus)
    });
    let Some((count, last)) = exceeding.enumerate().last() else {
        return Ok(false);
    };
    events::delete_up_to(connection, place, last.id)?;
    Ok(count + 1 == bound.rows as usize)
}

/// A place after another one, if any; for the tables that have places.
pub(crate) fn place_after(
    connection: &Connection,
    sql: &str,
    place: &str,
) -> Result<Option<String>> {
    connection
        .prepare_cached(sql)?
        .query_row([place], |row| row.get(0))
        .optional()
}

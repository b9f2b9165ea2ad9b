//! From rows to the tables that they belong to.

use rusqlite::{Connection, ErrorCode, Result};

use super::{Work, WorkKind, Written};
use crate::sessions::Sessions;
use crate::tables::journal::Journal;
use crate::tables::ratings::Rating;
use crate::tables::{
    accounts, conversations, events, forgetting, markers, messages, operators, recent_events,
    search, servers, session,
};
use crate::{Batch, Happening, Message, Row, clock};

/// A transaction in the making.
pub(super) struct Writing<'a> {
    pub(super) connection: &'a Connection,
    pub(super) sessions: &'a mut Sessions,
    /// As it is at its end.
    pub(super) journal: Journal,
    /// How many events are in `recent_events`.
    pub(super) recent: u64,
    pub(super) written: Written,
    /// About how many pages of the log it takes.
    pub(super) pages: usize,
    /// Works up to this number may have been written although their commit had failed.
    pub(super) doubtful: u64,
}

impl Writing<'_> {
    /// Writes the rows of those works that are not written yet.
    pub(super) fn fill<'a>(
        &mut self,
        works: impl Iterator<Item = &'a Work>,
        seen: u64,
    ) -> Result<()> {
        self.written.transaction = true;
        let noted = self.journal.serial;
        for work in works {
            if work.serial <= noted || work.serial <= self.doubtful && self.is_known(&work.kind)? {
                self.recall(&work.kind)?;
            } else {
                self.apply(&work.kind)?;
            }
            self.journal.serial = self.journal.serial.max(work.serial);
            self.pages += work.kind.pages();
        }
        self.journal.mark = self.journal.mark.advanced(seen);
        Ok(())
    }

    /// Moves what is in `recent_events` to `events`.
    pub(super) fn settle(&mut self) -> Result<()> {
        recent_events::settle(self.connection)?;
        self.recent = 0;
        Ok(())
    }

    /// Whether a work has reached the disk although its commit had failed: all of it has, or nothing.
    /// Of what is not known by itself `journal` tells. All events of such a commit are in `events` now.
    fn is_known(&self, kind: &WorkKind) -> Result<bool> {
        let WorkKind::Batch(batch) = kind else {
            return Ok(false);
        };
        for row in batch.rows.iter().filter(|_| kind.is_light()) {
            let known = match row {
                Row::Message(message) => messages::is_known(self.connection, message.id)?,
                Row::Event(event) => events::is_known(self.connection, event)?,
                Row::SessionOpened { .. } => {
                    self.sessions.next_row() < session::next_row(self.connection)?
                }
                _ => false,
            };
            if known {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Brings to memory what a work has left in the database.
    fn recall(&mut self, kind: &WorkKind) -> Result<()> {
        let rows = match kind {
            WorkKind::Batch(Batch { rows, .. }) => rows,
            WorkKind::CloseSessions(_) => {
                self.sessions.forget_all();
                return Ok(());
            }
            WorkKind::Figures(_) => return Ok(()),
        };
        for row in rows {
            match row {
                Row::SessionOpened { session, .. } => self.sessions.reopen(*session),
                Row::SessionClosed { session, .. } => self.sessions.forget(*session),
                Row::Rating { session, .. } => {
                    let rating = rating(row).expect("it is a rating");
                    self.sessions.rerate(self.connection, *session, &rating)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes what a work brings.
    fn apply(&mut self, kind: &WorkKind) -> Result<()> {
        let last = &mut self.journal.last_time_ms;
        match kind {
            WorkKind::Batch(batch) => {
                let mut insertion = None;
                for row in &batch.rows {
                    *last = (*last).max(row.time_ms());
                    let done = match row {
                        Row::Message(message) if message.recipient_key.is_none() => {
                            let insertion = match &mut insertion {
                                Some(insertion) => insertion,
                                none => none.insert(messages::insertion(self.connection)?),
                            };
                            messages::insert(insertion, message)
                        }
                        Row::Event(event) => happen(self.connection, &mut self.recent, event),
                        Row::Redacted { message, event } => forget(self.connection, *message)
                            .and_then(|()| match event {
                                Some(event) => happen(self.connection, &mut self.recent, event),
                                None => Ok(()),
                            }),
                        other => rare(self.connection, self.sessions, other),
                    };
                    count(done, &mut self.written)?;
                }
            }
            WorkKind::Figures(figures) => {
                for day in figures {
                    count(servers::save(self.connection, day), &mut self.written)?;
                }
                *last = (*last).max(clock::now_ms());
            }
            WorkKind::CloseSessions(time_ms) => {
                self.sessions.close_all(self.connection, *time_ms)?;
                *last = (*last).max(*time_ms);
            }
        }
        Ok(())
    }
}

/// Rows that are known by themselves where a commit is in doubt, or may as well be written again.
pub(super) fn is_light(row: &Row) -> bool {
    matches!(
        row,
        Row::Message(_)
            | Row::Event(_)
            | Row::SessionOpened { .. }
            | Row::SessionClosed { .. }
            | Row::ReadMarker { .. }
    )
}

/// Whether these are written by one statement.
pub(super) fn is_one_statement(rows: &[Row]) -> bool {
    match rows {
        [Row::Message(message)] => message.recipient_key.is_none(),
        [row] => is_light(row),
        _ => false,
    }
}

/// An event; `recent` tells how many there are then.
fn happen(connection: &Connection, recent: &mut u64, event: &Happening) -> Result<()> {
    *recent = recent_events::insert(connection, event)?;
    Ok(())
}

/// Rows that are neither messages to a channel nor events.
fn rare(connection: &Connection, sessions: &mut Sessions, row: &Row) -> Result<()> {
    match row {
        Row::Message(message) => say(connection, message),
        Row::Rating { session, .. } => {
            let rating = rating(row).expect("it is a rating");
            sessions.rate(connection, *session, &rating)
        }
        Row::SessionOpened {
            session,
            user,
            time_ms,
        } => sessions.open(connection, *session, user, *time_ms),
        Row::SessionClosed { session, time_ms } => sessions.close(connection, *session, *time_ms),
        _ => kept(connection, row),
    }
}

/// The rating that a row is.
fn rating(row: &Row) -> Option<Rating<'_>> {
    match row {
        Row::Rating {
            user,
            server,
            stars,
            time_ms,
            ..
        } => Some(Rating {
            user,
            server,
            stars: *stars,
            time_ms: *time_ms,
        }),
        _ => None,
    }
}

/// Rows of what outlives all servers, and wishes to forget.
fn kept(connection: &Connection, row: &Row) -> Result<()> {
    match row {
        Row::OperatorAct(act) => operators::write_act(connection, act),
        Row::NetworkBan { mask, record } => operators::save_ban(connection, mask, record),
        Row::NetworkBanGone { mask } => operators::forget_ban(connection, mask),
        Row::Account(account) => accounts::save(connection, account),
        Row::AccountSecrets { account, secrets } => {
            accounts::set_secrets(connection, *account, secrets)
        }
        Row::AccountEmail { account, email } => {
            accounts::set_email(connection, *account, email.as_deref())
        }
        Row::AccountGone { account } => {
            markers::forget(connection, *account)?;
            accounts::forget(connection, *account)
        }
        Row::Forget {
            sender_key,
            account,
            target_key,
            until,
        } => forgetting::want(
            connection,
            (sender_key.as_deref(), account.as_deref()),
            target_key.as_deref(),
            *until,
        ),
        Row::ReadMarker {
            account,
            target_key,
            time_ms,
        } => markers::save(connection, *account, target_key, *time_ms),
        Row::Channel(channel) => accounts::save_channel(connection, channel),
        Row::ChannelGone { channel } => accounts::forget_channel(connection, *channel),
        Row::AlwaysOn { account, record } => accounts::save_always_on(connection, *account, record),
        Row::AlwaysOnGone { account } => accounts::forget_always_on(connection, *account),
        // The others are not kept in this sense.
        _ => Ok(()),
    }
}

/// A message, and that the two of it have written with each other.
fn say(connection: &Connection, message: &Message) -> Result<()> {
    messages::insert(&mut messages::insertion(connection)?, message)?;
    match &message.recipient_key {
        Some(recipient) => conversations::note(connection, &message.sender_key, recipient),
        None => Ok(()),
    }
}

/// Deletes a message and what the search knows of it.
fn forget(connection: &Connection, id: u64) -> Result<()> {
    if let Some(message) = messages::by_id(connection, id)? {
        search::forget(connection, &message)?;
        messages::delete(connection, id)?;
    }
    Ok(())
}

/// Sorts a row's own fault (the rest of the transaction goes on) from the database's.
fn count(done: Result<()>, written: &mut Written) -> Result<()> {
    match done {
        Ok(()) => written.rows += 1,
        Err(error) if is_fault_of_row(&error) => {
            tracing::error!(%error, "a row that the database refuses was left out");
            written.refused += 1;
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn is_fault_of_row(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::ToSqlConversionFailure(_))
        || matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig)
        )
}

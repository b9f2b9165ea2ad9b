//! From rows to the tables that they belong to.

use rusqlite::{Connection, ErrorCode, Result};

use super::{WorkKind, Written};
use crate::tables::journal::Journal;
use crate::tables::{
    accounts, conversations, events, forgetting, markers, messages, operators, ratings, search,
    servers, session,
};
use crate::{Message, Row, clock};

/// Writes what a work brings. Part of a transaction.
pub(super) fn apply(
    connection: &Connection,
    kind: &WorkKind,
    journal: &mut Journal,
    written: &mut Written,
) -> Result<()> {
    match kind {
        WorkKind::Batch(batch) => {
            let mut insertion = None;
            for row in &batch.rows {
                let done = match row {
                    Row::Message(message) if message.recipient_key.is_none() => {
                        let insertion = match &mut insertion {
                            Some(insertion) => insertion,
                            none => none.insert(messages::insertion(connection)?),
                        };
                        messages::insert(insertion, message)
                    }
                    other => rare(connection, other),
                };
                count(done, written)?;
                journal.last_time_ms = journal.last_time_ms.max(row.time_ms());
            }
        }
        WorkKind::Figures(figures) => {
            for day in figures {
                count(servers::save(connection, day), written)?;
            }
            journal.last_time_ms = journal.last_time_ms.max(clock::now_ms());
        }
        WorkKind::CloseSessions(time_ms) => {
            session::close_all(connection, *time_ms)?;
            journal.last_time_ms = journal.last_time_ms.max(*time_ms);
        }
    }
    Ok(())
}

/// Rows that are not messages to a channel.
fn rare(connection: &Connection, row: &Row) -> Result<()> {
    match row {
        Row::Message(message) => say(connection, message),
        Row::Event(event) => events::insert(connection, event),
        Row::Redacted { message, event } => {
            forget(connection, *message)?;
            event
                .as_ref()
                .map_or(Ok(()), |event| events::insert(connection, event))
        }
        Row::Rating {
            session,
            user,
            server,
            stars,
            time_ms,
        } => {
            let (session, stars, time_ms) = (*session, *stars, *time_ms);
            ratings::rate(
                connection,
                &ratings::Rating {
                    session,
                    user,
                    server,
                    stars,
                    time_ms,
                },
            )
        }
        Row::SessionOpened {
            session,
            user,
            time_ms,
        } => session::open(connection, *session, user, *time_ms),
        Row::SessionClosed { session, time_ms } => session::close(connection, *session, *time_ms),
        _ => kept(connection, row),
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

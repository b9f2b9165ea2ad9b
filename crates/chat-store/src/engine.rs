//! The transactions themselves, apart from when and on which thread they happen.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Result, Transaction, TransactionBehavior};

use crate::connection::{self, Opened};
use crate::sweep::{self, Retention, Round, Swept};
use crate::tables::journal::{self, Journal};
use crate::tables::{
    accounts, conversations, events, forgetting, markers, messages, operators, ratings, search,
    servers, session,
};
use crate::{Batch, DayFigures, Message, Row, clock};

/// Pages that a transaction writes to the log besides those of its rows, about.
const PAGES: usize = 3;

/// With so many pages in the log (64 MiB) it is moved into the file also while writing goes on.
const LONG_LOG: usize = 16_384;

/// One unit of work: wholly written, or not at all.
pub(crate) struct Work {
    /// Its number; works are written in the order of their numbers.
    pub(crate) serial: u64,
    /// What to write.
    pub(crate) kind: WorkKind,
}

pub(crate) enum WorkKind {
    /// Entries of the journal.
    Batch(Batch),
    /// Rows of `servers`.
    Figures(Vec<DayFigures>),
    /// The end of all live sessions, at this time.
    CloseSessions(i64),
}

/// What a transaction did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Written {
    /// Rows given and stored.
    pub(crate) rows: usize,
    /// There was a transaction: not for entries without rows within what is reserved.
    pub(crate) transaction: bool,
    /// Rows that the database will never take, such as an id used twice: left out, so that they
    /// do not block what comes after them.
    pub(crate) refused: usize,
}

/// The writing connection and what it knows of the row in `journal`.
pub(crate) struct Engine {
    connection: Connection,
    path: PathBuf,
    /// As last committed.
    journal: Journal,
    /// The highest position that was given to be seen, whoever gave it.
    seen: u64,
    /// A commit failed, which may still have reached the disk.
    in_doubt: bool,
    /// A commit does not wait for the disk.
    quick: bool,
    /// Pages written to the log since it was moved into the file last, about.
    log: usize,
    /// With so many of them it is long.
    long_log: usize,
    /// Gives the file free again when it is closed.
    _lock: Option<File>,
}

impl Engine {
    /// Takes over an opened database: ends the sessions that a crash left open, and reserves the
    /// first positions of this life.
    pub(crate) fn start(opened: Opened) -> Result<Self> {
        let Opened {
            mut connection,
            path,
            lock,
            quick,
        } = opened;
        let transaction = immediate(&mut connection)?;
        let mut journal = journal::read(&transaction)?;
        let closed = session::close_all(&transaction, journal.last_time_ms)?;
        journal.mark = journal.mark.advanced(journal.mark.first_free() - 1);
        journal::write(&transaction, &journal)?;
        transaction.commit()?;
        if closed > 0 {
            tracing::warn!(closed, "sessions left open by a crash got their out-time");
        }
        Ok(Self {
            connection,
            path,
            journal,
            seen: 0,
            in_doubt: false,
            quick,
            log: 0,
            long_log: LONG_LOG,
            _lock: lock,
        })
    }

    /// Writes all of it in one transaction, after which positions up to `seen` may be seen. After
    /// an error nothing counts as written; the same works may be given again, also where the
    /// failed commit reached the disk after all.
    pub(crate) fn write<'a, I>(&mut self, works: I, seen: u64) -> Result<Written>
    where
        I: Iterator<Item = &'a Work> + Clone,
    {
        self.seen = self.seen.max(seen);
        let seen = self.seen;
        let covered = !self.in_doubt && self.journal.mark.covers(seen);
        if covered && works.clone().all(|work| work.kind.is_empty()) {
            return Ok(Written::default());
        }
        let doubt = std::mem::replace(&mut self.in_doubt, true);
        let transaction = immediate(&mut self.connection)?;
        if doubt {
            self.journal = journal::read(&transaction)?;
        }
        let mut journal = self.journal;
        let mut written = Written {
            transaction: true,
            ..Written::default()
        };
        let mut pages = 0;
        for work in works.filter(|work| work.serial > self.journal.serial) {
            apply(&transaction, &work.kind, &mut journal, &mut written)?;
            journal.serial = work.serial;
            pages += work.kind.pages();
        }
        journal.mark = journal.mark.advanced(seen);
        journal::write(&transaction, &journal)?;
        transaction.commit()?;
        self.journal = journal;
        self.in_doubt = false;
        self.log += PAGES + pages;
        Ok(written)
    }

    /// Takes the next messages into the index of the search, in a transaction of its own; how many.
    pub(crate) fn index(&mut self, rows: u32) -> Result<usize> {
        let transaction = immediate(&mut self.connection)?;
        let done = search::index(&transaction, rows)?;
        transaction.commit()?;
        // About: the words of a message come in pages that many share.
        self.log += done / 2;
        Ok(done)
    }

    /// Deletes some of what is to be forgotten, in a transaction of its own; whether there is any.
    pub(crate) fn forget(&mut self, rows: u32) -> Result<bool> {
        let transaction = immediate(&mut self.connection)?;
        let any = forgetting::step(&transaction, rows)?;
        transaction.commit()?;
        self.log += usize::from(any);
        Ok(any)
    }

    /// Deletes some of what is old enough, in a transaction of its own.
    pub(crate) fn sweep(
        &mut self,
        round: &mut Round,
        retention: Retention,
        rows: u32,
    ) -> Result<Swept> {
        let transaction = immediate(&mut self.connection)?;
        let swept = sweep::step(&transaction, round, retention, clock::now_ms(), rows)?;
        transaction.commit()?;
        self.log += 1;
        Ok(swept)
    }

    /// True where the log should be moved into the file although there is no rest.
    pub(crate) fn log_is_long(&self) -> bool {
        self.log >= self.long_log
    }

    #[cfg(test)]
    pub(crate) fn set_long_log(&mut self, pages: usize) {
        self.long_log = pages;
    }

    /// True where a commit does not wait for the disk.
    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    /// What is in the log now is being moved into the file.
    pub(crate) fn log_is_moved(&mut self) {
        self.log = 0;
    }

    /// Moves the rest of the log into the file, so that the next transaction writes it from its
    /// beginning; a reader in the way puts that off.
    pub(crate) fn restart_log(&mut self) -> Result<()> {
        connection::move_log(&self.connection)
    }

    /// Notes that the program still runs, if anyone is on: should it crash, their sessions end
    /// about here.
    pub(crate) fn note_time(&mut self, now_ms: i64) -> Result<()> {
        if session::any_live(&self.connection)? && now_ms > self.journal.last_time_ms {
            self.connection
                .prepare_cached("UPDATE journal SET last_time_ms = ?1 WHERE id = 1")?
                .execute([now_ms])?;
            self.journal.last_time_ms = now_ms;
        }
        Ok(())
    }

    /// Moves the log into the file and cuts it, unless a reader is in the way right now.
    pub(crate) fn checkpoint(&mut self, wait: Duration) -> Result<()> {
        self.log = 0;
        let usual = self
            .connection
            .pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
        self.connection.busy_timeout(wait)?;
        let done = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(Duration::from_millis(usual))?;
        done
    }

    /// Gives back the positions that were reserved and not used. Nothing may be written after.
    pub(crate) fn end(&mut self) -> Result<()> {
        let transaction = immediate(&mut self.connection)?;
        let mut journal = journal::read(&transaction)?;
        journal.mark = journal.mark.advanced(self.seen).closed();
        journal::write(&transaction, &journal)?;
        transaction.commit()?;
        self.journal = journal;
        Ok(())
    }

    /// True where all that was given may be seen, and `position`, although nothing is written for
    /// it now.
    pub(crate) fn covers(&self, position: u64) -> bool {
        self.seen.max(position) <= self.journal.mark.reserved
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn path(&self) -> &PathBuf {
        &self.path
    }
}

impl WorkKind {
    /// How many rows it brings.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.rows.len(),
            Self::Figures(figures) => figures.len(),
            Self::CloseSessions(_) => 1,
        }
    }

    /// How many pages of the log its rows take, about: each one of the table and one of its index,
    /// and what is longer than a page.
    fn pages(&self) -> usize {
        let long = match self {
            Self::Batch(batch) => batch.bytes() / 4096,
            Self::Figures(_) | Self::CloseSessions(_) => 0,
        };
        2 * self.rows() + long
    }

    /// Entries that leave nothing in the database.
    fn is_empty(&self) -> bool {
        self.rows() == 0
    }
}

fn immediate(connection: &mut Connection) -> Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn apply(
    transaction: &Transaction<'_>,
    kind: &WorkKind,
    journal: &mut Journal,
    written: &mut Written,
) -> Result<()> {
    match kind {
        WorkKind::Batch(batch) => {
            let mut insertion = messages::insertion(transaction)?;
            for row in &batch.rows {
                let done = match row {
                    Row::Message(message) if message.recipient_key.is_none() => {
                        messages::insert(&mut insertion, message)
                    }
                    other => rare(transaction, other),
                };
                count(done, written)?;
                journal.last_time_ms = journal.last_time_ms.max(row.time_ms());
            }
        }
        WorkKind::Figures(figures) => {
            for day in figures {
                count(servers::save(transaction, day), written)?;
            }
            journal.last_time_ms = journal.last_time_ms.max(clock::now_ms());
        }
        WorkKind::CloseSessions(time_ms) => {
            session::close_all(transaction, *time_ms)?;
            journal.last_time_ms = journal.last_time_ms.max(*time_ms);
        }
    }
    Ok(())
}

/// Rows that are not messages to a channel.
fn rare(transaction: &Transaction<'_>, row: &Row) -> Result<()> {
    match row {
        Row::Message(message) => say(transaction, message),
        Row::Event(event) => events::insert(transaction, event),
        Row::Redacted { message, event } => {
            forget(transaction, *message)?;
            events::insert(transaction, event)
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
                transaction,
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
        } => session::open(transaction, *session, user, *time_ms),
        Row::SessionClosed { session, time_ms } => session::close(transaction, *session, *time_ms),
        _ => kept(transaction, row),
    }
}

/// Rows of what outlives all servers, and wishes to forget.
fn kept(transaction: &Transaction<'_>, row: &Row) -> Result<()> {
    match row {
        Row::OperatorAct(act) => operators::write_act(transaction, act),
        Row::NetworkBan { mask, record } => operators::save_ban(transaction, mask, record),
        Row::NetworkBanGone { mask } => operators::forget_ban(transaction, mask),
        Row::Account(account) => accounts::save(transaction, account),
        Row::AccountSecrets { account, secrets } => {
            accounts::set_secrets(transaction, *account, secrets)
        }
        Row::AccountEmail { account, email } => {
            accounts::set_email(transaction, *account, email.as_deref())
        }
        Row::AccountGone { account } => {
            markers::forget(transaction, *account)?;
            accounts::forget(transaction, *account)
        }
        Row::Forget {
            sender_key,
            target_key,
            until,
        } => forgetting::want(
            transaction,
            sender_key.as_deref(),
            target_key.as_deref(),
            *until,
        ),
        Row::ReadMarker {
            account,
            target_key,
            time_ms,
        } => markers::save(transaction, *account, target_key, *time_ms),
        Row::Channel(channel) => accounts::save_channel(transaction, channel),
        Row::ChannelGone { channel } => accounts::forget_channel(transaction, *channel),
        Row::AlwaysOn { account, record } => {
            accounts::save_always_on(transaction, *account, record)
        }
        Row::AlwaysOnGone { account } => accounts::forget_always_on(transaction, *account),
        // The others are not kept in this sense.
        _ => Ok(()),
    }
}

/// A message, and that the two of it have written with each other.
fn say(transaction: &Transaction<'_>, message: &Message) -> Result<()> {
    messages::insert(&mut messages::insertion(transaction)?, message)?;
    match &message.recipient_key {
        Some(recipient) => conversations::note(transaction, &message.sender_key, recipient),
        None => Ok(()),
    }
}

/// Deletes a message and what the search knows of it.
fn forget(transaction: &Transaction<'_>, id: u64) -> Result<()> {
    if let Some(message) = messages::by_id(transaction, id)? {
        search::forget(transaction, &message)?;
        messages::delete(transaction, id)?;
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

#[cfg(test)]
mod tests;

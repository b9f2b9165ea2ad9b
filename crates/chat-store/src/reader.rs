//! Questions to the database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::engine::Engine;
use crate::schema::sqlite;
use crate::tables::{accounts, messages, operators, ratings, secret, servers, session};
use crate::{
    DayFigures, Error, Latest, Message, OperatorAct, Page, RatingSum, Search, Selection,
    ServerStart, SessionRow, View, connection, history, search, tables,
};

/// How many connections are kept open between questions.
const IDLE: usize = 4;

/// No answer is longer than this many rows, whatever is asked for.
const LONGEST: u32 = 10_000;

/// Reads the database, over read-only connections that are opened when needed and kept. Clones
/// share them, and any number of threads may ask at once.
///
/// A question sees what was committed when it was asked, and never waits for the writer (in
/// memory: for the transaction that is under way). Each waits for the disk, mostly under 0.1 ms.
#[derive(Clone)]
pub struct Reader(Arc<Source>);

enum Source {
    File {
        path: PathBuf,
        idle: Mutex<Vec<Connection>>,
    },
    /// A database in memory has one connection, the writer's.
    Memory(Arc<Mutex<Engine>>),
}

impl Reader {
    /// Reads a database that another process writes. Open it after a fork, never before.
    ///
    /// # Errors
    ///
    /// Where the file is not a database of ours and of the current schema.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let first = connection::reader(path)?;
        let idle = Mutex::new(vec![first]);
        Ok(Self(Arc::new(Source::File {
            path: path.to_owned(),
            idle,
        })))
    }

    /// Beside a writer of this process.
    pub(crate) fn beside(core: &Arc<Mutex<Engine>>, in_memory: bool) -> Self {
        Self(Arc::new(if in_memory {
            Source::Memory(Arc::clone(core))
        } else {
            let path = core.lock().path().clone();
            Source::File {
                path,
                idle: Mutex::new(Vec::new()),
            }
        }))
    }

    /// A part of a place's history, at most `limit` long.
    ///
    /// # Errors
    ///
    /// [`Error::Sqlite`] where the database can't be read, as all of these.
    pub fn page(&self, view: &View<'_>, selection: Selection, limit: u32) -> Result<Page, Error> {
        self.ask(|db| history::page(db, view, selection, limit.min(LONGEST)))
    }

    /// The latest message of a place.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn latest(&self, view: &View<'_>) -> Result<Option<Latest>, Error> {
        self.ask(|db| history::latest(db, view))
    }

    /// The latest message of each conversation of somebody, in no order.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn conversations(&self, owner: &str) -> Result<Vec<Latest>, Error> {
        self.ask(|db| history::latest_of_conversations(db, owner, LONGEST))
    }

    /// The messages that a search finds, oldest first. Of what is not in the index yet, the oldest two
    /// thousand are looked through; more there are only while it is far behind.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn search(&self, search: &Search) -> Result<Vec<Message>, Error> {
        self.ask(|db| search::search(db, search))
    }

    /// The id up to which messages are in the index of the search.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn indexed(&self) -> Result<u64, Error> {
        self.ask(|db| tables::search::indexed(db).map(|id| id.max(0).unsigned_abs()))
    }

    /// The message with this id.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn message(&self, id: u64) -> Result<Option<Message>, Error> {
        self.ask(|db| messages::by_id(db, id))
    }

    /// How many messages there are. Reads a whole index: not for every minute.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn message_count(&self) -> Result<u64, Error> {
        self.ask(messages::count)
    }

    /// The newest `limit` acts of operators, oldest first.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn operator_acts(&self, limit: u32) -> Result<Vec<OperatorAct>, Error> {
        self.ask(|db| operators::newest_acts(db, limit.min(LONGEST)))
    }

    /// What the last act of a kind, such as `DEFCON`, was about; `None`: nobody ever did that.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn last_act(&self, act: &str) -> Result<Option<String>, Error> {
        self.ask(|db| operators::last_of(db, act))
    }

    /// The records of all bans from the whole chat, in the order in which they were set.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn network_ban_records(&self) -> Result<Vec<String>, Error> {
        self.ask(operators::bans)
    }

    /// The stars of each server.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn ratings(&self) -> Result<Vec<RatingSum>, Error> {
        self.ask(ratings::sums)
    }

    /// The rows of `servers` of a date (`YYYY-MM-DD`, local).
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn figures(&self, date: &str) -> Result<Vec<DayFigures>, Error> {
        self.ask(|db| servers::of_date(db, date))
    }

    /// The newest `limit` rows of `session`, of a date if given, oldest first.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn sessions(&self, date: Option<&str>, limit: u32) -> Result<Vec<SessionRow>, Error> {
        self.ask(|db| session::newest(db, date, limit.min(LONGEST)))
    }

    /// The figures of each server to go on with at a date (`YYYY-MM-DD`, local).
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn servers_as_of(&self, date: &str) -> Result<Vec<ServerStart>, Error> {
        self.ask(|db| servers::as_of(db, date, &ratings::sums(db)?))
    }

    /// What the password of an account is held against; `None` where there is no such account or it
    /// has no password.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn secrets(&self, account: u64) -> Result<Option<Vec<u8>>, Error> {
        self.ask(|db| accounts::secrets(db, account))
    }

    /// 32 random bytes that this database alone has, the same as long as it lasts.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn secret(&self) -> Result<Vec<u8>, Error> {
        self.ask(secret::read)
    }

    /// Where the owner of an account can be reached, if told.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn email(&self, account: u64) -> Result<Option<String>, Error> {
        self.ask(|db| accounts::email(db, account))
    }

    /// The oldest `limit` messages with an id above `after`, of all places: to go through all of them.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn messages_after(&self, after: Option<u64>, limit: u32) -> Result<Vec<Message>, Error> {
        let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
        self.ask(|db| messages::following(db, after, limit.min(LONGEST)))
    }

    /// How many wishes to forget ([`Row::Forget`](crate::Row::Forget)) are not fulfilled yet.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn forgetting(&self) -> Result<u64, Error> {
        self.ask(tables::forgetting::count)
    }

    /// How far owners of accounts have read, oldest first: account, folded target, time.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn read_markers(&self) -> Result<Vec<(u64, String, i64)>, Error> {
        self.ask(tables::markers::all)
    }

    /// The records of all accounts, as they were given.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn account_records(&self) -> Result<Vec<String>, Error> {
        self.ask(accounts::records)
    }

    /// The records of all channels that are kept, as they were given.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn channel_records(&self) -> Result<Vec<String>, Error> {
        self.ask(accounts::channel_records)
    }

    /// The records of all users that stay on, as they were given.
    ///
    /// # Errors
    ///
    /// As [`Reader::page`].
    pub fn always_on_records(&self) -> Result<Vec<String>, Error> {
        self.ask(accounts::always_on_records)
    }

    /// Closes the connections that are kept between questions.
    pub(crate) fn rest(&self) {
        if let Source::File { idle, .. } = &*self.0 {
            idle.lock().clear();
        }
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let (path, idle) = match &*self.0 {
            Source::File { path, idle } => (path, idle),
            Source::Memory(core) => {
                let core = core.lock();
                return question(core.connection()).map_err(|e| sqlite(core.path(), e));
            }
        };
        let kept = idle.lock().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connection::reader(path)?,
        };
        // After an error the connection is dropped: the next question starts afresh.
        let answer = question(&connection).map_err(|e| sqlite(path, e))?;
        let mut idle = idle.lock();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        Ok(answer)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.0 {
            Source::File { .. } => "Reader(file)",
            Source::Memory(_) => "Reader(memory)",
        })
    }
}

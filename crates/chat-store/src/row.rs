//! What is stored.

use std::sync::Arc;

use crate::{Happening, Message};

/// What one step of the journal leaves in the database: all of it or nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Batch {
    /// The rows, in the order in which they happened. May be empty: entries that leave no row
    /// still use up positions.
    pub rows: Vec<Row>,
    /// The highest position that becomes visible with this batch.
    pub position: u64,
}

/// One thing worth keeping.
#[derive(Clone, PartialEq, Debug)]
pub enum Row {
    /// Somebody said something.
    Message(Message),
    /// Something else happened that history shows.
    Event(Happening),
    /// A message is withdrawn: it and what the search knows of it are deleted, and the event is
    /// shown in its stead.
    Redacted {
        /// The message.
        message: u64,
        /// That it was done, by whom and why; `None`: not everybody there may know of it.
        event: Option<Happening>,
    },
    /// Somebody rated a server. A later rating of the same live session replaces the earlier.
    Rating {
        /// The session, as in [`Row::SessionOpened`].
        session: u64,
        /// The nick.
        user: String,
        /// The server that is rated, as `servers.Name` has it: "Server-1".
        server: String,
        /// 1 to 5.
        stars: u8,
        /// When, ms since 1970 UTC.
        time_ms: i64,
    },
    /// A session registered: a new row of `session`.
    SessionOpened {
        /// The session; unique among the live ones.
        session: u64,
        /// The nick it registered with.
        user: String,
        /// When, ms since 1970 UTC.
        time_ms: i64,
    },
    /// A session ended: its row gets its `Out_Time`. Of a session that is not live: nothing.
    SessionClosed {
        /// The session.
        session: u64,
        /// When, ms since 1970 UTC.
        time_ms: i64,
    },
    /// An operator did something.
    OperatorAct(OperatorAct),
    /// Someone is kept out of the whole chat; the same mask replaces the earlier.
    NetworkBan {
        /// Whom.
        mask: String,
        /// The whole, as it is restored.
        record: String,
    },
    /// Someone is kept out no longer.
    NetworkBanGone {
        /// Whom.
        mask: String,
    },
    /// An account, new or changed. Its secrets and its address stay as they are.
    Account(AccountRow),
    /// What the password of an account is held against.
    AccountSecrets {
        /// The account.
        account: u64,
        /// Opaque here.
        secrets: Arc<[u8]>,
    },
    /// Where the owner of an account can be reached.
    AccountEmail {
        /// The account.
        account: u64,
        /// The address; none: unknown.
        email: Option<String>,
    },
    /// What somebody has said, or all of a place, is to be deleted behind the writing.
    Forget {
        /// Whose messages.
        sender_key: Option<String>,
        /// The name of their account, which their events have.
        account: Option<String>,
        /// Or those of this place, and its events.
        target_key: Option<String>,
        /// What came later stays.
        until: u64,
    },
    /// The owner of an account has read so far.
    ReadMarker {
        /// The account.
        account: u64,
        /// The folded channel or nick.
        target_key: String,
        /// When the last message that was read was sent, ms since 1970 UTC.
        time_ms: i64,
    },
    /// An account is gone, with its secrets.
    AccountGone {
        /// The account.
        account: u64,
    },
    /// A channel that is kept, new or changed.
    Channel(ChannelRow),
    /// A channel is kept no longer.
    ChannelGone {
        /// The channel.
        channel: u64,
    },
    /// A user that stays on, new or changed.
    AlwaysOn {
        /// Its account.
        account: u64,
        /// All of it, as JSON.
        record: String,
    },
    /// The user of an account stays on no longer.
    AlwaysOnGone {
        /// The account.
        account: u64,
    },
}

/// What an operator did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorAct {
    /// The position of the entry.
    pub id: u64,
    /// When, ms since 1970 UTC.
    pub time_ms: i64,
    /// The name of the operator.
    pub operator: String,
    /// Its `nick!user@host` at that moment.
    pub who: String,
    /// What was done, in a word.
    pub act: String,
    /// To whom or what.
    pub detail: String,
}

/// An account, without its secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRow {
    /// Its id, at most `i64::MAX`; never used twice.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The same, case-folded.
    pub name_key: String,
    /// When it was registered, ms since 1970 UTC.
    pub created_ms: i64,
    /// It may be logged in to.
    pub verified: bool,
    /// It is out of use.
    pub suspended: bool,
    /// All of it, as JSON.
    pub record: String,
}

/// A channel that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelRow {
    /// Its id, at most `i64::MAX`; never used twice.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The same, case-folded.
    pub name_key: String,
    /// The account that it is registered by, if it is.
    pub founder: Option<u64>,
    /// All of it, as JSON.
    pub record: String,
}

/// A row of `servers`: one server on one day.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DayFigures {
    /// `YYYY-MM-DD`, local.
    pub date: String,
    /// "Server-1".
    pub name: String,
    /// Mean of all stars so far, 0 where there is none.
    pub average_rating: f64,
    /// Clients of that day.
    pub today: i64,
    /// Clients of that month up to that day.
    pub month: i64,
    /// Everybody who ever came: admitted, lost and rejected.
    pub total_approaches: i64,
    /// Those of them who found all servers full.
    pub lost: i64,
}

/// A row of `session`. Databases of the original program hold any text, or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// `YYYY-MM-DD`, local.
    pub date: Option<String>,
    /// The nick.
    pub user: Option<String>,
    /// `HH:MM:SS`, local.
    pub in_time: Option<String>,
    /// `HH:MM:SS`, local; none while the session lasts.
    pub out_time: Option<String>,
}

/// Stars given to a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RatingSum {
    /// "Server-1".
    pub server: String,
    /// Sum of the stars.
    pub sum: u64,
    /// How many ratings.
    pub count: u64,
}

/// What the program needs to go on where it stopped.
#[derive(Clone, PartialEq, Debug)]
pub struct Start {
    /// The first position that nobody can have seen. The first of all is 1.
    pub position: u64,
    /// What is known of each server, by name.
    pub servers: Vec<ServerStart>,
}

/// The figures of one server to go on with, as of a date.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ServerStart {
    /// "Server-1".
    pub name: String,
    /// Clients of that date so far.
    pub today: i64,
    /// Clients of the month of that date so far.
    pub month: i64,
    /// Everybody who ever came.
    pub total_approaches: i64,
    /// Those of them who found all servers full.
    pub lost: i64,
    /// Sum of all stars given.
    pub rating_sum: u64,
    /// How many ratings.
    pub rating_count: u64,
    /// The last `Average_Rating` on record: also of databases that know no single ratings.
    pub average_rating: f64,
}

impl Row {
    /// When it happened, if the row says so.
    pub(crate) fn time_ms(&self) -> i64 {
        match self {
            Self::Message(message) => message.time_ms,
            Self::Event(event)
            | Self::Redacted {
                event: Some(event), ..
            } => event.time_ms,
            Self::Rating { time_ms, .. }
            | Self::SessionOpened { time_ms, .. }
            | Self::SessionClosed { time_ms, .. } => *time_ms,
            _ => i64::MIN,
        }
    }

    /// What it costs in memory while it waits, in bytes.
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Message(message) => message.heap_bytes(),
                Self::Event(event)
                | Self::Redacted {
                    event: Some(event), ..
                } => event.heap_bytes(),
                Self::Rating { user, server, .. } => user.len() + server.len(),
                Self::SessionOpened { user, .. } => user.len(),
                Self::OperatorAct(act) => {
                    act.operator.len() + act.who.len() + act.act.len() + act.detail.len()
                }
                Self::NetworkBan { mask, record } => mask.len() + record.len(),
                Self::NetworkBanGone { mask } => mask.len(),
                Self::Account(account) => {
                    account.name.len() + account.name_key.len() + account.record.len()
                }
                Self::Channel(channel) => {
                    channel.name.len() + channel.name_key.len() + channel.record.len()
                }
                Self::AccountSecrets { secrets, .. } => secrets.len(),
                Self::AccountEmail { email, .. } => email.as_ref().map_or(0, String::len),
                Self::AlwaysOn { record, .. } => record.len(),
                Self::ReadMarker { target_key, .. } => target_key.len(),
                Self::Forget {
                    sender_key,
                    account,
                    target_key,
                    ..
                } => [sender_key, account, target_key]
                    .into_iter()
                    .flatten()
                    .map(String::len)
                    .sum(),
                Self::SessionClosed { .. }
                | Self::AccountGone { .. }
                | Self::ChannelGone { .. }
                | Self::AlwaysOnGone { .. }
                | Self::Redacted { event: None, .. } => 0,
            }
    }
}

impl Batch {
    /// What it costs in memory while it waits, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.rows.iter().map(Row::bytes).sum::<usize>()
    }
}

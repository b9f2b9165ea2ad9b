//! Pages of history: which part of what was said in a place, and in which order it is read.
//!
//! Every question walks one index from where it begins, and reads no more than what it answers
//! (and what the asker may not see on the way). A time becomes an id first: within a place ids rise
//! with time, so that a few looks find the first id of a time.

use rusqlite::{Connection, Result};

use crate::tables::{conversations, events, messages, recent_events};
use crate::transaction::snapshot;
use crate::{Happening, Message, MessageKind, conversation};

/// A place and what somebody may see of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View<'a> {
    /// The folded name of a channel, or [`conversation`] of the two.
    pub place: &'a str,
    /// Nothing before this id is seen.
    pub first: u64,
    /// Nothing after this id is seen: what comes later comes to the asker by itself.
    pub last: u64,
    /// The asker's rank: messages to a higher one are not seen.
    pub rank: u8,
    /// Who asks; one's own messages are seen whatever the rank.
    pub own: &'a str,
    /// TAGMSG, and what is no message, too.
    pub events: bool,
}

/// A point in history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// A message's id.
    Id(u64),
    /// A time, ms since 1970 UTC.
    Time(i64),
}

/// Which part of history. The marks themselves are left out, but for [`Selection::Around`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection {
    /// The newest, but none up to the mark.
    Latest(Option<Mark>),
    /// The last ones before the mark.
    Before(Mark),
    /// The first ones after the mark.
    After(Mark),
    /// From both sides of the mark, and the mark.
    Around(Mark),
    /// Counted from the first mark on, in the direction of the second.
    Between(Mark, Mark),
}

/// One thing in history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A message.
    Message(Message),
    /// Something else.
    Event(Happening),
}

/// A part of history, oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Page {
    /// What it has.
    pub records: Vec<Record>,
    /// There is nothing more in the direction in which it was counted.
    pub is_end: bool,
}

/// Where somebody has a history, and when its latest message came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Latest {
    /// The name: as it was displayed last.
    pub name: String,
    /// Who the other one of a conversation is; `None`: a channel.
    pub peer: Option<String>,
    /// The id of the latest message.
    pub id: u64,
    /// Its time, ms since 1970 UTC.
    pub time_ms: i64,
}

/// Ids above `after` and below `before`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) after: i64,
    pub(crate) before: i64,
}

/// From which end a walk begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Oldest,
    Newest,
}

impl View<'_> {
    /// The last kind of message that is seen, in the order of their codes.
    pub(crate) fn last_kind(&self) -> MessageKind {
        if self.events {
            MessageKind::Tagmsg
        } else {
            MessageKind::Notice
        }
    }

    /// All that is seen.
    fn span(&self) -> Span {
        Span {
            after: clamp(self.first).saturating_sub(1),
            before: clamp(self.last).saturating_add(1),
        }
    }
}

impl Page {
    /// The same, and there is nothing more.
    #[must_use]
    pub fn at_end(self) -> Self {
        Self {
            is_end: true,
            ..self
        }
    }
}

impl Record {
    /// The id.
    #[must_use]
    pub fn id(&self) -> u64 {
        match self {
            Self::Message(message) => message.id,
            Self::Event(event) => event.id,
        }
    }
}

impl Span {
    fn after(self, id: i64) -> Self {
        let after = self.after.max(id);
        Self { after, ..self }
    }

    fn before(self, id: i64) -> Self {
        let before = self.before.min(id);
        Self { before, ..self }
    }

    fn holds(self, id: u64) -> bool {
        let id = clamp(id);
        self.after < id && id < self.before
    }
}

impl Order {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Oldest => "ASC",
            Self::Newest => "DESC",
        }
    }
}

/// A page of a place.
pub(crate) fn page(
    connection: &Connection,
    view: &View<'_>,
    selection: Selection,
    limit: u32,
) -> Result<Page> {
    // Recent events are moved now and then: in one state of the database each is in one place.
    snapshot(connection, || {
        Past::new(connection, view)?.page(selection, limit)
    })
}

/// A place as somebody sees it.
struct Past<'a> {
    connection: &'a Connection,
    view: &'a View<'a>,
    /// Those of its events that are not in their order yet, by id; none where none are asked for.
    recent: Vec<Happening>,
}

impl<'a> Past<'a> {
    fn new(connection: &'a Connection, view: &'a View<'a>) -> Result<Self> {
        let recent = if view.events {
            recent_events::of_place(connection, view.place)?
        } else {
            Vec::new()
        };
        Ok(Self {
            connection,
            view,
            recent,
        })
    }

    fn page(&self, selection: Selection, limit: u32) -> Result<Page> {
        let span = self.view.span();
        let below = |mark| self.first_at(mark);
        let above = |mark| self.last_at(mark);
        let (span, order) = match selection {
            Selection::Latest(None) => (span, Order::Newest),
            Selection::Latest(Some(mark)) => (span.after(above(mark)?), Order::Newest),
            Selection::Before(mark) => (span.before(below(mark)?), Order::Newest),
            Selection::After(mark) => (span.after(above(mark)?), Order::Oldest),
            Selection::Around(mark) => return self.around(below(mark)?, limit),
            Selection::Between(one, other) => {
                if below(one)? <= below(other)? {
                    (span.after(above(one)?).before(below(other)?), Order::Oldest)
                } else {
                    (span.after(above(other)?).before(below(one)?), Order::Newest)
                }
            }
        };
        let records = self.walk(span, order, limit)?;
        let is_end = records.len() < limit as usize;
        Ok(Page { records, is_end })
    }

    /// Half before an id and half from it on.
    fn around(&self, middle: i64, limit: u32) -> Result<Page> {
        let from = limit.div_ceil(2);
        let span = self.view.span();
        let (earlier, later) = (span.before(middle), span.after(middle - 1));
        let mut records = self.walk(earlier, Order::Newest, limit - from)?;
        records.extend(self.walk(later, Order::Oldest, from)?);
        let is_end = records.len() < limit as usize;
        Ok(Page { records, is_end })
    }

    /// At most `limit` of what is seen within a span, from one end of it; oldest first.
    fn walk(&self, span: Span, order: Order, limit: u32) -> Result<Vec<Record>> {
        let found = messages::walk(self.connection, self.view, span, order, limit)?;
        let mut records: Vec<Record> = found.into_iter().map(Record::Message).collect();
        if self.view.events {
            let found = events::walk(self.connection, self.view.place, span, order, limit)?;
            records.extend(found.into_iter().map(Record::Event));
            let recent = self.recent.iter().filter(|event| span.holds(event.id));
            records.extend(recent.cloned().map(Record::Event));
        }
        records.sort_by_key(Record::id);
        let surplus = records.len().saturating_sub(limit as usize);
        match order {
            Order::Oldest => records.truncate(limit as usize),
            Order::Newest => drop(records.drain(..surplus)),
        }
        Ok(records)
    }

    /// The first id that is not before a mark.
    fn first_at(&self, mark: Mark) -> Result<i64> {
        match mark {
            Mark::Id(id) => Ok(clamp(id)),
            Mark::Time(time) => self.first_of_time(time),
        }
    }

    /// The last id that is not after a mark.
    fn last_at(&self, mark: Mark) -> Result<i64> {
        match mark {
            Mark::Id(id) => Ok(clamp(id)),
            Mark::Time(time) => Ok(self.first_of_time(time.saturating_add(1))? - 1),
        }
    }

    /// The first id of a place from a time on, or one behind its last.
    fn first_of_time(&self, time: i64) -> Result<i64> {
        first_id_of_time(time, |id| {
            let message = messages::first_from(self.connection, self.view.place, id)?;
            let (event, recent) = if self.view.events {
                let event = events::first_from(self.connection, self.view.place, id)?;
                (event, self.first_recent(id))
            } else {
                (None, None)
            };
            Ok([message, event, recent].into_iter().flatten().min())
        })
    }

    /// The first recent event from an id on: its id and time.
    fn first_recent(&self, id: i64) -> Option<(i64, i64)> {
        let at = self.recent.partition_point(|event| clamp(event.id) < id);
        let event = self.recent.get(at)?;
        Some((clamp(event.id), event.time_ms))
    }
}

/// The first id from a time on, or one behind the last, found by halving; `first_from` gives the
/// first id from an id on, and its time.
pub(crate) fn first_id_of_time(
    time: i64,
    first_from: impl Fn(i64) -> Result<Option<(i64, i64)>>,
) -> Result<i64> {
    let (mut low, mut high) = (0, i64::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        match first_from(middle)? {
            Some((id, at)) if at < time => low = id.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The latest message of each conversation of somebody, in no order.
pub(crate) fn latest_of_conversations(
    connection: &Connection,
    owner: &str,
    limit: u32,
) -> Result<Vec<Latest>> {
    let mut found = Vec::new();
    for peer in conversations::peers(connection, owner, limit)? {
        let place = conversation(owner, &peer);
        let view = View {
            place: &place,
            first: 0,
            last: u64::MAX,
            rank: 0,
            own: owner,
            events: false,
        };
        found.extend(latest(connection, &view)?.map(|latest| Latest {
            peer: Some(peer),
            ..latest
        }));
    }
    Ok(found)
}

/// The latest message of a place.
pub(crate) fn latest(connection: &Connection, view: &View<'_>) -> Result<Option<Latest>> {
    let found = messages::walk(connection, view, view.span(), Order::Newest, 1)?;
    Ok(found.into_iter().next().map(|message| Latest {
        name: other_name(&message, view.own),
        peer: None,
        id: message.id,
        time_ms: message.time_ms,
    }))
}

/// The channel, or the nick of the other one of a conversation.
fn other_name(message: &Message, own: &str) -> String {
    let from_other = message.recipient_key.is_some() && message.sender_key != own;
    let name = if from_other {
        let nick = message.sender.split_once('!');
        nick.map_or(&*message.sender, |(nick, _)| nick)
    } else {
        &message.target
    };
    name.to_owned()
}

fn clamp(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;

//! What the monitor sees of a running instance: the board once a second, and the journal as an
//! observer.
//!
//! It only looks. Where nothing runs it waits and tries again every second, so that the window may
//! be opened before the servers and stay open after them.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use chat_journal::{Deliveries, Delivery, Link, Role};
use chat_network::{Actor, Entry, Event, MessageKind, Network, Recipient, Timestamp};
use chat_stats::{Board, Snapshot};
use iced::futures::{SinkExt as _, Stream, channel::mpsc::Sender};
use tokio::time::{MissedTickBehavior, interval};

/// How often the board is read, and a lost journal looked for.
const TICK: Duration = Duration::from_secs(1);

/// Updates that may wait for the window.
const WAITING: usize = 64;

/// Lines of one update; of a longer burst the newest are shown.
const LINES: usize = 200;

/// Where to look.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Source {
    /// The name of the instance, for the window's title.
    pub instance: String,
    /// The name of the shared-memory segment.
    pub segment: String,
    /// The socket of the journal.
    pub journal: PathBuf,
}

/// What is new.
#[derive(Clone, Debug)]
pub(crate) enum Update {
    /// The counts, or why there are none.
    Board(Result<Snapshot, String>),
    /// Whether the journal is followed, or why not.
    Journal(Result<(), String>),
    /// Who is on.
    People(Vec<Person>),
    /// What was said and what happened.
    Lines(Vec<Line>),
}

/// Someone who is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Person {
    pub(crate) nick: String,
    /// The number of the server: 2 for Server-2.
    pub(crate) server: u16,
    pub(crate) away: bool,
    pub(crate) channels: usize,
}

/// One line of the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) time: Timestamp,
    /// The server of whoever did it; 0 is the hub.
    pub(crate) server: u16,
    pub(crate) kind: LineKind,
    pub(crate) who: String,
    pub(crate) text: String,
}

/// What a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineKind {
    /// Somebody wrote something.
    Said,
    /// Somebody came.
    Came,
    /// Somebody left.
    Left,
    /// Stars.
    Rated,
    /// A server was lost.
    Trouble,
}

/// The updates of a source, for as long as the window is open.
pub(crate) fn updates(source: &Source) -> impl Stream<Item = Update> + use<> {
    let source = source.clone();
    iced::stream::channel(WAITING, async move |out| {
        Watch {
            source,
            following: None,
            told: None,
            people_changed: false,
            lines: VecDeque::new(),
            out,
        }
        .run()
        .await;
    })
}

struct Watch {
    source: Source,
    following: Option<Following>,
    /// The last thing said about the journal, so that it is said once.
    told: Option<Result<(), String>>,
    people_changed: bool,
    lines: VecDeque<Line>,
    out: Sender<Update>,
}

struct Following {
    network: Network,
    deliveries: Deliveries,
}

impl Watch {
    async fn run(mut self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            let alive = tokio::select! {
                _ = ticks.tick() => self.tick().await,
                more = next(&mut self.following, &mut batch) => self.take(&mut batch, more).await,
            };
            if !alive {
                return;
            }
        }
    }

    /// Reads the board; looks for the journal where it is not followed. `false`: nobody listens.
    async fn tick(&mut self) -> bool {
        // Opened anew each time: a restarted instance has a new segment under the same name.
        let board = Board::open(&self.source.segment)
            .map(|board| board.snapshot())
            .map_err(|error| error.to_string());
        if self.out.send(Update::Board(board)).await.is_err() {
            return false;
        }
        if self.following.is_none() {
            let journal = match Link::connect(&self.source.journal, Role::Observer).await {
                Ok(link) => {
                    self.following = Some(Following {
                        network: link.network,
                        deliveries: link.deliveries,
                    });
                    self.people_changed = true;
                    Ok(())
                }
                Err(error) => Err(error.to_string()),
            };
            if self.told.as_ref() != Some(&journal) {
                self.told = Some(journal.clone());
                if self.out.send(Update::Journal(journal)).await.is_err() {
                    return false;
                }
            }
        }
        self.tell_people().await
    }

    /// Takes what the journal brought.
    async fn take(&mut self, batch: &mut Vec<Delivery>, more: bool) -> bool {
        if let Some(following) = &mut self.following {
            for delivery in batch.drain(..) {
                let Delivery::Entry(entry) = delivery else {
                    continue;
                };
                let entry = entry.effect();
                self.people_changed |= changes_people(&entry.event);
                if let Some(line) = describe(&following.network, &entry) {
                    if self.lines.len() == LINES {
                        self.lines.pop_front();
                    }
                    self.lines.push_back(line);
                }
                following.network.apply(&entry);
                following.deliveries.acknowledge(entry.stamp.position);
            }
        }
        if !more {
            self.following = None;
            self.people_changed = true;
        }
        if self.lines.is_empty() {
            return true;
        }
        let lines = self.lines.drain(..).collect();
        self.out.send(Update::Lines(lines)).await.is_ok()
    }

    /// Who is on, if that has changed since the last tick.
    async fn tell_people(&mut self) -> bool {
        if !std::mem::take(&mut self.people_changed) {
            return true;
        }
        let people = self.following.as_ref().map_or_else(Vec::new, |following| {
            let mut people: Vec<Person> = following.network.users().map(person).collect();
            people.sort_by(|one, other| one.nick.cmp(&other.nick));
            people
        });
        self.out.send(Update::People(people)).await.is_ok()
    }
}

/// The next deliveries; `false` when the journal is gone. Waits for ever where none is followed.
async fn next(following: &mut Option<Following>, batch: &mut Vec<Delivery>) -> bool {
    match following {
        Some(following) => following.deliveries.next(batch).await.is_ok(),
        None => std::future::pending().await,
    }
}

fn person(user: &chat_network::User) -> Person {
    Person {
        nick: user.nick().to_owned(),
        server: user.server().0,
        away: user.away().is_some(),
        channels: user.channels().len(),
    }
}

fn changes_people(event: &Event) -> bool {
    !matches!(
        event,
        Event::Message { .. }
            | Event::Redacted { .. }
            | Event::TopicSet { .. }
            | Event::Rated { .. }
    )
}

/// The line of the feed for an entry, seen from the state before it.
fn describe(network: &Network, entry: &Entry) -> Option<Line> {
    let (server, kind, who, text) = match &entry.event {
        Event::Message {
            from,
            to,
            kind: MessageKind::Privmsg | MessageKind::Notice,
            text,
            ..
        } => {
            let (who, server) = actor(network, *from);
            (server, LineKind::Said, who, said(network, *to, text))
        }
        Event::Registered { session, user } => {
            let text = "is here".to_owned();
            let server = session.server().0;
            (server, LineKind::Came, user.nick.to_string(), text)
        }
        Event::Quit(departure) => {
            let user = network.user(departure.user)?;
            if user.sessions().len() > 1 || network.stays_on(user) {
                return None;
            }
            let text = format!("left: {}", departure.reason);
            let server = departure.session.server().0;
            (server, LineKind::Left, user.nick().to_owned(), text)
        }
        Event::Disconnected { user, reason, .. } => {
            let user = network.user(*user)?;
            let text = format!("left: {reason}");
            let who = user.nick().to_owned();
            (user.server().0, LineKind::Left, who, text)
        }
        Event::Rated {
            user,
            session,
            stars,
            ..
        } => {
            let user = network.user(*user)?;
            let text = format!("gave {stars} of 5 stars");
            let who = user.nick().to_owned();
            (session.server().0, LineKind::Rated, who, text)
        }
        Event::ServerLost { server, reason, .. } => (
            server.0,
            LineKind::Trouble,
            server.to_string(),
            reason.to_string(),
        ),
        _ => return None,
    };
    Some(Line {
        time: entry.stamp.time,
        server,
        kind,
        who,
        text,
    })
}

fn actor(network: &Network, actor: Actor) -> (String, u16) {
    match actor {
        Actor::User(id) => network.user(id).map_or_else(
            || ("?".to_owned(), 0),
            |user| (user.nick().to_owned(), user.server().0),
        ),
        Actor::Server(server) => (server.to_string(), server.0),
    }
}

/// What was said, and where. What one person says to another is theirs: only that it was said.
fn said(network: &Network, to: Recipient, text: &str) -> String {
    match to {
        Recipient::Channel(id) => {
            let name = network
                .channel(id)
                .map_or("?", |channel| channel.name().as_str());
            format!("{name}  {}", plain(text))
        }
        Recipient::Ranked(..) | Recipient::Moderated(_) => {
            "wrote to the operators of a channel".to_owned()
        }
        Recipient::User(_) | Recipient::Absent(_) => "wrote to somebody in private".to_owned(),
    }
}

/// The text without formatting characters and with actions in words.
fn plain(text: &str) -> String {
    let text = match text.strip_prefix("\u{1}ACTION ") {
        Some(action) => format!("({})", action.trim_end_matches('\u{1}')),
        None => text.to_owned(),
    };
    text.chars().filter(|letter| !letter.is_control()).collect()
}

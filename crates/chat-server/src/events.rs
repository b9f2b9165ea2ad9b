//! What happens, for the program that embeds a server.

use std::collections::VecDeque;
use std::sync::Arc;

use chat_journal::{Deliveries, Delivery, Link};
use chat_network::{
    AccountId, Actor, ChannelId, Entry, Event, MessageId, MessageKind, Network, Recipient,
    Timestamp, User, UserId,
};

/// Something that has happened in the chat, on whichever server.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// Someone came.
    Registered {
        /// Who.
        nick: String,
    },
    /// Someone left.
    Quit {
        /// Who.
        nick: String,
        /// Why.
        reason: Arc<str>,
    },
    /// Someone has another nick.
    NickChanged {
        /// The nick before.
        from: String,
        /// The nick now.
        to: String,
    },
    /// Someone entered a channel.
    Joined {
        /// Who.
        nick: String,
        /// Where.
        channel: String,
    },
    /// Someone left a channel.
    Parted {
        /// Who.
        nick: String,
        /// Where.
        channel: String,
    },
    /// Someone was removed from a channel.
    Kicked {
        /// Who.
        nick: String,
        /// Where.
        channel: String,
        /// By whom; `None`: a server.
        by: Option<String>,
        /// Why.
        reason: Arc<str>,
    },
    /// Someone said something (PRIVMSG or NOTICE).
    Message {
        /// Who; `None`: a server.
        from: Option<String>,
        /// To which channel or nick.
        target: String,
        /// What.
        text: Arc<str>,
        /// The message's id, as in the `msgid` tag.
        id: String,
        /// When.
        time: Timestamp,
    },
    /// A channel has another topic.
    TopicSet {
        /// Where.
        channel: String,
        /// The topic; empty: none.
        topic: Arc<str>,
    },
    /// A server was rated.
    Rated {
        /// By whom.
        nick: String,
        /// Which server: 2 for Server-2.
        server: u16,
        /// 1 to 5.
        stars: u8,
    },
}

/// What happens in the chat, in its order; nothing before it is stored. Whoever does not read is
/// cut off once too much waits.
#[derive(Debug)]
pub struct Events {
    network: Network,
    deliveries: Deliveries,
    batch: Vec<Delivery>,
    ready: VecDeque<ServerEvent>,
}

impl Events {
    pub(crate) fn new(link: Link) -> Self {
        Self {
            network: link.network,
            deliveries: link.deliveries,
            batch: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Waits for the next event; `None` when the server has ended or this was cut off. Dropping the
    /// call before it is done loses none.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.deliveries.next(&mut self.batch).await.ok()?;
            let mut position = None;
            for delivery in self.batch.drain(..) {
                if let Delivery::Entry(entry) = delivery {
                    position = Some(entry.stamp.position);
                    take(&mut self.network, &entry.effect(), &mut self.ready);
                }
            }
            if let Some(position) = position {
                self.deliveries.acknowledge(position);
            }
        }
    }
}

/// Applies an entry and adds what it means. Names are those before it for who leaves, and after it
/// for who comes.
fn take(network: &mut Network, entry: &Entry, ready: &mut VecDeque<ServerEvent>) {
    if let Some((reason, users)) = may_leave(network, &entry.event) {
        network.apply(entry);
        for (user, nick) in users {
            if network.user(user).is_none() {
                let reason = Arc::clone(&reason);
                ready.push_back(ServerEvent::Quit { nick, reason });
            }
        }
        return;
    }
    let before = Names(network).before(entry);
    network.apply(entry);
    ready.extend(before.or_else(|| Names(network).after(entry)));
}

/// A user and its nick.
type Named = (UserId, String);

/// Who may have left after an event, and why.
fn may_leave(network: &Network, event: &Event) -> Option<(Arc<str>, Vec<Named>)> {
    let named = |user: &User| (user.id(), user.nick().to_owned());
    let of_account = |account: AccountId| network.users_of_account(account).map(named).collect();
    Some(match event {
        Event::Quit(departure) => {
            let user = network.user(departure.user).map(named);
            (Arc::clone(&departure.reason), user.into_iter().collect())
        }
        Event::Disconnected { user, reason, .. } => {
            let user = network.user(*user).map(named);
            (Arc::clone(reason), user.into_iter().collect())
        }
        Event::ServerLost {
            server,
            incarnation,
            reason,
        } => {
            let sessions = network.sessions_of(*server, *incarnation);
            let users = sessions.filter_map(|session| network.user_of(session));
            let mut users: Vec<_> = users.map(named).collect();
            users.sort_unstable();
            users.dedup();
            (Arc::clone(reason), users)
        }
        Event::AccountSuspended { account, reason } => (Arc::clone(reason), of_account(*account)),
        Event::AccountDropped { account } | Event::AccountSettingChanged { account, .. } => {
            ("No longer always on".into(), of_account(*account))
        }
        _ => return None,
    })
}

/// The names of users and channels at one moment.
struct Names<'a>(&'a Network);

impl Names<'_> {
    fn nick(&self, user: UserId) -> Option<String> {
        self.0.user(user).map(|user| user.nick().to_owned())
    }

    fn channel(&self, channel: ChannelId) -> Option<String> {
        self.0
            .channel(channel)
            .map(|channel| channel.name().to_string())
    }

    fn actor(&self, actor: Actor) -> Option<String> {
        match actor {
            Actor::User(user) => self.nick(user),
            Actor::Server(_) => None,
        }
    }

    fn before(&self, entry: &Entry) -> Option<ServerEvent> {
        Some(match &entry.event {
            Event::NickChanged { user, nick } => ServerEvent::NickChanged {
                from: self.nick(*user)?,
                to: nick.to_string(),
            },
            Event::Parted { user, channel, .. } => ServerEvent::Parted {
                nick: self.nick(*user)?,
                channel: self.channel(*channel)?,
            },
            Event::Kicked {
                by,
                channel,
                user,
                reason,
            } => ServerEvent::Kicked {
                nick: self.nick(*user)?,
                channel: self.channel(*channel)?,
                by: self.actor(*by),
                reason: Arc::clone(reason),
            },
            _ => return None,
        })
    }

    fn after(&self, entry: &Entry) -> Option<ServerEvent> {
        Some(match &entry.event {
            Event::Registered { user, .. } => ServerEvent::Registered {
                nick: user.nick.to_string(),
            },
            Event::Joined { user, channel, .. } => ServerEvent::Joined {
                nick: self.nick(*user)?,
                channel: self.channel(*channel)?,
            },
            Event::Message {
                from,
                to,
                kind,
                text,
                ..
            } if *kind != MessageKind::Tagmsg => ServerEvent::Message {
                from: self.actor(*from),
                target: match to {
                    Recipient::Channel(channel) | Recipient::Moderated(channel) => {
                        self.channel(*channel)?
                    }
                    Recipient::Ranked(channel, prefix) => {
                        format!("{}{}", prefix.symbol(), self.channel(*channel)?)
                    }
                    Recipient::User(user) => self.nick(*user)?,
                    Recipient::Absent(_) => return None,
                },
                text: Arc::clone(text),
                id: MessageId(entry.stamp.position).to_string(),
                time: entry.stamp.time,
            },
            Event::TopicSet { channel, topic, .. } => ServerEvent::TopicSet {
                channel: self.channel(*channel)?,
                topic: Arc::clone(topic),
            },
            Event::Rated {
                user,
                session,
                stars,
                ..
            } => ServerEvent::Rated {
                nick: self.nick(*user)?,
                server: session.server().0,
                stars: *stars,
            },
            _ => return None,
        })
    }
}

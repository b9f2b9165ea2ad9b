//! Messages and events as history keeps them: where they are found, and whose they are.

use chat_network::{
    Actor, AppliedChange, Channel, ChannelFlag, ChannelId, Entry, Event, Identity, MemberPrefix,
    MessageKind, Network, Origin, Recipient, Relayed, ServerId, Tag, User, UserId, folded,
};
use chat_store::{EventKind, Happening, Message, Row, conversation};

use super::{Keep, lost};

/// What the others are told of who leaves with a suspended account.
const SUSPENDED: &str = "Account suspended";

/// Changes in one line of modes.
const CHANGES_PER_LINE: usize = 6;

/// Where a message goes, as history knows it.
struct Place {
    target: String,
    key: String,
    recipient: Option<String>,
    rank: u8,
}

/// The row of a message, if it is one to be kept.
pub(super) fn message(keep: &Keep, network: &Network, entry: &Entry) -> Option<Row> {
    let Event::Message {
        from,
        to,
        kind,
        text,
        tags,
    } = &entry.event
    else {
        return None;
    };
    let kept = match to {
        Recipient::User(_) | Recipient::Absent(_) => keep.direct,
        Recipient::Channel(_) | Recipient::Ranked(..) | Recipient::Moderated(_) => keep.channels,
    };
    if !kept || !keep.stores_kind(*kind, tags) {
        return None;
    }
    let (sender, sender_key) = who(network, *from)?;
    let place = place(network, &sender_key, *to)?;
    Some(Row::Message(Message {
        id: entry.stamp.position.0,
        time_ms: entry.stamp.time.0,
        sender,
        sender_key,
        account: account(network, *from),
        server: server_of(entry.origin).0,
        target: place.target,
        target_key: place.key,
        recipient_key: place.recipient,
        rank: place.rank,
        kind: stored_kind(*kind),
        text: text.clone(),
        tags: tags.iter().map(pair).collect(),
    }))
}

/// What is said for somebody from elsewhere, as its row; it belongs to who relays it.
pub(super) fn relayed(
    keep: &Keep,
    network: &Network,
    entry: &Entry,
    said: &Relayed,
) -> Option<Row> {
    if !keep.channels {
        return None;
    }
    let (_, sender_key) = who(network, Actor::User(said.by))?;
    let place = place(network, &sender_key, Recipient::Channel(said.channel))?;
    Some(Row::Message(Message {
        id: entry.stamp.position.0,
        time_ms: entry.stamp.time.0,
        sender: said.prefix.to_string(),
        sender_key,
        account: None,
        server: server_of(entry.origin).0,
        target: place.target,
        target_key: place.key,
        recipient_key: None,
        rank: 0,
        kind: chat_store::MessageKind::Privmsg,
        text: said.text.clone(),
        tags: said.tags.iter().map(pair).collect(),
    }))
}

/// What a withdrawn message leaves: nothing, where it was for a rank only, because events are shown to
/// everybody in their place.
pub(super) fn redacted(network: &Network, entry: &Entry) -> Option<Row> {
    let Event::Redacted {
        by,
        to,
        message,
        reason,
    } = &entry.event
    else {
        return None;
    };
    let (sender, sender_key) = who(network, *by)?;
    let reason = reason.as_deref().unwrap_or_default();
    let for_all = !matches!(to, Recipient::Ranked(..) | Recipient::Moderated(_));
    let target_key = place(network, &sender_key, *to)?.key;
    Some(Row::Redacted {
        message: message.0.0,
        event: for_all.then(|| Happening {
            target_key,
            id: entry.stamp.position.0,
            time_ms: entry.stamp.time.0,
            kind: EventKind::Redact,
            sender,
            account: account(network, *by),
            detail: format!("{} {reason}", message.0.0),
        }),
    })
}

/// The prefix and the identity of who does something.
fn who(network: &Network, actor: Actor) -> Option<(String, String)> {
    match actor {
        Actor::User(user) => {
            let user = network.user(user)?;
            Some((user.prefix().to_string(), user.identity().to_string()))
        }
        Actor::Server(server) => Some((server.to_string(), "s".to_owned())),
    }
}

/// The account of who does something.
pub(super) fn account(network: &Network, actor: Actor) -> Option<String> {
    let Actor::User(user) = actor else {
        return None;
    };
    let account = network.account_of(network.user(user)?)?;
    Some(account.name().to_string())
}

fn place(network: &Network, sender_key: &str, to: Recipient) -> Option<Place> {
    let in_channel = |channel: ChannelId, prefix: Option<MemberPrefix>| {
        let channel = network.channel(channel)?;
        let name = channel.name();
        let symbol = prefix.map(MemberPrefix::symbol);
        Some(Place {
            target: match symbol {
                Some(symbol) => format!("{symbol}{name}"),
                None => name.to_string(),
            },
            key: channel.place(),
            recipient: None,
            rank: prefix.map_or(0, MemberPrefix::level),
        })
    };
    match to {
        Recipient::Channel(channel) => in_channel(channel, None),
        Recipient::Ranked(channel, prefix) => in_channel(channel, Some(prefix)),
        // Later as now, only they may read it.
        Recipient::Moderated(channel) => in_channel(channel, Some(MemberPrefix::HalfOperator)),
        Recipient::Absent(account) => {
            let recipient = Identity::Account(account).to_string();
            Some(Place {
                target: network.account(account)?.name().to_string(),
                key: conversation(sender_key, &recipient),
                recipient: Some(recipient),
                rank: 0,
            })
        }
        Recipient::User(user) => {
            let user = network.user(user)?;
            let recipient = user.identity().to_string();
            Some(Place {
                target: user.nick().to_owned(),
                key: conversation(sender_key, &recipient),
                recipient: Some(recipient),
                rank: 0,
            })
        }
    }
}

fn pair(tag: &Tag) -> (String, String) {
    (tag.name.to_string(), tag.value.to_string())
}

fn stored_kind(kind: MessageKind) -> chat_store::MessageKind {
    match kind {
        MessageKind::Privmsg => chat_store::MessageKind::Privmsg,
        MessageKind::Notice => chat_store::MessageKind::Notice,
        MessageKind::Tagmsg => chat_store::MessageKind::Tagmsg,
    }
}

/// The server that a request came from.
fn server_of(origin: Origin) -> ServerId {
    match origin {
        Origin::Session(session) | Origin::Operator(session) => session.server(),
        Origin::Server(server) => server,
    }
}

/// Appends what an entry, if it is no message, leaves in the history of channels.
pub(super) fn events(network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
    use EventKind::{Kick, Mode, Nick, Part, Quit, Topic};
    let mut scribe = Scribe {
        network,
        entry,
        rows,
    };
    match &entry.event {
        Event::Joined {
            user,
            channel,
            created,
            ..
        } => scribe.joined(*user, *channel, created.as_deref()),
        Event::Parted {
            user,
            channel,
            reason,
        } => {
            let reason = reason.as_deref().unwrap_or_default();
            if network
                .channel(*channel)
                .is_some_and(|channel| channel.hides(*user))
            {
                return;
            }
            scribe.here(Actor::User(*user), *channel, Part, reason);
        }
        Event::Quit(departure) if scribe.is_last_session(departure.user) => {
            scribe.everywhere(departure.user, Quit, &departure.reason);
        }
        Event::Disconnected { user, reason, .. } if !scribe.stays_on(*user) => {
            scribe.everywhere(*user, Quit, reason);
        }
        Event::AccountSuspended { account, .. } => {
            for user in network.users_of_account(*account) {
                scribe.everywhere(user.id(), Quit, SUSPENDED);
            }
        }
        Event::ServerLost { .. } => lost::append(network, entry, rows),
        Event::NickChanged { user, nick } => scribe.everywhere(*user, Nick, nick),
        Event::TopicSet { by, channel, topic } => scribe.here(*by, *channel, Topic, topic),
        Event::ChannelModes {
            by,
            channel,
            changes,
        } => scribe.here(*by, *channel, Mode, &modes(network, changes)),
        Event::Kicked {
            by,
            channel,
            user,
            reason,
        } => {
            let nick = network.user(*user).map(User::nick).unwrap_or_default();
            scribe.here(*by, *channel, Kick, &format!("{nick} {reason}"));
        }
        _ => {}
    }
}

/// Writes down what an entry did, once for each channel.
struct Scribe<'a> {
    network: &'a Network,
    entry: &'a Entry,
    rows: &'a mut Vec<Row>,
}

impl Scribe<'_> {
    fn joined(&mut self, user: UserId, channel: ChannelId, created: Option<&str>) {
        let id = channel;
        let existing = self.network.channel(id);
        let founded = |name: &str| match self.network.founding_place(name, id) {
            Some(place) => place.to_string(),
            None => folded(name),
        };
        let place = created.map(founded).or(existing.map(Channel::place));
        // In an auditorium it is told to few.
        let hidden = |user: &User| {
            existing.is_some_and(|channel| {
                channel.is(ChannelFlag::Auditorium)
                    && channel.ranks_of_account(user.account()).is_empty()
            })
        };
        let user = self.network.user(user).filter(|user| !hidden(user));
        if let (Some(place), Some(user)) = (place, user) {
            let (by, prefix) = (Actor::User(user.id()), user.prefix().to_string());
            let realname = user.realname().to_owned();
            self.write(by, place, EventKind::Join, prefix, realname);
        }
    }

    /// With this session its user leaves.
    fn is_last_session(&self, user: UserId) -> bool {
        let user = self.network.user(user);
        user.is_some_and(|user| user.sessions().len() == 1 && !self.network.stays_on(user))
    }

    fn stays_on(&self, user: UserId) -> bool {
        let user = self.network.user(user);
        user.is_some_and(|user| self.network.stays_on(user))
    }

    /// Something that a user does in all channels at once.
    fn everywhere(&mut self, user: UserId, kind: EventKind, detail: &str) {
        let Some(user) = self.network.user(user) else {
            return;
        };
        for channel in user.channels() {
            let channel = self.network.channel(*channel);
            if let Some(channel) = channel.filter(|channel| !channel.hides(user.id())) {
                let (by, prefix) = (Actor::User(user.id()), user.prefix().to_string());
                self.write(by, channel.place(), kind, prefix, detail.to_owned());
            }
        }
    }

    fn here(&mut self, by: Actor, channel: ChannelId, kind: EventKind, detail: &str) {
        let channel = self.network.channel(channel);
        if let (Some(channel), Some((source, _))) = (channel, who(self.network, by)) {
            self.write(by, channel.place(), kind, source, detail.to_owned());
        }
    }

    fn write(
        &mut self,
        by: Actor,
        target_key: String,
        kind: EventKind,
        sender: String,
        detail: String,
    ) {
        self.rows.push(Row::Event(Happening {
            target_key,
            id: self.entry.stamp.position.0,
            time_ms: self.entry.stamp.time.0,
            kind,
            sender,
            account: account(self.network, by),
            detail,
        }));
    }
}

/// Changes of modes as one writes them, some to a line. A key is not kept.
pub(super) fn modes(network: &Network, changes: &[AppliedChange]) -> String {
    let mut text = String::new();
    for changes in changes.chunks(CHANGES_PER_LINE) {
        let mut parameters = String::new();
        let mut sign = None;
        if !text.is_empty() {
            text.push('\n');
        }
        for change in changes {
            let (on, letter, parameter) = change.parts(network);
            if sign.replace(on) != Some(on) {
                text.push(if on { '+' } else { '-' });
            }
            text.push(letter);
            if let Some(parameter) = parameter {
                parameters.push(' ');
                let secret = matches!(change, AppliedChange::Key(_));
                parameters.push_str(if secret { "*" } else { &parameter });
            }
        }
        text.push_str(&parameters);
    }
    text
}

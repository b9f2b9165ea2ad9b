//! Users and channels tell other things about themselves.

use std::rc::Rc;

use chat_network::{Entry, Event, MetadataChanges, MetadataOwner, Network, User, UserId};
use chat_proto::Capability;

use crate::client::Client;
use crate::command::metadata::{self, Told};
use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::{apply, from_user, origin};

/// What an entry says of metadata.
struct News<'a> {
    by: UserId,
    owner: MetadataOwner,
    changes: &'a MetadataChanges,
    /// All of it is gone.
    cleared: bool,
}

pub(super) fn deliver(core: &Core, entry: &Entry) {
    apply(core, entry);
    if let Event::MetadataChanged {
        by,
        owner,
        changes,
        cleared,
    } = &entry.event
    {
        let news = News {
            by: *by,
            owner: *owner,
            changes,
            cleared: *cleared,
        };
        tell(core, entry, &news);
    }
}

fn tell(core: &Core, entry: &Entry, news: &News<'_>) {
    let network = core.state.network.borrow();
    let asker = origin(core, entry);
    let name = match news.owner {
        MetadataOwner::User(user) => network.user(user).map(User::nick),
        MetadataOwner::Channel(channel) => network.channel(channel).map(|own| own.name().as_str()),
    };
    let Some(name) = name else {
        return;
    };
    if let Some(asker) = &asker {
        answer(core, asker, name, news);
    }
    let by = network.user(news.by);
    let source = by.map_or(core.state.config.name.as_str(), |by| by.prefix());
    for (key, value) in news.changes {
        let body = metadata::line(source, name, key, value.as_deref());
        let mut line = match by {
            Some(by) => from_user(&network, by, body, entry.stamp.time),
            None => crate::render::Rendered::new(body, entry.stamp.time),
        };
        let wants = |client: &Client| {
            client.session.has(Capability::Metadata)
                && !asker.as_ref().is_some_and(|asker| is(asker, client))
                && client.session.rare(|rare| rare.keys.contains(key))
        };
        match news.owner {
            MetadataOwner::Channel(channel) => core.fanout.to_channel(channel, &mut line, wants),
            MetadataOwner::User(user) => {
                let Some(user) = network.user(user) else {
                    continue;
                };
                let mut apart = apart(core, &network, user);
                apart.retain(|client| wants(client));
                core.fanout
                    .to_neighbours(&network, user, &mut line, |client| {
                        wants(client) && !apart.iter().any(|apart| is(apart, client))
                    });
                core.fanout.to_clients(&apart, &mut line);
            }
        }
        core.fanout.count(&line);
    }
}

/// The user's own clients, and those that monitor it and share no channel with it.
fn apart(core: &Core, network: &Network, user: &User) -> Vec<Rc<Client>> {
    let mut clients: Vec<_> = core.fanout.of_user(user).into_iter().collect();
    let watchers = core.state.watchers.borrow();
    let watching = watchers.of(user.nick()).iter();
    for client in watching.filter_map(|session| core.fanout.get(*session)) {
        let other = network.user_of(client.session.id);
        if other.is_some_and(|other| other.id() != user.id() && !network.share_channel(other, user))
        {
            clients.push(client);
        }
    }
    clients
}

/// The answer to who asked for it.
fn answer(core: &Core, asker: &Rc<Client>, name: &str, news: &News<'_>) {
    let arriving = |rare: &mut crate::session::Rare| std::mem::take(&mut rare.arriving);
    if asker.session.rare(arriving) {
        return;
    }
    core.tell(asker, |context| {
        let lines = news.changes.iter();
        let lines = lines.map(|(key, value)| metadata::keyed(context, name, key, value.as_deref()));
        let lines: Vec<_> = lines.collect();
        if news.cleared {
            let mut told = Told::new(context, Some(name));
            lines.into_iter().for_each(|line| told.push(line));
            told.finish(context, "metadata");
        } else {
            metadata::put(context, &lines);
        }
    });
}

//! What the network says: applied to the replica, rendered, and queued for who is here.
//!
//! One task takes the deliveries in their order. What an event looks like may depend on the state
//! before it (who quits) or after it (who joined), so each event's function applies it itself, at
//! the right moment. After a batch everything is written with one system call per client.

mod account;
mod arrival;
mod change;
mod configured;
mod departure;
mod elsewhere;
mod message;
mod metadata;
mod monitor;
mod news;
mod operator;
mod ownership;
mod split;

use std::rc::Rc;

use chat_journal::{Closed, Deliveries, Delivery};
use chat_network::{
    Actor, Entry, Event, MessageId, Network, Origin, Recipient, Rejection, SessionId, Timestamp,
    User,
};
use chat_proto::{Capability, LineBody};
use tokio::task::spawn_local;

use crate::client::Client;
use crate::command::rejection_line;
use crate::core::Core;
use crate::render::Rendered;
use crate::serve;
use crate::session::Pending;

/// Takes and delivers until the link is over.
pub(crate) async fn run(core: &Rc<Core>, mut deliveries: Deliveries) -> Closed {
    let mut batch = Vec::new();
    loop {
        if let Err(closed) = deliveries.next(&mut batch).await {
            return closed;
        }
        let mut position = None;
        for delivery in batch.drain(..) {
            match delivery {
                Delivery::Entry(entry) => {
                    position = Some(entry.stamp.position);
                    deliver(core, &entry);
                    core.state.position.set(entry.stamp.position);
                }
                Delivery::Rejected { session, rejection } => {
                    core.fanout.settle();
                    rejected(core, session, &rejection);
                }
                Delivery::Reached(position) => wake(core, &core.barrier.advance(position)),
                Delivery::Gathered(wish) => wake(core, &core.barrier.gather(wish)),
                Delivery::Turn(round) => turn(core, round),
            }
        }
        core.fanout.flush();
        if let Some(position) = position {
            deliveries.acknowledge(position);
        }
    }
}

/// Applies, renders and queues one entry; then its request is answered.
fn deliver(core: &Core, entry: &Entry) {
    let channel_message = matches!(
        entry.event,
        Event::Message {
            to: Recipient::Channel(_),
            ..
        }
    );
    if !channel_message {
        core.fanout.settle();
    }
    let asker = origin(core, entry);
    if let Some(client) = &asker {
        client.answering.set(true);
    }
    take(core, &entry.effect());
    if let Some(client) = asker {
        client.answering.set(false);
        client.session.pending.pop();
        client.asked.set(entry.stamp.position);
        settle(&client);
    }
}

/// Applies, renders and queues what happened.
fn take(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::Registered { session, .. } => arrival::registered(core, entry, *session),
        Event::SessionAttached { session, user, .. } => {
            arrival::attached(core, entry, *session, *user);
        }
        Event::Joined { .. } => arrival::joined(core, entry),
        Event::Parted { .. }
        | Event::Quit(_)
        | Event::Disconnected { .. }
        | Event::Kicked { .. }
        | Event::ServerLost { .. } => departure::deliver(core, entry),
        Event::Renamed { .. } | Event::Relayed(_) | Event::Accepted { .. } => {
            elsewhere::deliver(core, entry);
        }
        Event::Message { .. } | Event::Redacted { .. } => message::deliver(core, entry),
        Event::Operated { .. }
        | Event::OperatorEntered { .. }
        | Event::Wallops { .. }
        | Event::NetworkBanned { .. }
        | Event::ChannelPurged { .. }
        | Event::NetworkUnbanned { .. }
        | Event::DefconSet { .. }
        | Event::RehashAsked
        | Event::HostChanged { .. } => operator::deliver(core, entry),
        Event::MetadataChanged { .. } => metadata::deliver(core, entry),
        Event::Configured(read) => configured::deliver(core, entry, read),
        Event::NickChanged { .. }
        | Event::TopicSet { .. }
        | Event::Invited { .. }
        | Event::ChannelModes { .. }
        | Event::UserModes { .. }
        | Event::AwayChanged { .. }
        | Event::RealnameChanged { .. }
        | Event::Rated { .. } => change::deliver(core, entry),
        Event::ReadMarked { .. }
        | Event::PersonForgotten { .. }
        | Event::ChannelForgotten { .. }
        | Event::AccountRegistered { .. }
        | Event::AccountVerified { .. }
        | Event::LoggedIn { .. }
        | Event::LoggedOut { .. }
        | Event::SecretsSet { .. }
        | Event::EmailSet { .. }
        | Event::AccountSettingChanged { .. }
        | Event::CertificateChanged { .. }
        | Event::AccountDropped { .. }
        | Event::AccountSuspended { .. }
        | Event::AccountUnsuspended { .. } => account::deliver(core, entry),
        Event::ChannelRegistered { .. }
        | Event::ChannelDropped { .. }
        | Event::ChannelOffered { .. }
        | Event::ChannelTransferred { .. }
        | Event::AccessChanged { .. } => ownership::deliver(core, entry),
    }
}

/// The id of what an entry did, as clients and history know it.
fn id_of(entry: &Entry) -> MessageId {
    MessageId(entry.stamp.position)
}

/// The replica takes an entry in, and who monitors a nick is told.
fn apply(core: &Core, entry: &Entry) {
    let freed = monitor::before(core, entry);
    core.state.network.borrow_mut().apply(entry);
    monitor::after(core, entry, &freed);
}

/// A line that comes from a user: its tags tell the account, and a bot.
fn from_user(network: &Network, user: &User, body: LineBody, time: Timestamp) -> Rendered {
    let account = network.account_of(user);
    Rendered::new(body, time)
        .account(account.map(chat_network::Account::name))
        .bot(user.modes().bot)
}

/// A line that comes from whoever did something.
fn from_actor(network: &Network, actor: Actor, body: LineBody, time: Timestamp) -> Rendered {
    let user = match actor {
        Actor::User(user) => network.user(user),
        Actor::Server(_) => None,
    };
    match user {
        Some(user) => from_user(network, user, body, time),
        None => Rendered::new(body, time),
    }
}

/// The client here whose request led to an entry.
fn origin(core: &Core, entry: &Entry) -> Option<Rc<Client>> {
    match entry.origin {
        Origin::Session(session) if core.is_own(session) => core.fanout.get(session),
        _ => None,
    }
}

/// What these sessions wait for may have come.
fn wake(core: &Core, sessions: &[SessionId]) {
    for session in sessions {
        if let Some(client) = core.fanout.get(*session) {
            client.wake();
        }
    }
}

/// Has the clients read, and says so when they have asked for what they said.
fn turn(core: &Rc<Core>, round: u64) {
    let core = Rc::clone(core);
    spawn_local(async move {
        serve::all_have_read(&core).await;
        core.requests.turned(round);
    });
}

/// The client's turn goes on, if it waits for its answers and all are there.
fn settle(client: &Client) {
    if client.settling.get() && client.session.pending.is_empty() {
        client.wake();
    }
}

/// Tells a client why its oldest request was refused.
fn rejected(core: &Core, session: SessionId, rejection: &Rejection) {
    let Some(client) = core.fanout.get(session) else {
        return;
    };
    let pending = client.session.pending.pop();
    match (pending, rejection) {
        (Some(Pending::Silent), _) => {}
        (Some(Pending::Outcome), _) => client.session.login.refused_with(rejection.clone()),
        (Some(Pending::Quit), _) => client.close("Quit"),
        _ => {
            if pending == Some(Pending::Register) {
                client.session.refused();
            }
            let line = rejection_line(&core.state, &client.session.nick(), rejection);
            if let Rejection::ChannelRenamed { channel, to } = rejection
                && !client.session.has(Capability::ChannelRename)
            {
                elsewhere::follow(core, &client, (channel, to));
            } else if let Some(line) = line {
                client.answering.set(true);
                core.fanout.push(&client, line);
                client.answering.set(false);
            }
            if matches!(rejection, Rejection::BannedFromChat(_) | Rejection::Guarded)
                && pending == Some(Pending::Register)
            {
                client.close("You are not let in");
            }
        }
    }
    settle(&client);
}

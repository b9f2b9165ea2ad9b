//! Who of this server's clients gets what.
//!
//! The replica knows all members of a channel, wherever they are; this index knows those that are
//! here, so that the others cost nothing.

mod run;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat_network::dense::Dense;
use chat_network::{ChannelId, Network, SessionId, User};
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::client::Client;
use crate::render::{Rendered, Wire};
use run::Run;

pub(crate) use run::Said;

/// Clients, by session.
type Clients = Dense<Rc<Client>>;

/// The clients of this server, and where they are.
#[derive(Default)]
pub(crate) struct Fanout {
    clients: RefCell<Clients>,
    /// A channel's clients here.
    channels: RefCell<HashMap<ChannelId, Clients>>,
    dirty: RefCell<Vec<Rc<Client>>>,
    /// Messages that are not queued yet; all that is queued after them must wait for that.
    run: RefCell<Run>,
    walk: Cell<u64>,
    /// Lines of events that were rendered (not delivered) so far; shared with who looks on.
    rendered: Arc<AtomicU64>,
}

impl Fanout {
    /// A server without clients, which counts what it renders here.
    pub(crate) fn new(rendered: Arc<AtomicU64>) -> Self {
        Self {
            rendered,
            ..Self::default()
        }
    }

    /// A client has come.
    pub(crate) fn insert(&self, client: &Rc<Client>) {
        self.clients.borrow_mut().insert(Rc::clone(client));
    }

    /// A client is gone. It is in no channel any more: its departure was delivered, or it never
    /// was a user.
    pub(crate) fn remove(&self, session: SessionId) {
        self.clients.borrow_mut().swap_remove(session.as_u64());
    }

    /// A client.
    pub(crate) fn get(&self, session: SessionId) -> Option<Rc<Client>> {
        self.clients.borrow().get(session.as_u64()).cloned()
    }

    /// How many clients there are.
    pub(crate) fn len(&self) -> usize {
        self.clients.borrow().len()
    }

    /// All clients, as they are now.
    pub(crate) fn all(&self) -> Vec<Rc<Client>> {
        self.clients.borrow().as_slice().to_vec()
    }

    /// The clients of a user that are here.
    pub(crate) fn of_user(&self, user: &User) -> SmallVec<[Rc<Client>; 1]> {
        let clients = self.clients.borrow();
        user.sessions()
            .iter()
            .filter_map(|session| clients.get(session.id.as_u64()).cloned())
            .collect()
    }

    /// A user's clients here are in a channel now.
    pub(crate) fn enter(&self, channel: ChannelId, user: &User) {
        for client in self.of_user(user) {
            let mut channels = self.channels.borrow_mut();
            channels.entry(channel).or_default().insert(client);
        }
    }

    /// A client is no longer in a channel.
    pub(crate) fn leave(&self, channel: ChannelId, session: SessionId) {
        let mut channels = self.channels.borrow_mut();
        let Some(local) = channels.get_mut(&channel) else {
            return;
        };
        local.swap_remove(session.as_u64());
        if local.is_empty() {
            channels.remove(&channel);
        }
    }

    /// Whether a channel has clients here: if not, nothing of it need be rendered.
    pub(crate) fn is_here(&self, channel: ChannelId) -> bool {
        self.channels.borrow().contains_key(&channel)
    }

    /// Queues a line for one client.
    pub(crate) fn push(&self, client: &Rc<Client>, wire: Wire) {
        if client.push(wire) {
            self.dirty.borrow_mut().push(Rc::clone(client));
        }
    }

    /// Queues an event for all clients here of a channel that `wants` it.
    pub(crate) fn to_channel(
        &self,
        channel: ChannelId,
        line: &mut Rendered,
        wants: impl Fn(&Client) -> bool,
    ) {
        let channels = self.channels.borrow();
        let Some(local) = channels.get(&channel) else {
            return;
        };
        let mut dirty = self.dirty.borrow_mut();
        for client in local.iter() {
            if wants(client) && client.push(line.line(client.session.variant())) {
                dirty.push(Rc::clone(client));
            }
        }
    }

    /// Says something in a channel. Whoever does something else than this calls
    /// [`settle`](Self::settle) before it.
    pub(crate) fn say(&self, channel: ChannelId, said: Said) {
        if !self.run.borrow().takes(channel) {
            self.settle();
        }
        self.run.borrow_mut().push(channel, said);
    }

    /// Queues what was said.
    pub(crate) fn settle(&self) {
        let mut run = self.run.borrow_mut();
        let Some(channel) = run.channel() else {
            return;
        };
        let channels = self.channels.borrow();
        if let Some(local) = channels.get(&channel) {
            let made = run.deliver(local.as_slice(), &mut self.dirty.borrow_mut());
            self.rendered.fetch_add(made, Ordering::Relaxed);
        }
        run.clear();
    }

    /// Queues an event about a user for the clients here of its channels that may see it there, once
    /// each, if they `want` it.
    pub(crate) fn to_neighbours(
        &self,
        network: &Network,
        user: &User,
        line: &mut Rendered,
        wants: impl Fn(&Client) -> bool,
    ) {
        let walk = self.walk.get() + 1;
        self.walk.set(walk);
        let channels = user.channels().iter();
        for channel in channels.filter_map(|channel| network.channel(*channel)) {
            let hidden = channel.hides(user.id());
            let sees = |client: &Client| !hidden || channel.shows(user.id(), client.session.user());
            self.to_channel(channel.id(), line, |client| {
                sees(client) && client.visited.replace(walk) != walk && wants(client)
            });
        }
    }

    /// Queues an event for some clients.
    pub(crate) fn to_clients(&self, clients: &[Rc<Client>], line: &mut Rendered) {
        for client in clients {
            self.push(client, line.line(client.session.variant()));
        }
    }

    /// Counts what an event has cost in rendering.
    pub(crate) fn count(&self, line: &Rendered) {
        self.rendered.fetch_add(line.made(), Ordering::Relaxed);
    }

    /// Writes to every client that was pushed to since the last time.
    pub(crate) fn flush(&self) {
        self.settle();
        let mut dirty = self.dirty.take();
        for client in dirty.drain(..) {
            client.flush();
        }
        // Keeps the list's memory for the next batch, unless one was unusually large.
        if dirty.capacity() <= 4096 {
            self.dirty.replace(dirty);
        }
    }
}

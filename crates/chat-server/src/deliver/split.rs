//! A server is gone, and its users leave with it: in one batch for who knows batches (netsplit).

use std::cell::RefCell;
use std::rc::Rc;

use chat_network::{Entry, Network, SessionId, User};
use chat_proto::{Capability, WireLine};
use hashbrown::HashMap;
use smol_str::{SmolStr, format_smolstr};

use crate::client::Client;
use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::from_user;
use crate::render::{Wire, event};

/// What the batch says of who is parted: a fleet is one server to its clients.
const PARTED: [&str; 2] = ["*.net", "*.split"];

/// The users of a lost server, on their way out.
pub(super) struct Split {
    /// Names the batch: no other batch of any client has this name.
    reference: SmolStr,
    /// The clients for which it has begun.
    begun: RefCell<HashMap<SessionId, Rc<Client>>>,
}

impl Split {
    /// The end of a server, told by an entry.
    pub(super) fn new(entry: &Entry) -> Self {
        Self {
            reference: format_smolstr!("split{}", entry.stamp.position.0),
            begun: RefCell::default(),
        }
    }

    /// QUIT of one of its users, to everyone here who shares a channel.
    pub(super) fn quit(
        &self,
        core: &Core,
        entry: &Entry,
        (network, user): (&Network, &User),
        reason: &str,
    ) {
        let body = event::quit(user, reason);
        let line = || from_user(network, user, body.clone(), entry.stamp.time);
        let own = core.fanout.of_user(user);
        let in_batch = RefCell::new(Vec::new());
        let mut plain = line();
        core.fanout
            .to_neighbours(network, user, &mut plain, |client| {
                if own.iter().any(|own| is(own, client)) {
                    return false;
                }
                let batch = client.session.has(Capability::Batch);
                if batch {
                    in_batch.borrow_mut().push(client.session.id);
                }
                !batch
            });
        core.fanout.count(&plain);
        let mut line = line().within(&self.reference);
        for session in in_batch.into_inner() {
            if let Some(client) = core.fanout.get(session) {
                self.begin(core, &client);
                core.fanout
                    .to_clients(std::slice::from_ref(&client), &mut line);
            }
        }
        core.fanout.count(&line);
    }

    /// The batch begins for a client, if it has not yet.
    fn begin(&self, core: &Core, client: &Rc<Client>) {
        let mut begun = self.begun.borrow_mut();
        if begun.contains_key(&client.session.id) {
            return;
        }
        begun.insert(client.session.id, Rc::clone(client));
        let line = self.batch(core, '+', &[&["netsplit"], &PARTED[..]].concat());
        core.fanout.push(client, line);
    }

    /// All have left.
    pub(super) fn end(self, core: &Core) {
        let line = self.batch(core, '-', &[]);
        for client in self.begun.into_inner().into_values() {
            core.fanout.push(&client, line.clone());
        }
    }

    fn batch(&self, core: &Core, sign: char, params: &[&str]) -> Wire {
        WireLine::builder()
            .source(&core.state.config.name)
            .command("BATCH")
            .param(&format_smolstr!("{sign}{}", self.reference))
            .params(params.iter().copied())
            .finish()
            .into()
    }
}

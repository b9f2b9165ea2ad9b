//! What is told of a user to who shares a channel with it or monitors it, and to itself.

use chat_network::{Network, User};
use chat_proto::Capability;

use crate::client::Client;
use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::monitor;
use crate::render::Rendered;

/// A user, and what clients must know to be told of it.
pub(super) struct News<'a> {
    pub(super) core: &'a Core,
    pub(super) network: &'a Network,
    pub(super) user: &'a User,
    pub(super) capability: Capability,
}

impl News<'_> {
    /// Tells all who know the capability, each once; of the user's own clients those that `own` names.
    pub(super) fn tell(&self, mut line: Rendered, own: impl Fn(&Client) -> bool) {
        let fanout = &self.core.fanout;
        let knows = |client: &Client| client.session.has(self.capability);
        let mut told = fanout.of_user(self.user);
        fanout.to_neighbours(self.network, self.user, &mut line, |client| {
            knows(client) && !told.iter().any(|own| is(own, client))
        });
        told.retain(|client| own(client));
        told.extend(monitor::strangers(self.core, self.network, self.user));
        told.retain(|client| knows(client));
        fanout.to_clients(&told, &mut line);
        fanout.count(&line);
    }
}

//! The links of the sequencer: how one is taken in, begins, and ends.

use std::sync::Arc;

use chat_network::{Action, Origin, Request, ServerId};
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::{Draft, LinkState, Sequencer};
use crate::{
    Closed, Role,
    port::{LinkId, Port},
    shared::{Attached, Sink, count},
};

/// A link that waits for the batch after which it begins.
pub(super) struct Attaching {
    link: LinkId,
    attached: Attached,
    reply: oneshot::Sender<Attached>,
}
impl Sequencer {
    /// Takes a link in: it gets the state as it is now, and what comes after this batch.
    pub(super) fn admit(
        &mut self,
        draft: &mut Draft,
        port: Arc<Port>,
        sink: Sink,
        reply: oneshot::Sender<Attached>,
    ) -> Option<Attaching> {
        if reply.is_closed() {
            return None;
        }
        if let Role::Server(_) = port.role {
            let same = self.links.iter().find(|link| link.port.role == port.role);
            if let Some(old) = same.map(|link| link.port.id) {
                self.cut(old, Closed::Replaced);
            }
        }
        // What was lost with an earlier life comes before the snapshot of the new one.
        while let Some(request) = self.own.pop_front() {
            self.decide(draft, None, request);
        }
        let incarnation = self.next_life(port.role);
        let (link, role) = (port.id, port.role);
        self.links.push(LinkState {
            port,
            sink,
            incarnation,
            live: false,
            decided: 0,
        });
        info!(?role, incarnation, position = self.position.0, "link");
        let (position, network) = (self.position, self.network.clone());
        Some(Attaching {
            link,
            attached: Attached {
                incarnation,
                position,
                network,
            },
            reply,
        })
    }

    fn next_life(&mut self, role: Role) -> u16 {
        let server = match role {
            Role::Observer => return 0,
            Role::Server(server) => server,
            Role::Operator => ServerId::HUB,
        };
        let first = self.first_life;
        *self
            .lives
            .entry(server)
            .and_modify(|life| *life = life.wrapping_add(1))
            .or_insert(first)
    }
    /// Lets a link begin, if it is still wanted.
    pub(super) fn begin(&mut self, attaching: Attaching) {
        let id = attaching.link;
        let Some(link) = self.links.iter_mut().find(|link| link.port.id == id) else {
            return;
        };
        link.live = true;
        link.port.acknowledge(attaching.attached.position);
        self.shared
            .links
            .lock()
            .push((Arc::clone(&link.port), link.sink.clone()));
        if attaching.reply.send(attaching.attached).is_err() {
            self.drop_link(id, Closed::Broken);
        }
    }

    /// Ends a link from this side.
    pub(super) fn cut(&mut self, id: LinkId, reason: Closed) {
        if let Some(link) = self.links.iter().find(|link| link.port.id == id) {
            warn!(role = ?link.port.role, %reason, "link cut");
            count(&self.shared.counts.cut, 1);
        }
        self.drop_link(id, reason);
    }

    /// Forgets a link; the sessions of a server's end with it.
    pub(super) fn drop_link(&mut self, id: LinkId, reason: Closed) {
        let Some(index) = self.links.iter().position(|link| link.port.id == id) else {
            return;
        };
        let link = self.links.swap_remove(index);
        info!(role = ?link.port.role, incarnation = link.incarnation, %reason, "link ends");
        self.shared.unlink(id);
        if let Role::Server(server) = link.port.role {
            self.own.push_back(Request {
                origin: Origin::Server(ServerId::HUB),
                action: Action::ServerLost {
                    server,
                    incarnation: link.incarnation,
                    reason: format!("{server} is gone").into(),
                },
            });
        }
        link.sink.cut(reason.clone());
        link.port.cut(reason);
    }

    /// Takes leave of all links.
    pub(super) fn end(&mut self, reason: Closed) {
        self.shared.inbox.cut(reason.clone());
        self.shared.links.lock().clear();
        for link in self.links.drain(..) {
            link.port.end(reason.clone());
            link.sink.finish(reason.clone());
        }
    }
}

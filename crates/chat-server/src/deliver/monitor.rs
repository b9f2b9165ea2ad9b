//! Who monitors a nick is told when it comes and goes.

use std::rc::Rc;

use chat_network::{Entry, Event, Network, User};
use chat_proto::numeric::{Numeric, RPL_MONOFFLINE, RPL_MONONLINE};
use chat_proto::{Capability, fold};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::client::Client;
use crate::core::Core;

/// Nicks that an entry may free, as they are written before it.
pub(super) type Freed = SmallVec<[SmolStr; 1]>;

/// Before an entry is applied: the monitored nicks that it may free.
pub(super) fn before(core: &Core, entry: &Entry) -> Freed {
    let watchers = core.state.watchers.borrow();
    if watchers.is_empty() {
        return Freed::new();
    }
    let network = core.state.network.borrow();
    let mut freed: Freed = match &entry.event {
        Event::NickChanged { user, .. } | Event::Disconnected { user, .. } => {
            network.user(*user).map(nick).into_iter().collect()
        }
        Event::Quit(departure) => network.user(departure.user).map(nick).into_iter().collect(),
        Event::AccountSettingChanged { account, .. }
        | Event::AccountDropped { account }
        | Event::AccountSuspended { account, .. } => {
            network.users_of_account(*account).map(nick).collect()
        }
        Event::ServerLost {
            server,
            incarnation,
            ..
        } => network
            .sessions_of(*server, *incarnation)
            .filter_map(|session| network.user_of(session).map(nick))
            .collect(),
        _ => Freed::new(),
    };
    freed.retain(|nick| !watchers.of(nick).is_empty());
    freed.dedup();
    freed
}

/// After an entry was applied: tells who monitors.
pub(super) fn after(core: &Core, entry: &Entry, freed: &Freed) {
    let network = core.state.network.borrow();
    for nick in freed {
        if network.user_by_nick(nick).is_none() {
            tell(core, nick, RPL_MONOFFLINE, nick);
        }
    }
    let come = match &entry.event {
        Event::Registered { session, .. } => network.user_of(*session),
        Event::NickChanged { user, nick } => network.user(*user).filter(|_| {
            // In another case it is the same nick.
            !freed.iter().any(|old| fold::same(old, nick))
        }),
        _ => None,
    };
    if let Some(user) = come {
        tell(core, user.nick(), RPL_MONONLINE, user.prefix());
    }
}

/// The clients here that monitor a user and agreed to extended-monitor, but share no channel: those
/// who share one are told anyway.
pub(super) fn strangers(core: &Core, network: &Network, user: &User) -> SmallVec<[Rc<Client>; 1]> {
    let watchers = core.state.watchers.borrow();
    watchers
        .of(user.nick())
        .iter()
        .filter_map(|session| core.fanout.get(*session))
        .filter(|client| client.session.has(Capability::ExtendedMonitor))
        .filter(|client| {
            network
                .user_of(client.session.id)
                .is_some_and(|own| own.id() != user.id() && !network.share_channel(own, user))
        })
        .collect()
}

fn tell(core: &Core, nick: &str, code: Numeric, shown: &str) {
    let watchers = core.state.watchers.borrow();
    for client in watchers
        .of(nick)
        .iter()
        .filter_map(|session| core.fanout.get(*session))
    {
        core.tell(&client, |context| context.numeric_text(code, &[], shown));
    }
}

fn nick(user: &User) -> SmolStr {
    user.nick().into()
}

//! The configuration was read again: what holds from now on, and who is told.

use std::rc::Rc;

use chat_network::{Configuration, Entry, SessionId, User, UserId, UserModes};
use chat_proto::numeric::RPL_REHASHING;

use crate::command::{cap, isupport};
use crate::core::Core;
use crate::deliver::{apply, origin};
use crate::render::{Rendered, event};
use crate::session::Stage;
use crate::settings::Settings;

/// What the file is called in the documentation; which one it is, the server does not know.
const FILE: &str = "chat.toml";

/// An operator wants it read; whoever has the file does that now.
pub(super) fn asked(core: &Core, entry: &Entry) {
    if let Some(client) = origin(core, entry) {
        core.tell(&client, |context| context.numeric(RPL_REHASHING, &[FILE]));
    }
}

/// It was read.
pub(super) fn deliver(core: &Core, entry: &Entry, read: &Configuration) {
    let operators = operators(core);
    apply(core, entry);
    if read.change.is_some() {
        no_more(core, entry, &operators);
        let before = core.state.take_settings();
        news(core, &before);
    }
    for asker in &read.askers {
        told(core, *asker, read);
    }
}

/// Who is an operator.
fn operators(core: &Core) -> Vec<UserId> {
    let network = core.state.network.borrow();
    let operators = network.users().filter(|user| user.operator().is_some());
    operators.map(User::id).collect()
}

/// Tells the clients of those who are operators no more.
fn no_more(core: &Core, entry: &Entry, before: &[UserId]) {
    let network = core.state.network.borrow();
    let known = before.iter().filter_map(|user| network.user(*user));
    for user in known.filter(|user| user.operator().is_none()) {
        let removed = UserModes {
            operator: true,
            ..UserModes::default()
        };
        let body = event::user_modes(user, UserModes::default(), removed);
        let mut line = Rendered::new(body, entry.stamp.time);
        core.fanout
            .to_clients(&core.fanout.of_user(user), &mut line);
        core.fanout.count(&line);
    }
}

/// Tells all clients here what the server supports that it did not, or did.
fn news(core: &Core, before: &Rc<Settings>) {
    let settings = core.state.settings();
    let changed = settings.supported.since(&before.supported);
    for client in core.fanout.all() {
        core.tell(&client, |context| {
            cap::news(context, before);
            if matches!(context.session.stage(), Stage::Registered(_)) {
                isupport::news(context, &changed);
            }
        });
    }
}

/// Tells an operator who is here what came of its wish.
fn told(core: &Core, asker: SessionId, read: &Configuration) {
    let Some(client) = core.fanout.get(asker).filter(|_| core.is_own(asker)) else {
        return;
    };
    let outcome = match read.change {
        Some(_) => "REHASH: the configuration is read, and holds on all servers",
        None => "REHASH: nothing has changed",
    };
    core.tell(&client, |context| {
        for note in &read.notes {
            context.notice(&format!("REHASH: {note}"));
        }
        context.notice(outcome);
    });
}

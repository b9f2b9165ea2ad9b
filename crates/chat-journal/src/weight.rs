//! What requests and deliveries weigh in memory, about: enough to bound queues in bytes.

use std::sync::Arc;

use chat_network::{
    Action, ChannelModeChange, Configuration, Entry, Event, Forget, MetadataChanges, MetadataWish,
    NewAccount, NewUser, Operator, OperatorAction, Redaction, Relay, Request, Tag,
};
use smol_str::SmolStr;

use crate::{Delivery, queue::Cost};

/// The largest request that a link takes, in bytes (about). What a client can say in one line is
/// far below.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// The fixed part of a request in a queue.
const REQUEST: usize = size_of::<Request>() + 32;
/// The fixed part of an entry that waits for a link.
const ENTRY: usize = size_of::<Entry>() + 64;

/// The weight of a request.
pub(crate) fn of_request(request: &Request) -> usize {
    REQUEST + of_action(&request.action)
}

fn of_action(action: &Action) -> usize {
    match action {
        Action::Register(user) => of_user(user),
        Action::Nick { nick: name }
        | Action::Realname { realname: name }
        | Action::MarkRead { target: name, .. }
        | Action::Forget(Forget::Account(name) | Forget::Channel(name))
        | Action::VerifyAccount { account: name }
        | Action::UnsuspendAccount { account: name }
        | Action::AcceptChannel { channel: name }
        | Action::DropChannel { channel: name } => name.len(),
        Action::Join { channel, key } => channel.len() + key.as_ref().map_or(0, SmolStr::len),
        Action::Part { channel, reason } => channel.len() + of_text(reason.as_ref()),
        Action::Quit { reason } | Action::ServerLost { reason, .. } => reason.len(),
        Action::Message {
            target, text, tags, ..
        } => target.len() + text.len() + tags.iter().map(of_tag).sum::<usize>(),
        Action::Topic { channel, topic } => channel.len() + topic.len(),
        Action::Kick {
            channel,
            nick,
            reason,
        } => channel.len() + nick.len() + reason.len(),
        Action::ChannelModes { channel, changes } => {
            channel.len() + changes.iter().map(of_change).sum::<usize>()
        }
        Action::UserModes { changes } => changes.len() * 4,
        Action::Away { message } => of_text(message.as_ref()),
        Action::Redact(wanted) => of_redaction(wanted),
        Action::Metadata(wish) => size_of::<MetadataWish>() + of_metadata(wish.changes.as_ref()),
        Action::Operate(action) => of_operator(action),
        Action::Disconnect { nick, reason }
        | Action::Ghost { nick, reason }
        | Action::SuspendAccount {
            account: nick,
            reason,
        } => nick.len() + reason.len(),
        Action::RegisterAccount(_)
        | Action::SetSecrets { .. }
        | Action::SetAccountSetting { .. }
        | Action::SetEmail { .. }
        | Action::DropAccount { .. }
        | Action::AddCertificate { .. }
        | Action::RemoveCertificate { .. } => of_owners(action),
        Action::RegisterChannel { channel, founder } => channel.len() + of_name(founder),
        Action::GrantRank { channel, nick } => channel.len() + of_name(nick),
        Action::Invite { channel, nick: to }
        | Action::TransferChannel { channel, to }
        | Action::SetAccess {
            channel,
            account: to,
            ..
        } => channel.len() + to.len(),
        _ => of_elsewhere(action),
    }
}

/// What owners of accounts ask for them.
fn of_owners(action: &Action) -> usize {
    match action {
        Action::RegisterAccount(account) => of_account(account),
        Action::SetSecrets { account, secrets } => of_name(account) + secrets.as_bytes().len(),
        Action::SetAccountSetting { account, .. }
        | Action::SetEmail { email: account }
        | Action::DropAccount { account } => of_name(account),
        Action::AddCertificate {
            account,
            fingerprint,
        }
        | Action::RemoveCertificate {
            account,
            fingerprint,
        } => of_name(account) + fingerprint.len(),
        _ => 0,
    }
}

fn of_tag(tag: &Tag) -> usize {
    64 + tag.name.len() + tag.value.len()
}

fn of_metadata(changes: Option<&MetadataChanges>) -> usize {
    let one = |(key, value): &(SmolStr, Option<Arc<str>>)| {
        64 + key.len() + value.as_ref().map_or(0, |value| value.len())
    };
    changes.map_or(0, |changes| changes.iter().map(one).sum())
}

fn of_redaction(wanted: &Redaction) -> usize {
    let names = wanted.target.len() + wanted.id.len();
    size_of::<Redaction>() + names + of_text(wanted.reason.as_ref())
}

fn of_text(text: Option<&Arc<str>>) -> usize {
    text.map_or(0, |text| text.len())
}

fn of_name(name: &Option<SmolStr>) -> usize {
    name.as_ref().map_or(0, SmolStr::len)
}

fn of_account(account: &NewAccount) -> usize {
    size_of::<NewAccount>()
        + account.name.len()
        + account.secrets.as_bytes().len()
        + of_name(&account.email)
}

fn of_operator(action: &OperatorAction) -> usize {
    let text = match action {
        OperatorAction::Enter(operator) => operator.name.len() + operator.title.len(),
        OperatorAction::Kill { nick, reason } => nick.len() + reason.len(),
        OperatorAction::Wallops { text } => text.len(),
        OperatorAction::Join { channel, .. } => channel.len() + 64,
        OperatorAction::ChannelModes { channel, changes } => {
            channel.len() + changes.iter().map(of_change).sum::<usize>()
        }
        OperatorAction::UserModes { nick, changes } => nick.len() + changes.len() * 4,
        OperatorAction::Ban { mask, reason, .. } => mask.len() + reason.len(),
        OperatorAction::Unban { mask } => mask.len(),
        OperatorAction::Purge { channel, reason } => channel.len() + of_text(reason.as_ref()),
        OperatorAction::Defcon(_) | OperatorAction::Rehash => 0,
        OperatorAction::Host { nick, host } => nick.len() + host.len(),
        OperatorAction::Manage(action) => REQUEST + of_action(action),
    };
    size_of::<OperatorAction>() + text
}

fn of_user(user: &NewUser) -> usize {
    size_of::<NewUser>()
        + user.nick.len()
        + user.username.len()
        + user.host.len()
        + user.realname.len()
}

/// Other names for channels, other people's words, and whose words one hears; what else there is has
/// no text, or comes over no link.
fn of_elsewhere(action: &Action) -> usize {
    match action {
        Action::Rename {
            channel,
            wanted,
            reason,
        } => channel.len() + wanted.len() + reason.as_ref().map_or(0, |reason| reason.len()),
        Action::Relay(wanted) => {
            let tags = wanted.tags.iter().map(of_tag);
            size_of::<Relay>() + wanted.text.len() + tags.sum::<usize>()
        }
        Action::Accept { nick, .. } => nick.len(),
        _ => 0,
    }
}

fn of_configuration(read: &Configuration) -> usize {
    let notes = read.notes.iter().map(|note| note.len()).sum::<usize>();
    let change = read.change.as_ref().map_or(0, |change| {
        change.settings.as_bytes().len() + change.operators.len() * size_of::<Operator>()
    });
    size_of::<Configuration>() + read.askers.len() * 8 + notes + change
}

fn of_change(change: &ChannelModeChange) -> usize {
    let text = match change {
        ChannelModeChange::Flag(..) | ChannelModeChange::Limit(_) => 0,
        ChannelModeChange::Key(key) | ChannelModeChange::Forward(key) => {
            key.as_ref().map_or(0, SmolStr::len)
        }
        ChannelModeChange::List(_, _, mask) => mask.len(),
        ChannelModeChange::Member(_, _, nick) => nick.len(),
    };
    size_of::<ChannelModeChange>() + text
}

impl Cost for Delivery {
    /// The entry is shared with the other links, yet each is charged for it: a link that does not
    /// read is what keeps it alive.
    fn cost(&self) -> usize {
        let text = match self {
            Self::Entry(entry) => match &entry.event {
                Event::Message { text, tags, .. } => text.len() + tags.len() * 64,
                Event::Relayed(said) => said.text.len() + said.tags.len() * 64 + 128,
                Event::ChannelModes { changes, .. } => changes.len() * 64,
                Event::Registered { .. } => 256,
                Event::Configured(read) => of_configuration(read),
                _ => 128,
            },
            Self::Rejected { .. } | Self::Reached(_) | Self::Turn(_) | Self::Gathered(_) => 64,
        };
        ENTRY + text
    }
}

//! Someone logs in or out; an account changes, with all that is its own.

use chat_network::{AccountId, AccountSetting, Entry, Event, Network, Timestamp, User, UserId};
use chat_proto::Capability;
use chat_proto::numeric::{RPL_LOGGEDIN, RPL_LOGGEDOUT};

use crate::command::markread;
use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::departure::{end_session, to_neighbours};
use crate::deliver::news::News;
use crate::deliver::{apply, from_user, origin};
use crate::render::event;

/// What the others read when the user of a suspended account leaves.
const SUSPENDED: &str = "Account suspended";
/// What they read when a user leaves that has stayed on until now.
const NOT_ON: &str = "No longer always on";

/// The events of this file.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::LoggedIn { user, .. } => logged_in(core, entry, Some(*user)),
        Event::AccountRegistered { account, user } => {
            dropped(core, entry, unverified(core, &account.name));
            apply(core, entry);
            tell_login(core, entry, user.filter(|_| account.verified));
        }
        Event::AccountVerified { user, .. } => logged_in(core, entry, *user),
        Event::LoggedOut { user } => {
            apply(core, entry);
            let network = core.state.network.borrow();
            if let Some(user) = network.user(*user) {
                tell_account(core, entry, &network, user);
            }
        }
        Event::AccountSettingChanged { account, setting } => {
            if *setting == AccountSetting::AlwaysOn(false) {
                let network = core.state.network.borrow();
                detached(&network, *account)
                    .for_each(|user| to_neighbours(core, entry, None, user, NOT_ON));
            }
            apply(core, entry);
        }
        Event::AccountDropped { account } => {
            let users = dropped(core, entry, Some(*account));
            apply(core, entry);
            let network = core.state.network.borrow();
            for user in users.iter().filter_map(|user| network.user(*user)) {
                tell_account(core, entry, &network, user);
            }
        }
        Event::AccountSuspended { account, reason } => {
            suspended(core, entry, *account, reason);
            apply(core, entry);
        }
        Event::ReadMarked {
            account,
            user,
            target,
            time,
        } => {
            apply(core, entry);
            read_marked(core, entry, (*account, *user), target, *time);
        }
        _ => apply(core, entry),
    }
}

/// Somebody has read so far: told to who told it, and to the other clients of the account.
fn read_marked(
    core: &Core,
    entry: &Entry,
    (account, user): (AccountId, UserId),
    target: &str,
    time: Timestamp,
) {
    let network = core.state.network.borrow();
    let channel = network.channel_by_name(target);
    let name = channel.map_or(target, |channel| channel.name());
    let line = markread::line(&core.state, name, Some(time));
    let of_nick = network
        .account(account)
        .and_then(|account| network.user_by_nick(account.name()));
    let of_nick = of_nick.filter(|other| other.id() != user && other.account() == Some(account));
    let users = network.user(user).into_iter().chain(of_nick);
    let asker = origin(core, entry);
    for client in users.flat_map(|user| core.fanout.of_user(user)) {
        let asks = asker.as_ref().is_some_and(|asker| is(asker, &client));
        if asks || client.session.has(Capability::ReadMarker) {
            core.fanout.push(&client, line.clone());
        }
    }
}

fn unverified(core: &Core, name: &str) -> Option<AccountId> {
    let network = core.state.network.borrow();
    network.account_by_name(name).map(chat_network::Account::id)
}

/// The users of an account; those that stay on without a session leave with it.
fn dropped(core: &Core, entry: &Entry, account: Option<AccountId>) -> Vec<UserId> {
    let Some(account) = account else {
        return Vec::new();
    };
    let network = core.state.network.borrow();
    detached(&network, account).for_each(|user| to_neighbours(core, entry, None, user, NOT_ON));
    network.users_of_account(account).map(User::id).collect()
}

fn detached(network: &Network, account: AccountId) -> impl Iterator<Item = &User> {
    network
        .users_of_account(account)
        .filter(|user| user.sessions().is_empty())
}

fn suspended(core: &Core, entry: &Entry, account: AccountId, reason: &str) {
    let network = core.state.network.borrow();
    let told = format!("{SUSPENDED} ({reason})");
    for user in network.users_of_account(account) {
        for session in user.sessions() {
            end_session(core, user, session.id, &told);
        }
        to_neighbours(core, entry, None, user, SUSPENDED);
    }
}

fn logged_in(core: &Core, entry: &Entry, user: Option<UserId>) {
    apply(core, entry);
    tell_login(core, entry, user);
}

fn tell_login(core: &Core, entry: &Entry, user: Option<UserId>) {
    let network = core.state.network.borrow();
    if let Some(user) = user.and_then(|user| network.user(user)) {
        tell_account(core, entry, &network, user);
    }
}

/// Tells a user's own sessions which account it has now, and who wants to know.
fn tell_account(core: &Core, entry: &Entry, network: &Network, user: &User) {
    let account = network.account_of(user).map(chat_network::Account::name);
    // A command that waits for this has words of its own for it.
    let asker = origin(core, entry).filter(|asker| asker.session.pending.is_told_by_command());
    for client in core.fanout.of_user(user) {
        if asker.as_ref().is_some_and(|asker| is(asker, &client)) {
            continue;
        }
        core.tell(&client, |context| match account {
            Some(account) => {
                let text = format!("You are now logged in as {account}");
                context.numeric_text(RPL_LOGGEDIN, &[user.prefix(), account], &text);
            }
            None => context.numeric(RPL_LOGGEDOUT, &[user.prefix()]),
        });
    }
    let body = event::account(user, account.map_or("*", |account| account));
    let line = from_user(network, user, body, entry.stamp.time);
    let news = News {
        core,
        network,
        user,
        capability: Capability::AccountNotify,
    };
    news.tell(line, |client| {
        asker.as_ref().is_none_or(|asker| !is(asker, client))
    });
}

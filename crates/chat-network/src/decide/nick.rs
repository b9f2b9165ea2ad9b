//! A user takes another nick.

use chat_proto::name::{is_like_service, is_valid_nick};
use smol_str::SmolStr;

use super::Decision;
use crate::{Event, Network, Rejection, User, name};

pub(super) fn decide(network: &Network, user: &User, nick: &SmolStr) -> Decision {
    if user.nick() == nick {
        return Err(Rejection::NoChange);
    }
    if !is_valid_nick(nick, network.limits.nick) || is_like_service(nick) {
        return Err(Rejection::ErroneousNick(nick.clone()));
    }
    // The same nick in another spelling is the user's own.
    if network.user_like_nick(nick, Some(user.id())).is_some() {
        return Err(Rejection::NickInUse(nick.clone()));
    }
    if network.stays_on(user) && !name::same(user.nick(), nick) {
        return Err(Rejection::NickMustBeAccount(user.nick().into()));
    }
    network.require_own_nick(nick, user.account())?;
    let silenced = user
        .channels()
        .iter()
        .filter_map(|id| network.channel(*id))
        .find(|channel| {
            let ranks = channel.member(user.id()).unwrap_or_default();
            ranks.is_empty() && channel.is_silenced(network, user)
        });
    match silenced {
        Some(channel) => Err(Rejection::BannedNickChange {
            nick: nick.clone(),
            channel: channel.name().clone(),
        }),
        None => Ok(Event::NickChanged {
            user: user.id(),
            nick: nick.clone(),
        }),
    }
}

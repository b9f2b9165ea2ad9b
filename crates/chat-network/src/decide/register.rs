//! A session becomes a user.

use chat_proto::limit::truncate;
use chat_proto::name::is_valid_nick;
use smol_str::SmolStr;

use super::Decision;
use crate::{Event, Network, NewUser, Rejection, SessionId};

pub(super) fn decide(network: &Network, session: SessionId, new: &NewUser) -> Decision {
    let limits = &network.limits;
    if network.user_of(session).is_some() {
        return Err(Rejection::AlreadyRegistered);
    }
    if !is_valid_nick(&new.nick, limits.nick) {
        return Err(Rejection::ErroneousNick(new.nick.clone()));
    }
    if network.user_like_nick(&new.nick, None).is_some() {
        return Err(Rejection::NickInUse(new.nick.clone()));
    }
    let user = NewUser {
        nick: new.nick.clone(),
        username: cut(&new.username, limits.username),
        host: cut(&new.host, limits.host),
        realname: cut(&new.realname, limits.realname),
        secure: new.secure,
    };
    Ok(Event::Registered {
        session,
        user: Box::new(user),
    })
}

fn cut(text: &SmolStr, max: usize) -> SmolStr {
    if text.len() <= max {
        text.clone()
    } else {
        truncate(text, max).into()
    }
}

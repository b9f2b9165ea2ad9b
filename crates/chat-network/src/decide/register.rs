//! A session becomes a user, or one more session of the user that is on with the same account.

use chat_proto::limit::truncate;
use chat_proto::name::{is_like_service, is_valid_nick};
use smol_str::SmolStr;

use super::{Decision, away::said};
use crate::{Account, Event, Network, NewUser, Rejection, SessionId, Timestamp, User};

pub(super) fn decide(
    network: &Network,
    session: SessionId,
    new: &NewUser,
    now: Timestamp,
) -> Decision {
    let limits = &network.limits;
    if network.user_of(session).is_some() {
        return Err(Rejection::AlreadyRegistered);
    }
    network.restrictions.may_come(new, now)?;
    let account = new.account.map(|account| network.usable_account(account));
    let account = account.transpose()?;
    // Who stays on is on under the account's name, whatever this device calls itself.
    let nick = match account {
        Some(account) if account.settings().always_on => account.name(),
        _ => &new.nick,
    };
    if !is_valid_nick(nick, limits.nick) || is_like_service(nick) {
        return Err(Rejection::ErroneousNick(nick.clone()));
    }
    if let Some(holder) = network.user_by_nick(nick) {
        return attach(network, (session, new), (nick, holder), account);
    }
    if network.user_like_nick(nick, None).is_some() {
        return Err(Rejection::NickInUse(nick.clone()));
    }
    network.require_own_nick(nick, new.account)?;
    let user = NewUser {
        nick: nick.clone(),
        username: cut(&new.username, limits.username),
        host: cut(&new.host, limits.host),
        realname: cut(&new.realname, limits.realname),
        secure: new.secure,
        certificate: new.certificate.clone(),
        account: new.account,
        away: said(network, new.away.as_ref()),
    };
    Ok(Event::Registered {
        session,
        user: Box::new(user),
    })
}

/// A session that wants the nick of a user who is on: only with the same account, if that lets
/// several in.
fn attach(
    network: &Network,
    (session, new): (SessionId, &NewUser),
    (nick, holder): (&SmolStr, &User),
    account: Option<&Account>,
) -> Decision {
    let limits = &network.limits;
    let joins = account.is_some_and(|account| {
        let settings = account.settings();
        holder.account() == Some(account.id()) && (settings.multiclient || settings.always_on)
    });
    if !joins {
        return Err(Rejection::NickInUse(nick.clone()));
    }
    if holder.sessions().len() >= limits.sessions_per_user {
        return Err(Rejection::TooMany("sessions".into()));
    }
    Ok(Event::SessionAttached {
        session,
        user: holder.id(),
        secure: new.secure,
        away: said(network, new.away.as_ref()),
        certificate: new.certificate.clone(),
        host: cut(&new.host, limits.host),
    })
}

fn cut(text: &SmolStr, max: usize) -> SmolStr {
    if text.len() <= max {
        text.clone()
    } else {
        truncate(text, max).into()
    }
}

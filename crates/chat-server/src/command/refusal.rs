//! Why something is refused, and how the client is told.

use chat_network::Rejection;
use chat_proto::numeric as n;
use chat_proto::numeric::Numeric;
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;

use crate::render::{self, Wire};
use crate::state::State;

/// Why a handler does not do what was asked.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// As the network would have said.
    Network(Rejection),
    /// A numeric with the text that the table has for it, and what it is about, if anything.
    Numeric(Numeric, SmolStr),
    /// A standard reply: command, code, context, description.
    Fail(&'static str, &'static str, SmolStr, &'static str),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Network(rejection)
    }
}

impl Refusal {
    /// A numeric without parameters.
    pub(crate) fn numeric(code: Numeric) -> Self {
        Self::Numeric(code, SmolStr::default())
    }

    /// A numeric with one parameter.
    pub(crate) fn about(code: Numeric, what: &str) -> Self {
        Self::Numeric(code, SmolStr::new(super::cut(what, 64)))
    }

    /// The line that tells the client, if there is anything to tell.
    pub(crate) fn line(&self, state: &State, nick: &str) -> Option<Wire> {
        match self {
            Self::Network(rejection) => rejection_line(state, nick, rejection),
            Self::Numeric(code, what) => {
                let what = what.as_str();
                let params: &[&str] = if what.is_empty() { &[] } else { &[what] };
                Some(render::numeric(state, nick, *code, params, code.text()))
            }
            Self::Fail(command, code, context, text) => {
                Some(render::fail(state, command, code, context, text))
            }
        }
    }
}

/// The line that tells a client what the network refused; `None` where nothing is to be said.
pub(crate) fn rejection_line(state: &State, nick: &str, rejection: &Rejection) -> Option<Wire> {
    if let Some(fail) = fail_line(state, rejection) {
        return Some(fail);
    }
    let (code, params) = numeric_of(rejection)?;
    let text = match code {
        n::ERR_INVALIDMODEPARAM => "Not a valid parameter",
        n::ERR_NOSUCHCHANNEL if matches!(rejection, Rejection::ConfusableChannelName(_)) => {
            "That name is too close to the name of another channel"
        }
        code => code.text(),
    };
    Some(render::numeric(state, nick, code, &params, text))
}

/// Those for which IRC has no numeric: standard replies.
fn fail_line(state: &State, rejection: &Rejection) -> Option<Wire> {
    let (command, code, text) = match rejection {
        Rejection::BadRating => ("RATE", "INVALID_RATING", "A rating is 1 to 5 stars"),
        Rejection::StorageFull => (
            "*",
            "STORAGE_FULL",
            "Messages cannot be stored at the moment, try again later",
        ),
        Rejection::NotPermitted => ("*", "NOT_PERMITTED", "Not permitted"),
        _ => return None,
    };
    Some(render::fail(state, command, code, "", text))
}

/// Parameters of a numeric.
type Params<'a> = SmallVec<[&'a str; 3]>;

/// The numeric and its parameters.
fn numeric_of(rejection: &Rejection) -> Option<(Numeric, Params<'_>)> {
    let (code, name) = match rejection {
        Rejection::NoChange
        | Rejection::BadRating
        | Rejection::StorageFull
        | Rejection::NotPermitted => return None,
        Rejection::AlreadyRegistered => return Some((n::ERR_ALREADYREGISTERED, Params::new())),
        Rejection::NotRegistered => return Some((n::ERR_NOTREGISTERED, Params::new())),
        Rejection::NoSuchNick(name) => (n::ERR_NOSUCHNICK, name),
        Rejection::NoSuchChannel(name) | Rejection::ConfusableChannelName(name) => {
            (n::ERR_NOSUCHCHANNEL, name)
        }
        Rejection::BadChannelName(name) => (n::ERR_BADCHANMASK, name),
        Rejection::CannotSendToChannel(name) => (n::ERR_CANNOTSENDTOCHAN, name),
        Rejection::TooManyChannels(name) => (n::ERR_TOOMANYCHANNELS, name),
        Rejection::ErroneousNick(name) => (n::ERR_ERRONEUSNICKNAME, name),
        Rejection::NickInUse(name) => (n::ERR_NICKNAMEINUSE, name),
        Rejection::NotOnChannel(name) => (n::ERR_NOTONCHANNEL, name),
        Rejection::ChannelIsFull(name) => (n::ERR_CHANNELISFULL, name),
        Rejection::InviteOnly(name) => (n::ERR_INVITEONLYCHAN, name),
        Rejection::Banned(name) => (n::ERR_BANNEDFROMCHAN, name),
        Rejection::BadChannelKey(name) => (n::ERR_BADCHANNELKEY, name),
        Rejection::InvalidKey(name) => (n::ERR_INVALIDKEY, name),
        Rejection::NotOperator(name) => (n::ERR_CHANOPRIVSNEEDED, name),
        Rejection::UserNotInChannel { .. }
        | Rejection::UserOnChannel { .. }
        | Rejection::BannedNickChange { .. }
        | Rejection::BadModeParameter { .. }
        | Rejection::ListFull { .. } => return about_several(rejection),
    };
    Some((code, smallvec![super::cut(name, 64)]))
}

/// Those that are about more than one name.
fn about_several(rejection: &Rejection) -> Option<(Numeric, Params<'_>)> {
    let cut = |name| super::cut(name, 64);
    Some(match rejection {
        Rejection::UserNotInChannel { nick, channel } => {
            (n::ERR_USERNOTINCHANNEL, smallvec![cut(nick), cut(channel)])
        }
        Rejection::UserOnChannel { nick, channel } => {
            (n::ERR_USERONCHANNEL, smallvec![cut(nick), cut(channel)])
        }
        Rejection::BannedNickChange { nick, channel } => {
            (n::ERR_BANONCHAN, smallvec![cut(nick), cut(channel)])
        }
        Rejection::BadModeParameter {
            channel,
            mode,
            parameter,
        } => (
            n::ERR_INVALIDMODEPARAM,
            smallvec![cut(channel), letter(*mode), cut(parameter)],
        ),
        Rejection::ListFull { channel, mode } => {
            (n::ERR_BANLISTFULL, smallvec![cut(channel), letter(*mode)])
        }
        _ => return None,
    })
}

/// The letter of a mode with a parameter, as a parameter itself.
fn letter(mode: char) -> &'static str {
    match mode {
        'b' => "b",
        'e' => "e",
        'I' => "I",
        'k' => "k",
        'l' => "l",
        _ => "*",
    }
}

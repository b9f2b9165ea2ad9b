//! Why something is refused, and how the client is told.

use chat_network::{MetadataRefusal, RedactRefusal, Rejection, RelayRefusal};
use chat_proto::numeric as n;
use chat_proto::numeric::Numeric;
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;

use crate::command::markread;
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
    let fail = fail_line(state, rejection)
        .or_else(|| account_line(state, rejection))
        .or_else(|| elsewhere_line(state, rejection));
    if fail.is_some() {
        return fail;
    }
    let (code, params) = numeric_of(rejection)?;
    let text = match rejection {
        Rejection::NickReserved(_) => "Nickname is reserved by a different account",
        Rejection::NickMustBeAccount(_) => "You must use your account name as your nickname",
        Rejection::ConfusableChannelName(_) => {
            "That name is too close to the name of another channel"
        }
        Rejection::ChannelPurged(_) => "This channel was closed by an operator",
        Rejection::BannedFromChat(reason) if !reason.is_empty() => reason,
        _ if code == n::ERR_INVALIDMODEPARAM => "Not a valid parameter",
        _ => code.text(),
    };
    Some(render::numeric(state, nick, code, &params, text))
}

/// Those about names of channels, and about what is said for others.
fn elsewhere_line(state: &State, rejection: &Rejection) -> Option<Wire> {
    let (code, text) = match rejection {
        Rejection::Rename {
            channel,
            wanted,
            in_use,
        } => {
            let (code, text) = if *in_use {
                ("CHANNEL_NAME_IN_USE", "The channel name is already taken")
            } else {
                ("CANNOT_RENAME", "The channel cannot be renamed")
            };
            let about = [&**channel, super::cut(wanted, 64)];
            return Some(render::fail_about(state, "RENAME", code, &about, text));
        }
        Rejection::ChannelRenamed { channel, to } => {
            let (code, text) = ("CHANNEL_RENAMED", "The channel has been renamed");
            let about = [&**channel, &**to];
            return Some(render::fail_about(state, "JOIN", code, &about, text));
        }
        Rejection::Relay(RelayRefusal::NotPermitted) => {
            ("PRIVS_NEEDED", "You cannot relay messages to this channel")
        }
        Rejection::Relay(RelayRefusal::Nick) => {
            ("INVALID_NICK", "A relayed nick is a nick with a / within")
        }
        Rejection::Relay(RelayRefusal::Muted) => ("BANNED", "The nick is muted in this channel"),
        _ => return None,
    };
    Some(render::fail(state, "RELAYMSG", code, "", text))
}

/// Those for which IRC has no numeric: standard replies.
fn fail_line(state: &State, rejection: &Rejection) -> Option<Wire> {
    if let Rejection::NotMarked { target, known } = rejection {
        return Some(match known {
            Some(_) => markread::line(state, target, *known),
            None => {
                let text = "The read timestamp could not be set: you are not logged in";
                render::fail_about(state, "MARKREAD", "INTERNAL_ERROR", &[target], text)
            }
        });
    }
    if let Rejection::Metadata { target, key, why } = rejection {
        return Some(metadata_line(state, target, key, *why));
    }
    if let Rejection::Redact { target, id, why } = rejection {
        return Some(redact_line(state, target, id, *why));
    }
    let (command, code, text) = match rejection {
        Rejection::BadRating => ("RATE", "INVALID_RATING", "A rating is 1 to 5 stars"),
        Rejection::StorageFull => (
            "*",
            "STORAGE_FULL",
            "Messages cannot be stored at the moment, try again later",
        ),
        Rejection::NotPermitted => ("*", "NOT_PERMITTED", "Not permitted"),
        Rejection::Guarded => (
            "*",
            "TEMPORARILY_UNAVAILABLE",
            "Not possible at the moment: the chat is guarded",
        ),
        Rejection::BadMask(_) => ("UBAN", "INVALID_MASK", "Not a mask of somebody"),
        Rejection::NoSuchBan(_) => ("UBAN", "NO_SUCH_BAN", "There is no such ban"),
        Rejection::AlreadyOperator => ("OPER", "ALREADY_OPERATOR", "You are an operator already"),
        Rejection::BadHost(_) => ("CHGHOST", "INVALID_HOST", "Not a host that can be shown"),
        _ => return None,
    };
    Some(render::fail(state, command, code, "", text))
}

/// Those about accounts and what is theirs.
fn account_line(state: &State, rejection: &Rejection) -> Option<Wire> {
    let (command, code, about, text) = match rejection {
        Rejection::AccountExists(name) => {
            let text = "Username is already registered or otherwise unavailable";
            ("REGISTER", "ACCOUNT_EXISTS", Some(name), text)
        }
        Rejection::BadAccountName(name) => {
            let text = "Not a name for an account";
            ("REGISTER", "BAD_ACCOUNT_NAME", Some(name), text)
        }
        Rejection::NoSuchAccount(name) => ("*", "NO_SUCH_ACCOUNT", Some(name), "No such account"),
        Rejection::AccountSuspended(name) => {
            ("*", "ACCOUNT_SUSPENDED", Some(name), "Account is suspended")
        }
        Rejection::AccountUnverified(name) => (
            "*",
            "ACCOUNT_UNVERIFIED",
            Some(name),
            "Account is not verified yet",
        ),
        Rejection::NotLoggedIn => ("*", "ACCOUNT_REQUIRED", None, "You are not logged in"),
        Rejection::BadFingerprint(name) => (
            "*",
            "INVALID_FINGERPRINT",
            Some(name),
            "Not a certificate's fingerprint",
        ),
        Rejection::FingerprintInUse(name) => {
            let text = "The certificate belongs to an account already";
            ("*", "FINGERPRINT_IN_USE", Some(name), text)
        }
        Rejection::TooMany(what) => (
            "*",
            "LIMIT_REACHED",
            Some(what),
            "There are too many already",
        ),
        Rejection::ChannelRegistered(name) => (
            "*",
            "CHANNEL_REGISTERED",
            Some(name),
            "Channel is already registered",
        ),
        Rejection::ChannelNotRegistered(name) => (
            "*",
            "CHANNEL_NOT_REGISTERED",
            Some(name),
            "Channel is not registered",
        ),
        Rejection::NotFounder(name) => (
            "*",
            "NOT_FOUNDER",
            Some(name),
            "You are not the founder of the channel",
        ),
        _ => return None,
    };
    // A parameter in the middle is one word.
    let about = about.map_or_else(String::new, |about| super::cut(about, 64).replace(' ', "_"));
    Some(render::fail(state, command, code, &about, text))
}

/// Metadata that is not changed.
fn metadata_line(state: &State, target: &str, key: &str, why: MetadataRefusal) -> Wire {
    let (code, about, text): (_, &[&str], _) = match why {
        MetadataRefusal::Target => ("INVALID_TARGET", &[target], "There is no such target"),
        MetadataRefusal::Permission => {
            let text = "You may not change that";
            ("KEY_NO_PERMISSION", &[target, key], text)
        }
        MetadataRefusal::Key => ("KEY_INVALID", &[key], "Not a key"),
        MetadataRefusal::Value => ("VALUE_INVALID", &[], "The value is too long"),
        MetadataRefusal::NotSet => ("KEY_NOT_SET", &[target, key], "The key is not set"),
        MetadataRefusal::Limit => ("LIMIT_REACHED", &[target], "There are too many keys"),
    };
    render::fail_about(state, "METADATA", code, about, text)
}

/// A message that is not withdrawn.
fn redact_line(state: &State, target: &str, id: &str, why: RedactRefusal) -> Wire {
    let fail =
        |code, about: &[&str], text: &str| render::fail_about(state, "REDACT", code, about, text);
    match why {
        RedactRefusal::Target => {
            let text = "You cannot delete messages from there";
            fail("INVALID_TARGET", &[target], text)
        }
        RedactRefusal::Unknown => {
            let text = "This message does not exist or is too old";
            fail("UNKNOWN_MSGID", &[target, id], text)
        }
        RedactRefusal::Forbidden => {
            let text = "You are not authorised to delete this message";
            fail("REDACT_FORBIDDEN", &[target, id], text)
        }
        RedactRefusal::Expired(window) => {
            let window = smol_str::format_smolstr!("{window}");
            let text = "You can no longer delete this message";
            fail("REDACT_WINDOW_EXPIRED", &[target, id, &window], text)
        }
    }
}

/// Parameters of a numeric.
type Params<'a> = SmallVec<[&'a str; 3]>;

/// The numeric and its parameters.
fn numeric_of(rejection: &Rejection) -> Option<(Numeric, Params<'_>)> {
    let (code, name) = match rejection {
        Rejection::AlreadyLoggedIn => return Some((n::ERR_SASLALREADY, Params::new())),
        Rejection::NickMustBeAccount(_) => {
            return Some((n::ERR_UNKNOWNERROR, smallvec!["NICK"]));
        }
        Rejection::AlreadyRegistered => return Some((n::ERR_ALREADYREGISTERED, Params::new())),
        Rejection::NotRegistered => return Some((n::ERR_NOTREGISTERED, Params::new())),
        Rejection::BannedFromChat(_) => return Some((n::ERR_YOUREBANNEDCREEP, Params::new())),
        Rejection::NotAnOperator => return Some((n::ERR_NOPRIVILEGES, Params::new())),
        Rejection::LacksRight(right) => {
            return Some((n::ERR_NOPRIVS, smallvec![right.name()]));
        }
        Rejection::NoSuchNick(name) => (n::ERR_NOSUCHNICK, name),
        Rejection::NoSuchChannel(name)
        | Rejection::ChannelPurged(name)
        | Rejection::ConfusableChannelName(name) => (n::ERR_NOSUCHCHANNEL, name),
        Rejection::BadChannelName(name) => (n::ERR_BADCHANMASK, name),
        Rejection::CannotSendToUser(name) => (n::ERR_CANNOTSENDTOUSER, name),
        Rejection::CannotSendToChannel(name) => (n::ERR_CANNOTSENDTOCHAN, name),
        Rejection::TooManyChannels(name) => (n::ERR_TOOMANYCHANNELS, name),
        Rejection::ErroneousNick(name) => (n::ERR_ERRONEUSNICKNAME, name),
        Rejection::NickInUse(name) | Rejection::NickReserved(name) => (n::ERR_NICKNAMEINUSE, name),
        Rejection::NotOnChannel(name) => (n::ERR_NOTONCHANNEL, name),
        Rejection::ChannelIsFull(name) => (n::ERR_CHANNELISFULL, name),
        Rejection::AccountNeeded(name) => (n::ERR_NEEDREGGEDNICK, name),
        Rejection::InviteOnly(name) => (n::ERR_INVITEONLYCHAN, name),
        Rejection::Banned(name) => (n::ERR_BANNEDFROMCHAN, name),
        Rejection::BadChannelKey(name) => (n::ERR_BADCHANNELKEY, name),
        Rejection::InvalidKey(name) => (n::ERR_INVALIDKEY, name),
        Rejection::NotOperator(name) => (n::ERR_CHANOPRIVSNEEDED, name),
        // About several names; or nothing to be said, or something else than a numeric.
        _ => return about_several(rejection),
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
        'f' => "f",
        _ => "*",
    }
}

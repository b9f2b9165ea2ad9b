//! The bodies of the lines that events become.

use chat_network::{
    Actor, AppliedChange, Channel, MessageId, MessageKind, Network, User, UserModes,
};
use chat_proto::{LineBody, LineBuilder, WireLine};
use smol_str::{SmolStr, SmolStrBuilder};

/// Changes in one MODE line; more become more lines, so that none is cut.
const CHANGES_PER_LINE: usize = 6;

/// `:source COMMAND`, the beginning of every event.
fn begin(source: &str, command: &str) -> LineBuilder {
    WireLine::builder().source(source).command(command)
}

/// The source of who did something: a user's prefix, or the one name of all servers.
pub(crate) fn source<'a>(network: &'a Network, server: &'a str, actor: Actor) -> &'a str {
    match actor {
        Actor::User(user) => network.user(user).map(User::prefix),
        Actor::Server(_) => None,
    }
    .unwrap_or(server)
}

/// PRIVMSG, NOTICE or TAGMSG.
pub(crate) fn message(source: &str, kind: MessageKind, target: &str, text: &str) -> LineBody {
    match kind {
        MessageKind::Privmsg => begin(source, "PRIVMSG").param(target).trailing(text),
        MessageKind::Notice => begin(source, "NOTICE").param(target).trailing(text),
        MessageKind::Tagmsg => begin(source, "TAGMSG").param(target),
    }
    .finish_body()
}

/// REDACT.
pub(crate) fn redact(
    source: &str,
    target: &str,
    message: MessageId,
    reason: Option<&str>,
) -> LineBody {
    let id = smol_str::format_smolstr!("{message}");
    with_reason(begin(source, "REDACT").param(target).param(&id), reason)
}

/// JOIN.
pub(crate) fn join(user: &User, channel: &str) -> LineBody {
    begin(user.prefix(), "JOIN").param(channel).finish_body()
}

/// JOIN with account (`*`: none) and real name.
pub(crate) fn extended_join(user: &User, account: &str, channel: &str) -> LineBody {
    begin(user.prefix(), "JOIN")
        .param(channel)
        .param(account)
        .trailing(user.realname())
        .finish_body()
}

/// A command with a channel or nothing before it and a reason or nothing behind it.
fn with_reason(line: LineBuilder, reason: Option<&str>) -> LineBody {
    match reason {
        Some(reason) => line.trailing(reason).finish_body(),
        None => line.finish_body(),
    }
}

/// PART.
pub(crate) fn part(user: &User, channel: &str, reason: Option<&str>) -> LineBody {
    with_reason(begin(user.prefix(), "PART").param(channel), reason)
}

/// QUIT.
pub(crate) fn quit(user: &User, reason: &str) -> LineBody {
    begin(user.prefix(), "QUIT").trailing(reason).finish_body()
}

/// NICK, from the old prefix.
pub(crate) fn nick(user: &User, new: &str) -> LineBody {
    begin(user.prefix(), "NICK").param(new).finish_body()
}

/// TOPIC.
pub(crate) fn topic(source: &str, channel: &str, topic: &str) -> LineBody {
    begin(source, "TOPIC")
        .param(channel)
        .trailing(topic)
        .finish_body()
}

/// RENAME.
pub(crate) fn rename(source: &str, channel: &str, name: &str, reason: &str) -> LineBody {
    begin(source, "RENAME")
        .param(channel)
        .param(name)
        .trailing(reason)
        .finish_body()
}

/// KICK.
pub(crate) fn kick(source: &str, channel: &str, nick: &str, reason: &str) -> LineBody {
    begin(source, "KICK")
        .param(channel)
        .param(nick)
        .trailing(reason)
        .finish_body()
}

/// INVITE.
pub(crate) fn invite(user: &User, nick: &str, channel: &str) -> LineBody {
    begin(user.prefix(), "INVITE")
        .param(nick)
        .param(channel)
        .finish_body()
}

/// AWAY, as away-notify has it.
pub(crate) fn away(user: &User, message: Option<&str>) -> LineBody {
    with_reason(begin(user.prefix(), "AWAY"), message)
}

/// ACCOUNT, as account-notify has it (`*`: none).
pub(crate) fn account(user: &User, account: &str) -> LineBody {
    begin(user.prefix(), "ACCOUNT").param(account).finish_body()
}

/// SETNAME.
pub(crate) fn realname(user: &User, realname: &str) -> LineBody {
    begin(user.prefix(), "SETNAME")
        .trailing(realname)
        .finish_body()
}

/// CHGHOST, from the old prefix.
pub(crate) fn chghost(user: &User, host: &str) -> LineBody {
    begin(user.prefix(), "CHGHOST")
        .param(user.username())
        .param(host)
        .finish_body()
}

/// WALLOPS.
pub(crate) fn wallops(user: &User, text: &str) -> LineBody {
    begin(user.prefix(), "WALLOPS").trailing(text).finish_body()
}

/// MODE of a user, to that user.
pub(crate) fn user_modes(user: &User, added: UserModes, removed: UserModes) -> LineBody {
    let mut text = SmolStrBuilder::new();
    for (sign, modes) in [('+', added), ('-', removed)] {
        let letters = user_mode_letters(modes);
        if !letters.is_empty() {
            text.push(sign);
            text.push_str(&letters);
        }
    }
    begin(user.prefix(), "MODE")
        .param(user.nick())
        .param(&text.finish())
        .finish_body()
}

/// The letters of a user's modes.
pub(crate) fn user_mode_letters(modes: UserModes) -> SmolStr {
    [
        (modes.bot, 'B'),
        (modes.accounts_only, 'R'),
        (modes.no_ctcp, 'T'),
        (modes.invisible, 'i'),
        (modes.operator, 'o'),
        (modes.wallops, 'w'),
    ]
    .into_iter()
    .filter_map(|(on, letter)| on.then_some(letter))
    .collect()
}

/// MODE of a channel: one line, or more where there are many changes.
pub(crate) fn channel_modes(
    network: &Network,
    source: &str,
    channel: &Channel,
    changes: &[AppliedChange],
) -> Vec<LineBody> {
    changes
        .chunks(CHANGES_PER_LINE)
        .map(|changes| {
            let mut letters = SmolStrBuilder::new();
            let mut params: Vec<SmolStr> = Vec::new();
            let mut sign = None;
            for change in changes {
                let (on, letter, param) = change.parts(network);
                if sign != Some(on) {
                    letters.push(if on { '+' } else { '-' });
                    sign = Some(on);
                }
                letters.push(letter);
                params.extend(param);
            }
            begin(source, "MODE")
                .param(channel.name())
                .param(&letters.finish())
                .params(params.iter().map(SmolStr::as_str))
                .finish_body()
        })
        .collect()
}

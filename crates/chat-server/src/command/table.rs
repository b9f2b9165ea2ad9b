//! The commands: names, and the checks that are the same for all.

use chat_proto::Message;

use crate::command::Handler;
use crate::command::handlers as h;
use crate::command::services as s;

/// When a command may be used. What only operators may is decided by the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Allowed {
    /// Only before registration is complete.
    Before,
    /// Only after.
    After,
    /// Any time.
    Always,
}

/// Whether a message may be handled while earlier requests of its session are on their way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// It only asks the network, which answers in order.
    Request,
    /// It is answered from what this server knows, so what was asked before must have happened.
    Local,
}

/// One command.
pub(crate) struct Command {
    /// The name, in capitals.
    pub(crate) name: &'static str,
    /// The fewest parameters; fewer are ERR_NEEDMOREPARAMS.
    pub(crate) params: usize,
    /// When it may be used.
    pub(crate) allowed: Allowed,
    /// Whether a given message may overtake what is on its way.
    pub(crate) order: fn(&Message) -> Order,
    /// What it does.
    pub(crate) handler: Handler,
}

/// Answered from what this server knows.
fn local(_: &Message) -> Order {
    Order::Local
}

/// Asks the network and nothing else.
fn request(_: &Message) -> Order {
    Order::Request
}

macro_rules! commands {
    ($($name:literal, $params:literal, $allowed:ident, $order:expr, $handler:expr;)*) => {
        &[$(Command {
            name: $name,
            params: $params,
            allowed: Allowed::$allowed,
            order: $order,
            handler: $handler,
        }),*]
    };
}

/// All commands, by name.
static COMMANDS: &[Command] = commands! {
    "ACCEPT", 1, After, request, h::accept::handle;
    "ADMIN", 0, After, local, h::about::admin;
    "AUTHENTICATE", 1, Always, local, h::authenticate::handle;
    "AWAY", 0, Always, request, h::away::handle;
    "BATCH", 1, After, request, h::batch::handle;
    "CAP", 1, Always, local, h::cap::handle;
    "CHANSERV", 0, After, local, s::chanserv;
    "CHATHISTORY", 0, After, local, h::chathistory::handle;
    "CHGHOST", 2, After, request, h::operate::chghost;
    "CS", 0, After, local, s::chanserv;
    "DEFCON", 0, After, h::uban::defcon_order, h::uban::defcon;
    "ERROR", 0, Always, local, h::error::handle;
    "HELP", 0, After, local, h::help::handle;
    "HELPOP", 0, After, local, h::help::handle;
    "INFO", 0, After, local, h::about::info;
    "INVITE", 0, After, h::invite::order, h::invite::handle;
    "ISON", 1, After, local, h::ison::handle;
    "ISUPPORT", 0, Always, local, h::isupport::handle;
    "JOIN", 1, After, h::join::order, h::join::handle;
    "KICK", 2, After, request, h::kick::handle;
    "KILL", 1, After, request, h::operate::kill;
    "LINKS", 0, After, local, h::about::links;
    "LIST", 0, After, local, h::list::handle;
    "LUSERS", 0, After, local, h::lusers::handle;
    "MAP", 0, After, local, h::about::map;
    "MARKREAD", 0, After, h::markread::order, h::markread::handle;
    "METADATA", 2, Always, local, h::metadata::handle;
    "MODE", 1, After, h::mode::order, h::mode::handle;
    "MONITOR", 1, After, local, h::monitor::handle;
    "MOTD", 0, After, local, h::motd::handle;
    "NAMES", 0, After, local, h::names::handle;
    "NICK", 0, Always, request, h::nick::handle;
    "NICKSERV", 0, After, local, s::nickserv;
    "NOTICE", 0, After, request, h::privmsg::notice;
    "NS", 0, After, local, s::nickserv;
    "OPER", 1, After, local, h::oper::handle;
    "PART", 1, After, request, h::part::handle;
    "PASS", 1, Before, local, h::pass::handle;
    "PING", 0, Always, local, h::ping::handle;
    "PONG", 0, Always, request, h::pong::handle;
    "PRIVMSG", 0, After, s::order, h::privmsg::privmsg;
    "QUIT", 0, Always, request, h::quit::handle;
    "RATE", 1, After, request, h::rate::handle;
    "REDACT", 2, After, local, h::redact::handle;
    "REGISTER", 3, Always, local, h::account::register;
    "REHASH", 0, After, request, h::operate::rehash;
    "RELAYMSG", 3, After, request, h::relaymsg::handle;
    "RENAME", 2, After, request, h::rename::handle;
    "SAJOIN", 1, After, request, h::operate::sajoin;
    "SAMODE", 2, After, request, h::mode::samode;
    "SEARCH", 1, After, local, h::search::handle;
    "SETNAME", 1, After, request, h::setname::handle;
    "STATS", 0, After, local, h::stats::handle;
    "TAGMSG", 0, After, request, h::privmsg::tagmsg;
    "TIME", 0, After, local, h::time::handle;
    "TOPIC", 1, After, h::topic::order, h::topic::handle;
    "UBAN", 1, After, local, h::uban::handle;
    "USER", 4, Before, local, h::user::handle;
    "USERHOST", 1, After, local, h::userhost::handle;
    "VERIFY", 2, Always, local, h::account::verify;
    "VERSION", 0, After, local, h::version::handle;
    "WALLOPS", 1, After, request, h::operate::wallops;
    "WHO", 0, After, local, h::who::handle;
    "WHOIS", 0, After, local, h::whois::handle;
    "WHOWAS", 0, After, local, h::whowas::handle;
};

/// The command of a name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    let mut capitals = [0_u8; 16];
    let capitals = capitals.get_mut(..name.len())?;
    capitals.copy_from_slice(name.as_bytes());
    capitals.make_ascii_uppercase();
    COMMANDS
        .binary_search_by(|command| command.name.as_bytes().cmp(capitals))
        .ok()
        .and_then(|at| COMMANDS.get(at))
}

/// The names of all commands, in their order.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found_in_any_case() {
        for command in COMMANDS {
            let found = find(&command.name.to_lowercase()).expect("in the table");
            assert_eq!(found.name, command.name);
        }
        for unknown in ["", "A", "NICKS", "PRIVMSG1", "VERYLONGCOMMAND", "ÄÖÜ"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }
}

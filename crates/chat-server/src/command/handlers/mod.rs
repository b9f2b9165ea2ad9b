//! One file per command.

pub(super) mod about;
pub(super) mod accept;
pub(super) mod account;
pub(super) mod authenticate;
pub(super) mod away;
pub(super) mod batch;
pub(crate) mod cap;
pub(super) mod chathistory;
pub(super) mod error;
pub(super) mod help;
pub(super) mod invite;
pub(super) mod ison;
pub(crate) mod isupport;
pub(super) mod join;
pub(super) mod kick;
pub(super) mod list;
pub(crate) mod lusers;
pub(crate) mod markread;
pub(crate) mod metadata;
pub(crate) mod mode;
pub(super) mod monitor;
pub(super) mod motd;
pub(crate) mod names;
pub(super) mod nick;
pub(super) mod oper;
pub(super) mod operate;
pub(super) mod part;
pub(super) mod pass;
pub(super) mod ping;
pub(super) mod pong;
pub(super) mod privmsg;
pub(super) mod quit;
pub(super) mod rate;
pub(super) mod redact;
mod register;
pub(super) mod relaymsg;
pub(super) mod rename;
pub(super) mod search;
pub(super) mod setname;
pub(super) mod stats;
pub(super) mod time;
pub(crate) mod topic;
pub(super) mod uban;
pub(super) mod user;
pub(super) mod userhost;
pub(super) mod version;
pub(super) mod who;
pub(super) mod whois;
pub(super) mod whowas;

/// The parts of a list of targets, `a,b,c`; empty ones are left out.
fn targets(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|target| !target.is_empty())
}

//! NickServ and ChanServ: what plain clients have for accounts and channels.
//!
//! They are names, not people: what is written to them is a command, and they answer with NOTICE.
//! Each has a table of words; [`run`] checks what every word needs, as the command table does.

mod accounts;
mod bans;
mod channels;
mod chanserv;
mod help;
mod nickserv;
mod operators;
mod settings;

use std::borrow::Cow;

use chat_network::{Channel, Right};
use chat_proto::numeric as n;
use chat_proto::{Message, WireLine};
use sha2::{Digest, Sha256};

use crate::command::{Context, Order, Refusal, login};

pub(crate) use chanserv::CHANSERV;
pub(crate) use nickserv::NICKSERV;

/// A service.
pub(crate) struct Service {
    /// Its name, which is its nick too.
    pub(crate) name: &'static str,
    /// The command that speaks to it.
    short: &'static str,
    /// What it is for.
    about: &'static str,
    words: &'static [Word],
}

/// A word that a service understands.
struct Word {
    /// In capitals.
    name: &'static str,
    /// Others for the same.
    aliases: &'static [&'static str],
    /// The fewest parameters.
    params: usize,
    /// Who may use it.
    whom: Whom,
    /// What it takes.
    syntax: &'static str,
    /// What it does, a line each.
    help: &'static [&'static str],
    handler: Handler,
}

/// Who may use a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whom {
    Anybody,
    /// Who is logged in.
    Owners,
    /// Operators of the chat with this right.
    Operators(Right),
}

/// What a word does: it reads its parameters and adds to the steps, or says why not.
type Handler = fn(&mut Context<'_>, &[&str]) -> Result<(), Told>;

/// What a service says instead of doing something.
type Told = Cow<'static, str>;

/// The service of a name, in any case.
pub(crate) fn of(name: &str) -> Option<&'static Service> {
    [&NICKSERV, &CHANSERV]
        .into_iter()
        .find(|service| service.name.eq_ignore_ascii_case(name))
}

/// `NS`, `NICKSERV`, `CS` and `CHANSERV`: the rest of the line is for the service.
pub(crate) fn nickserv(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    command(context, &NICKSERV, message)
}

pub(crate) fn chanserv(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    command(context, &CHANSERV, message)
}

/// Whether a message to a list of targets must wait until all that was asked before is answered: a
/// service looks at what is.
pub(crate) fn order(message: &Message) -> Order {
    let list = message.param(0).unwrap_or_default();
    if list.split(',').any(|target| of(target).is_some()) {
        Order::Local
    } else {
        Order::Request
    }
}

fn command(
    context: &mut Context<'_>,
    service: &'static Service,
    message: &Message,
) -> Result<(), Refusal> {
    let words: Vec<&str> = (0..message.param_count())
        .filter_map(|at| message.param(at))
        .flat_map(str::split_ascii_whitespace)
        .collect();
    if words.is_empty() {
        return Err(Refusal::numeric(n::ERR_NOTEXTTOSEND));
    }
    run(context, service, &words);
    Ok(())
}

/// A PRIVMSG to a service.
pub(crate) fn say(context: &mut Context<'_>, service: &'static Service, text: &str) {
    if let Some(ctcp) = text.strip_prefix('\u{1}') {
        let ctcp = ctcp.trim_end_matches('\u{1}');
        if ctcp.eq_ignore_ascii_case("VERSION") {
            let version = crate::state::VERSION;
            tell(context, service, &format!("\u{1}VERSION {version}\u{1}"));
        } else if let Some(given) = ctcp.strip_prefix("PING ") {
            tell(context, service, &format!("\u{1}PING {given}\u{1}"));
        }
        return;
    }
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if !words.is_empty() {
        run(context, service, &words);
    }
}

/// Checks a word against the table and lets its handler answer.
fn run(context: &mut Context<'_>, service: &'static Service, words: &[&str]) {
    let (Some(name), params) = (words.first(), words.get(1..).unwrap_or_default()) else {
        return;
    };
    if name.eq_ignore_ascii_case("HELP") {
        return help::help(context, service, params.first().copied());
    }
    let Some(word) = find(service, name) else {
        let text = format!(
            "I do not know that word. /msg {} HELP lists all",
            service.name
        );
        return tell(context, service, &text);
    };
    let told = match word.whom {
        Whom::Owners if login::account_of(context).is_none() => Err(NOT_LOGGED_IN.into()),
        Whom::Operators(right) if !operators::has(context, right) => {
            Err("This is for operators".into())
        }
        _ if params.len() < word.params => {
            Err(format!("Usage: {} {}", word.name, word.syntax).into())
        }
        _ => (word.handler)(context, params),
    };
    if let Err(text) = told {
        tell(context, service, &text);
    }
}

const NOT_LOGGED_IN: &str = "You are not logged in to an account";

fn find(service: &'static Service, name: &str) -> Option<&'static Word> {
    let is = |other: &&str| other.eq_ignore_ascii_case(name);
    service
        .words
        .iter()
        .find(|word| is(&word.name) || word.aliases.iter().any(is))
}

/// A NOTICE of a service.
fn tell(context: &mut Context<'_>, service: &Service, text: &str) {
    let source = format!("{0}!{0}@localhost", service.name);
    let line = WireLine::builder()
        .source(&source)
        .command("NOTICE")
        .param(&context.session.nick())
        .trailing(text)
        .finish();
    context.line(line.into());
}

/// WHOIS of a service.
pub(crate) fn whois(context: &mut Context<'_>, service: &Service) {
    let text = format!(
        "Service of the network; /msg {} HELP tells more",
        service.name
    );
    let params = [service.name, service.name, "localhost", "*"];
    context.numeric_text(n::RPL_WHOISUSER, &params, &text);
    let (name, description) = {
        let settings = context.state.settings();
        let config = &settings.config;
        (config.name.clone(), config.description.clone())
    };
    context.numeric_text(n::RPL_WHOISSERVER, &[service.name, &name], &description);
    context.numeric(n::RPL_WHOISBOT, &[service.name]);
}

/// Somebody is told that a channel is offered to its account.
pub(crate) fn offered(context: &mut Context<'_>, channel: &Channel, by: &str) {
    let name = channel.name();
    let text = format!(
        "{by} offers you the channel {name}. To take it: /msg ChanServ TRANSFER ACCEPT {name}"
    );
    tell(context, &CHANSERV, &text);
}

/// What confirms that something is meant: always the same for the thing as it is, on all servers.
/// It protects from mistakes, not from anybody.
fn confirmation(name: &str, since: i64) -> String {
    let digest = Sha256::digest(format!("{name} {since}"));
    let number = digest[..4]
        .iter()
        .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    format!("{number:010}")
}

/// A time for people to read.
pub(crate) fn date(time: chat_network::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0).map_or_else(
        |_| "an unknown time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_are_there_once() {
        for service in [&NICKSERV, &CHANSERV] {
            let mut seen = HashSet::new();
            for word in service.words {
                assert!(!word.help.is_empty(), "{}", word.name);
                for name in word.aliases.iter().chain([&word.name]) {
                    assert!(seen.insert(*name), "{name} is there twice");
                    assert_eq!(*name, name.to_uppercase());
                    let found = find(service, &name.to_lowercase()).expect("is there");
                    assert_eq!(found.name, word.name);
                }
                let needed = word.syntax.matches('<').count();
                let optional = word.syntax.matches("[<").count();
                assert!(word.params <= needed - optional, "{}", word.name);
            }
        }
    }

    #[test]
    fn services_are_found_by_name() {
        assert_eq!(of("nickserv").map(|service| service.name), Some("NickServ"));
        assert_eq!(of("CHANSERV").map(|service| service.name), Some("ChanServ"));
        assert!(of("NickServ2").is_none());
    }

    #[test]
    fn a_confirmation_is_of_one_thing_at_one_time() {
        assert_eq!(confirmation("ann", 1), confirmation("ann", 1));
        assert_ne!(confirmation("ann", 1), confirmation("ann", 2));
        assert_ne!(confirmation("ann", 1), confirmation("bob", 1));
        assert_eq!(confirmation("ann", 1).len(), 10);
    }
}

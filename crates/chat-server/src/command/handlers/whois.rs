//! `WHOIS [<server>] <nick>{,<nick>}`: all about someone.

use std::collections::BTreeSet;

use chat_network::{Network, Rejection, ServerId, User};
use chat_proto::numeric as n;
use chat_proto::{Capability, Message, limit};
use smol_str::{SmolStr, format_smolstr};

use crate::command::handlers::metadata;
use crate::command::handlers::names::prefix;
use crate::command::handlers::targets;
use crate::command::{Context, Refusal, services};
use crate::render::event::user_mode_letters;

/// Nicks of one WHOIS; more are not looked at.
const NICKS: usize = 4;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let asked = message.param(1).or(message.param(0)).unwrap_or_default();
    if asked.is_empty() {
        return Err(Refusal::numeric(n::ERR_NONICKNAMEGIVEN));
    }
    let network = context.state.network.borrow();
    for nick in targets(asked).take(NICKS) {
        match (network.user_by_nick(nick), services::of(nick)) {
            (Some(user), _) => reply(context, &network, user),
            (None, Some(service)) => services::whois(context, service),
            (None, None) => context.refuse(&Rejection::NoSuchNick(nick.into()).into()),
        }
    }
    drop(network);
    context.numeric(n::RPL_ENDOFWHOIS, &[&Context::shown(asked)]);
    Ok(())
}

fn reply(context: &mut Context<'_>, network: &Network, user: &User) {
    let nick = user.nick();
    let params = [nick, user.username(), user.host(), "*"];
    context.numeric_text(n::RPL_WHOISUSER, &params, user.realname());
    channels(context, network, user);
    server(context, nick, user.server());
    if let Some(away) = user.away() {
        context.numeric_text(n::RPL_AWAY, &[nick], away);
    }
    if let Some(account) = network.account_of(user) {
        context.numeric(n::RPL_WHOISACCOUNT, &[nick, account.name()]);
    }
    if let Some(operator) = user.operator().filter(|_| context.sees_operator(user)) {
        let title = match operator.title.as_str() {
            "" => n::RPL_WHOISOPERATOR.text(),
            title => title,
        };
        context.numeric_text(n::RPL_WHOISOPERATOR, &[nick], title);
    }
    if user.modes().bot {
        context.numeric(n::RPL_WHOISBOT, &[nick]);
    }
    if user.is_secure() {
        context.numeric(n::RPL_WHOISSECURE, &[nick]);
    }
    certificates(context, user);
    hosts(context, user);
    metadata::of_whois(context, user);
    let now = jiff::Timestamp::now().as_millisecond();
    let idle = format_smolstr!("{}", (now - user.last_active().0).max(0) / 1000);
    let signed_on = format_smolstr!("{}", user.signed_on().0 / 1000);
    context.numeric(n::RPL_WHOISIDLE, &[nick, &idle, &signed_on]);
    modes(context, user);
}

/// What only the user itself and operators are told: the certificates that it has shown.
fn certificates(context: &mut Context<'_>, user: &User) {
    if knows_all(context, user) {
        for certificate in user.certificates() {
            let text = format!("has client certificate fingerprint {certificate}");
            context.numeric_text(n::RPL_WHOISCERTFP, &[user.nick()], &text);
        }
    }
}

/// The same learn where it comes from, where that is not the host that others see.
fn hosts(context: &mut Context<'_>, user: &User) {
    if knows_all(context, user) {
        let hosts: BTreeSet<&str> = user.hidden_hosts().collect();
        for host in hosts {
            let text = format!("is connecting from {host}");
            context.numeric_text(n::RPL_WHOISHOST, &[user.nick()], &text);
        }
    }
}

/// Whether the asker is the user itself or an operator.
fn knows_all(context: &Context<'_>, user: &User) -> bool {
    let network = context.state.network.borrow();
    let own = network.user_of(context.session.id);
    own.is_some_and(|own| own.id() == user.id() || own.operator().is_some())
}

/// A user's modes: for the user and for operators.
fn modes(context: &mut Context<'_>, user: &User) {
    if knows_all(context, user) {
        let text = format!("is using modes +{}", user_mode_letters(user.modes()));
        context.numeric_text(n::RPL_WHOISMODES, &[user.nick()], &text);
    }
}

/// A fleet is one server to its clients; which of them it is stands in the text.
fn server(context: &mut Context<'_>, nick: &str, server: ServerId) {
    let settings = context.state.settings();
    let config = &settings.config;
    let label = context.state.label_of(server);
    let text = format!("{} ({label})", config.description);
    let name = config.name.clone();
    context.numeric_text(n::RPL_WHOISSERVER, &[nick, &name], &text);
}

/// The channels that the asker may know to have this user in them.
fn channels(context: &mut Context<'_>, network: &Network, user: &User) {
    let own = context.session.user();
    let all = context.session.has(Capability::MultiPrefix);
    let frame = context.state.config.name.len() + context.session.nick().len() + user.nick().len();
    let room = limit::BODY.saturating_sub(frame + ": 319   :\r\n".len());
    let mut line = String::new();
    for channel in user
        .channels()
        .iter()
        .filter_map(|channel| network.channel(*channel))
    {
        let shared = own.is_some_and(|own| own == user.id() || channel.has_member(own));
        let open = context.sees_channel(channel) && !user.modes().invisible;
        if !channel.shows(user.id(), own) || (!shared && !open) {
            continue;
        }
        let rank = channel
            .member(user.id())
            .map_or_else(SmolStr::default, |modes| prefix(modes, all));
        if line.len() + rank.len() + channel.name().len() + 1 > room {
            context.numeric_text(n::RPL_WHOISCHANNELS, &[user.nick()], &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&rank);
        line.push_str(channel.name());
    }
    if !line.is_empty() {
        context.numeric_text(n::RPL_WHOISCHANNELS, &[user.nick()], &line);
    }
}

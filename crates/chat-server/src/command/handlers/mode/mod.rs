//! `MODE <channel> [<modes> [<parameter>…]]` and `MODE <nick> [<modes>]`.

mod parse;
mod user;

use chat_network::{Action, Channel, ChannelModeChange, ListKind, OperatorAction, Rejection};
use chat_proto::numeric as n;
use chat_proto::numeric::Numeric;
use chat_proto::{Message, name};
use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

pub(crate) use user::reply as own;

use crate::command::handlers::mode::parse::Wanted;
use crate::command::{Context, Order, Refusal};
use crate::state::MODES;

/// Changes only ask the network; what asks for a list or for all modes is answered here.
pub(crate) fn order(message: &Message) -> Order {
    let channel = message.param(0).is_some_and(name::is_channel_like);
    let asks = message.param_count() < 2
        || (channel
            && parse::wanted(message.params().skip(1))
                .iter()
                .any(|wanted| matches!(wanted, Wanted::List(_))));
    if asks { Order::Local } else { Order::Request }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let target = message.param(0).unwrap_or_default();
    if !name::is_channel_like(target) {
        return user::handle(context, message, target);
    }
    if message.param_count() < 2 {
        return show(context, target);
    }
    let (changes, lists) = wanted(context, message, target);
    for kind in lists {
        show_list(context, target, kind)?;
    }
    if !changes.is_empty() {
        context.request(Action::ChannelModes {
            channel: target.into(),
            changes,
        });
    }
    Ok(())
}

/// `SAMODE <target> <modes> [<parameter>…]`: what an operator changes, whatever its rank there.
pub(crate) fn samode(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let target = message.param(0).unwrap_or_default();
    let action = if name::is_channel_like(target) {
        let (changes, _) = wanted(context, message, target);
        OperatorAction::ChannelModes {
            channel: target.into(),
            changes,
        }
    } else {
        let letters = message.param(1).unwrap_or_default();
        OperatorAction::UserModes {
            nick: target.into(),
            changes: user::wanted(context, letters),
        }
    };
    context.request(Action::Operate(Box::new(action)));
    Ok(())
}

/// What a message asks for: changes, and lists to be shown. What cannot be understood is told.
fn wanted(
    context: &mut Context<'_>,
    message: &Message,
    target: &str,
) -> (Vec<ChannelModeChange>, Vec<ListKind>) {
    let mut changes = Vec::new();
    let mut lists = Vec::new();
    for wanted in parse::wanted(message.params().skip(1))
        .into_iter()
        .take(MODES)
    {
        match wanted {
            Wanted::Change(change) => changes.push(change),
            Wanted::List(kind) if lists.contains(&kind) => {}
            Wanted::List(kind) => lists.push(kind),
            Wanted::Unknown(letter) => {
                let text = format!("is unknown mode char to me for {}", Context::shown(target));
                let letter = format_smolstr!("{letter}");
                context.numeric_text(n::ERR_UNKNOWNMODE, &[&letter], &text);
            }
            Wanted::Missing(letter) => {
                let params = [target, &format_smolstr!("{letter}"), "*"];
                let text = "This mode needs a parameter";
                context.numeric_text(n::ERR_INVALIDMODEPARAM, &params, text);
            }
            Wanted::Invalid(letter, param) => {
                let params = [
                    target,
                    &format_smolstr!("{letter}"),
                    &Context::shown(&param),
                ];
                context.numeric_text(n::ERR_INVALIDMODEPARAM, &params, "Not a valid parameter");
            }
        }
    }
    (changes, lists)
}

/// For the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn fuzz<'a>(
    params: impl Iterator<Item = &'a str>,
) -> Vec<crate::command::fuzzing::Mode> {
    use crate::command::fuzzing::Mode;
    let all = parse::wanted(params).into_iter();
    all.map(|wanted| match wanted {
        Wanted::Change(change) => Mode::Change(change),
        Wanted::List(_) => Mode::List,
        Wanted::Unknown(letter) | Wanted::Missing(letter) | Wanted::Invalid(letter, _) => {
            Mode::Wrong(letter)
        }
    })
    .collect()
}

/// RPL_CHANNELMODEIS and RPL_CREATIONTIME. Only members are told the key.
fn show(context: &mut Context<'_>, target: &str) -> Result<(), Refusal> {
    let network = context.state.network.borrow();
    let channel = visible(context, network.channel_by_name(target), target)?;
    let inside = context
        .session
        .user()
        .is_some_and(|user| channel.has_member(user));
    let mut modes = SmolStrBuilder::new();
    modes.push('+');
    channel
        .flags()
        .iter()
        .for_each(|flag| modes.push(flag.letter()));
    let mut params: Vec<SmolStr> = vec![channel.name().clone(), SmolStr::default()];
    if let Some(key) = channel.key() {
        modes.push('k');
        params.push(if inside {
            key.clone()
        } else {
            SmolStr::new_static("*")
        });
    }
    if let Some(limit) = channel.limit() {
        modes.push('l');
        params.push(format_smolstr!("{limit}"));
    }
    if let Some(forward) = channel.forward() {
        modes.push('f');
        params.push(forward.clone());
    }
    params[1] = modes.finish();
    let params: Vec<&str> = params.iter().map(SmolStr::as_str).collect();
    context.numeric(n::RPL_CHANNELMODEIS, &params);
    let created = format_smolstr!("{}", channel.created().0 / 1000);
    context.numeric(n::RPL_CREATIONTIME, &[channel.name(), &created]);
    Ok(())
}

/// The masks of a list and its end.
fn show_list(context: &mut Context<'_>, target: &str, kind: ListKind) -> Result<(), Refusal> {
    let network = context.state.network.borrow();
    let channel = visible(context, network.channel_by_name(target), target)?;
    let (item, end): (Numeric, Numeric) = match kind {
        ListKind::Ban => (n::RPL_BANLIST, n::RPL_ENDOFBANLIST),
        ListKind::BanException => (n::RPL_EXCEPTLIST, n::RPL_ENDOFEXCEPTLIST),
        ListKind::InviteException => (n::RPL_INVEXLIST, n::RPL_ENDOFINVEXLIST),
    };
    for entry in channel.list(kind) {
        let by = entry.by.as_deref().unwrap_or(&context.state.config.name);
        let at = format_smolstr!("{}", entry.at.0 / 1000);
        context.numeric(item, &[channel.name(), &entry.mask, by, &at]);
    }
    context.numeric(end, &[channel.name()]);
    Ok(())
}

/// A channel that the asker may know of.
fn visible<'a>(
    context: &Context<'_>,
    channel: Option<&'a Channel>,
    target: &str,
) -> Result<&'a Channel, Refusal> {
    channel
        .filter(|channel| context.sees_channel(channel))
        .ok_or_else(|| Rejection::NoSuchChannel(target.into()).into())
}

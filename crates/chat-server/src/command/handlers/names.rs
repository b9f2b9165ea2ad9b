//! `NAMES [<channel>{,<channel>}]`: who is in a channel.

use chat_network::{Channel, ChannelFlag, MemberModes, MemberPrefix, Network};
use chat_proto::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY};
use chat_proto::{Capability, Message, limit};
use smol_str::SmolStr;

use crate::command::handlers::targets;
use crate::command::{Context, Refusal, cut};

/// Bytes of the list of channels that its end repeats.
const LIST: usize = 350;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let Some(list) = message.param(0) else {
        // All channels of all servers would be no use to anyone.
        context.numeric(RPL_ENDOFNAMES, &["*"]);
        return Ok(());
    };
    let network = context.state.network.borrow();
    for name in targets(list) {
        if let Some(channel) = network.channel_by_name(name)
            && context.sees_channel(channel)
        {
            members(context, &network, channel);
        }
    }
    drop(network);
    // One end for all of them, as RFC 1459 has it.
    context.numeric(RPL_ENDOFNAMES, &[cut(list, LIST)]);
    Ok(())
}

/// RPL_NAMREPLY and RPL_ENDOFNAMES of a channel that the client is in.
pub(crate) fn reply(context: &mut Context<'_>, network: &Network, channel: &Channel) {
    members(context, network, channel);
    context.numeric(RPL_ENDOFNAMES, &[channel.name()]);
}

/// RPL_NAMREPLY of a channel that the client may know of. Who is not in it does not see its
/// invisible members.
fn members(context: &mut Context<'_>, network: &Network, channel: &Channel) {
    let symbol = if channel.is(ChannelFlag::Secret) {
        "@"
    } else {
        "="
    };
    let inside = context
        .session
        .user()
        .is_some_and(|user| channel.has_member(user));
    // In an auditorium who has no rank sees nobody without, not even itself.
    let own = context.session.user().and_then(|own| channel.member(own));
    let sees_hidden = own.is_some_and(|ranks| !ranks.is_empty());
    let all = context.session.has(Capability::MultiPrefix);
    let whole = context.session.has(Capability::UserhostInNames);
    let room = room(context, channel);
    let mut line = String::with_capacity(room);
    for (user, modes) in channel.members() {
        let Some(user) = network.user(user) else {
            continue;
        };
        let hidden = channel.hides(user.id()) && !sees_hidden;
        if hidden || (user.modes().invisible && !inside) {
            continue;
        }
        let name = if whole { user.prefix() } else { user.nick() };
        if line.len() + name.len() + 6 > room {
            context.numeric_text(RPL_NAMREPLY, &[symbol, channel.name()], &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&prefix(modes, all));
        line.push_str(name);
    }
    if !line.is_empty() {
        context.numeric_text(RPL_NAMREPLY, &[symbol, channel.name()], &line);
    }
}

/// Bytes that the names of one line may take: `:server 353 nick = #channel :names`.
fn room(context: &Context<'_>, channel: &Channel) -> usize {
    let frame = context.state.config.name.len()
        + context.session.nick().len()
        + channel.name().len()
        + ": 353  =  :\r\n".len();
    limit::BODY.saturating_sub(frame)
}

/// The marks before a member's name: that of the highest rank, or all with multi-prefix.
pub(crate) fn prefix(modes: MemberModes, all: bool) -> SmolStr {
    let most = if all { usize::MAX } else { 1 };
    modes.iter().take(most).map(MemberPrefix::symbol).collect()
}

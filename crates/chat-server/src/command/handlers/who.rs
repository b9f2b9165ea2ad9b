//! `WHO [<channel, nick or mask>]`: who is there, one line each.

use chat_network::{Channel, Network, User};
use chat_proto::numeric::{RPL_ENDOFWHO, RPL_TRYAGAIN, RPL_WHOREPLY};
use chat_proto::{Capability, CaseMapping, Message, name};
use smol_str::SmolStrBuilder;

use crate::command::handlers::names::prefix;
use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let asked = message
        .param(0)
        .filter(|asked| !asked.is_empty() && *asked != "0")
        .unwrap_or("*");
    let network = context.state.network.borrow();
    if name::is_channel_like(asked) {
        if let Some(channel) = network.channel_by_name(asked)
            && context.sees_channel(channel)
        {
            of_channel(context, &network, channel);
        }
    } else if let Some(user) = network.user_by_nick(asked) {
        // Who knows the nick may ask about it, as with WHOIS.
        of_user(context, &network, user);
    } else {
        by_mask(context, &network, asked);
    }
    drop(network);
    context.numeric(RPL_ENDOFWHO, &[&Context::shown(asked)]);
    Ok(())
}

fn of_channel(context: &mut Context<'_>, network: &Network, channel: &Channel) {
    let inside = context
        .session
        .user()
        .is_some_and(|user| channel.has_member(user));
    for (user, _) in channel.members() {
        if let Some(user) = network.user(user)
            && (inside || !user.modes().invisible)
        {
            line(context, user, Some(channel));
        }
    }
}

fn by_mask(context: &mut Context<'_>, network: &Network, mask: &str) {
    for user in network.users() {
        let fits = [user.nick(), user.username(), user.host(), user.realname()]
            .into_iter()
            .any(|part| CaseMapping::Ascii.mask_matches(mask, part));
        if !fits || !context.sees(network, user) {
            continue;
        }
        if context.is_full() {
            let text = "There are more users; ask for fewer of them";
            context.numeric_text(RPL_TRYAGAIN, &["WHO"], text);
            return;
        }
        of_user(context, network, user);
    }
}

/// A user outside of the question about one channel, shown with one that the asker may know of.
fn of_user(context: &mut Context<'_>, network: &Network, user: &User) {
    let channel = user
        .channels()
        .iter()
        .filter_map(|channel| network.channel(*channel))
        .find(|channel| context.sees_channel(channel) && sees_member(context, user, channel));
    line(context, user, channel);
}

/// Whether it may be told that a user is in a channel that the asker knows of.
fn sees_member(context: &Context<'_>, user: &User, channel: &Channel) -> bool {
    !user.modes().invisible
        || context
            .session
            .user()
            .is_some_and(|own| own == user.id() || channel.has_member(own))
}

fn line(context: &mut Context<'_>, user: &User, channel: Option<&Channel>) {
    let mut flags = SmolStrBuilder::new();
    flags.push(if user.away().is_some() { 'G' } else { 'H' });
    if user.modes().bot {
        flags.push('B');
    }
    if let Some(modes) = channel.and_then(|channel| channel.member(user.id())) {
        flags.push_str(prefix(modes, context.session.has(Capability::MultiPrefix)));
    }
    let channel = channel.map_or("*", |channel| channel.name());
    let text = format!("0 {}", user.realname());
    context.numeric_text(
        RPL_WHOREPLY,
        &[
            channel,
            user.username(),
            user.host(),
            &context.state.config.name,
            user.nick(),
            &flags.finish(),
        ],
        &text,
    );
}

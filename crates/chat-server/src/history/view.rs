//! Who may see what: decided from the replica, before the database is asked.
//!
//! * A channel's history is for its members, from the channel's founding on: a channel that ended
//!   and was founded again by others is another channel. The lobby, which is everyone's, is one
//!   channel for ever.
//! * Where it is so configured, only from when somebody came.
//! * What was said to those with a rank is for those with that rank, and for who said it.
//! * A conversation is for its two, known by their identities.
//! * Whoever may not see a place is told the same as where there is no such place.

use chat_network::{Channel, Identity, MemberPrefix, Network, Position, User, folded};
use chat_proto::Capability;
use chat_proto::name::is_channel_like;
use chat_store::conversation;

use super::question::Sight;
use crate::command::Context;
use crate::config::Cutoff;
use crate::history::Other;
use crate::state::State;

/// What the session's user may see of a target; `None`: nothing, for whatever reason. And the name
/// of the target.
pub(crate) fn of_target(context: &Context<'_>, target: &str) -> Option<(Sight, Other, String)> {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id)?;
    if is_channel_like(target) {
        let channel = network.channel_by_name(target)?;
        let sight = of_channel(context, &network, channel, user)?;
        return Some((sight, Other::Known, channel.name().to_string()));
    }
    let own = user.identity().to_string();
    let on = network.user_by_nick(target).map(User::identity);
    let kept = || {
        network
            .account_by_name(target)
            .map(|account| Identity::Account(account.id()))
    };
    let (place, other) = match on.or_else(kept) {
        Some(other) => (conversation(&own, &other.to_string()), Other::Known),
        None => (String::new(), Other::Named(folded(target))),
    };
    let sight = Sight {
        place,
        first: Position(0),
        last: context.state.position.get(),
        rank: 0,
        own,
        events: context.session.has(Capability::EventPlayback),
    };
    Some((sight, other, target.to_owned()))
}

/// What a user may see of a channel; `None` where not a member.
pub(crate) fn of_channel(
    context: &Context<'_>,
    network: &Network,
    channel: &Channel,
    user: &User,
) -> Option<Sight> {
    let sight = of_member(context.state, network, channel, user)?;
    Some(Sight {
        events: context.session.has(Capability::EventPlayback),
        ..sight
    })
}

/// The messages that a user may see of a channel; `None` where not a member.
pub(crate) fn of_member(
    state: &State,
    network: &Network,
    channel: &Channel,
    user: &User,
) -> Option<Sight> {
    let ranks = channel.member(user.id())?;
    Some(Sight {
        place: channel.place(),
        first: founding(network, channel).max(cutoff(state, channel, user)),
        last: state.position.get(),
        rank: ranks.highest().map_or(0, MemberPrefix::level),
        own: user.identity().to_string(),
        events: false,
    })
}

/// The same, without what is no message.
pub(crate) fn messages_only(sight: Sight) -> Sight {
    Sight {
        events: false,
        ..sight
    }
}

/// From where on a user may read a channel, as it is configured.
fn cutoff(state: &State, channel: &Channel, user: &User) -> Position {
    match state.settings().config.history.cutoff {
        Cutoff::None => Position(0),
        Cutoff::RegistrationTime => Position(match user.identity() {
            Identity::Account(account) => account.0,
            Identity::Stay(user) => user.0,
        }),
        Cutoff::JoinTime => {
            let ranks = channel.member(user.id());
            let moderates = ranks.is_some_and(|own| own.reaches(MemberPrefix::HalfOperator));
            let since = channel.member_since(user.id()).filter(|_| !moderates);
            since.unwrap_or_default()
        }
    }
}

/// From where on a channel's history is this channel's.
fn founding(network: &Network, channel: &Channel) -> Position {
    if network.limits().is_commons(channel.name()) {
        Position(0)
    } else {
        Position(channel.id().0)
    }
}

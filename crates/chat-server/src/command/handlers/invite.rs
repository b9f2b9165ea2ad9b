//! `INVITE <nick> <channel>`, and `INVITE`: the invitations that the client has.

use chat_network::Action;
use chat_proto::Message;
use chat_proto::numeric::{ERR_NEEDMOREPARAMS, RPL_ENDOFINVITELIST, RPL_INVITELIST};

use crate::command::{Context, Order, Refusal};

/// The list is answered here.
pub(crate) fn order(message: &Message) -> Order {
    if message.param_count() >= 2 {
        Order::Request
    } else {
        Order::Local
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    match (message.param(0), message.param(1)) {
        (Some(nick), Some(channel)) => {
            context.request(Action::Invite {
                channel: channel.into(),
                nick: nick.into(),
            });
            Ok(())
        }
        (Some(_), None) => Err(Refusal::about(ERR_NEEDMOREPARAMS, "INVITE")),
        _ => {
            list(context);
            Ok(())
        }
    }
}

fn list(context: &mut Context<'_>) {
    let network = context.state.network.borrow();
    if let Some(user) = network.user_of(context.session.id) {
        for channel in user
            .invitations()
            .iter()
            .filter_map(|channel| network.channel(*channel))
        {
            context.numeric(RPL_INVITELIST, &[channel.name()]);
        }
    }
    drop(network);
    context.numeric(RPL_ENDOFINVITELIST, &[]);
}

//! `JOIN <channel>{,<channel>} [<key>{,<key>}]`, and `JOIN 0`: leave all.

use chat_network::Action;
use chat_proto::Message;

use crate::command::handlers::targets;
use crate::command::{Context, Order, Refusal};

/// `JOIN 0` must know where the user is; the rest only asks.
pub(crate) fn order(message: &Message) -> Order {
    if message.param(0) == Some("0") {
        Order::Local
    } else {
        Order::Request
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let list = message.param(0).unwrap_or_default();
    if list == "0" {
        leave_all(context);
        return Ok(());
    }
    let mut keys = message.param(1).unwrap_or_default().split(',');
    for channel in targets(list) {
        let key = keys.next().filter(|key| !key.is_empty()).map(Into::into);
        context.request(Action::Join {
            channel: channel.into(),
            key,
        });
    }
    Ok(())
}

fn leave_all(context: &mut Context<'_>) {
    let network = context.state.network.borrow();
    let Some(user) = network.user_of(context.session.id) else {
        return;
    };
    for channel in user
        .channels()
        .iter()
        .filter_map(|channel| network.channel(*channel))
    {
        context.request(Action::Part {
            channel: channel.name().clone(),
            reason: None,
        });
    }
}

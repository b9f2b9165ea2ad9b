//! `TOPIC <channel> [<topic>]`: ask for the topic, set it, or (empty) clear it.

use chat_network::{Action, Channel, Rejection};
use chat_proto::Message;
use chat_proto::numeric::{RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME};
use smol_str::format_smolstr;

use crate::command::{Context, Order, Refusal};

/// Setting only asks the network.
pub(crate) fn order(message: &Message) -> Order {
    if message.param_count() > 1 {
        Order::Request
    } else {
        Order::Local
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let name = message.param(0).unwrap_or_default();
    if let Some(topic) = message.param(1) {
        context.request(Action::Topic {
            channel: name.into(),
            topic: topic.into(),
        });
        return Ok(());
    }
    let network = context.state.network.borrow();
    let channel = network
        .channel_by_name(name)
        .filter(|channel| context.sees_channel(channel))
        .ok_or_else(|| Rejection::NoSuchChannel(name.into()))?;
    if !reply(context, channel) {
        context.numeric(RPL_NOTOPIC, &[channel.name()]);
    }
    Ok(())
}

/// RPL_TOPIC and RPL_TOPICWHOTIME, if there is a topic.
pub(crate) fn reply(context: &mut Context<'_>, channel: &Channel) -> bool {
    let Some(topic) = channel.topic() else {
        return false;
    };
    context.numeric_text(RPL_TOPIC, &[channel.name()], &topic.text);
    let by = topic.by.as_deref().unwrap_or(&context.state.config.name);
    let at = format_smolstr!("{}", topic.at.0 / 1000);
    context.numeric(RPL_TOPICWHOTIME, &[channel.name(), by, &at]);
    true
}

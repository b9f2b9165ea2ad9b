//! `LIST [<channel or condition>{,…}]`: the channels, with members and topic. Conditions are masks
//! (ELIST M) and `<n`, `>n` on the number of members (ELIST U).

use chat_network::Channel;
use chat_proto::numeric::{RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_TRYAGAIN};
use chat_proto::{CaseMapping, Message};

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};

/// What a channel must fulfil to be listed.
enum Condition<'a> {
    Fewer(usize),
    More(usize),
    Name(&'a str),
}

impl<'a> Condition<'a> {
    fn parse(text: &'a str) -> Self {
        let number = || text.get(1..).and_then(|number| number.parse().ok());
        match (text.chars().next(), number()) {
            (Some('<'), Some(number)) => Self::Fewer(number),
            (Some('>'), Some(number)) => Self::More(number),
            _ => Self::Name(text),
        }
    }

    fn holds(&self, channel: &Channel) -> bool {
        match self {
            Self::Fewer(number) => channel.member_count() < *number,
            Self::More(number) => channel.member_count() > *number,
            Self::Name(mask) => CaseMapping::Ascii.mask_matches(mask, channel.name()),
        }
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let conditions: Vec<Condition<'_>> = targets(message.param(0).unwrap_or_default())
        .map(Condition::parse)
        .collect();
    // Names are alternatives to each other, numbers must all hold.
    let (names, numbers): (Vec<_>, Vec<_>) = conditions
        .iter()
        .partition(|condition| matches!(condition, Condition::Name(_)));
    let network = context.state.network.borrow();
    context.numeric(RPL_LISTSTART, &["Channel"]);
    for channel in network.channels() {
        let wanted = (names.is_empty() || names.iter().any(|name| name.holds(channel)))
            && numbers.iter().all(|number| number.holds(channel));
        if !wanted || !context.sees_channel(channel) {
            continue;
        }
        if context.is_full() {
            context.numeric_text(
                RPL_TRYAGAIN,
                &["LIST"],
                "There are more channels; ask for fewer of them",
            );
            break;
        }
        let members = smol_str::format_smolstr!("{}", channel.member_count());
        let topic = channel.topic().map_or("", |topic| &topic.text);
        // A colon is there even where no topic is: clients read the third parameter.
        let topic = if topic.is_empty() { " " } else { topic };
        context.numeric_text(RPL_LIST, &[channel.name(), &members], topic);
    }
    context.numeric(RPL_LISTEND, &[]);
    Ok(())
}

//! `LIST [<channel or condition>{,…}]`: the channels, with members and topic. Conditions are masks
//! (ELIST M, with `!` in front N), `<n` and `>n` on the number of members (U), `C<n` and `C>n` on the
//! minutes since the channel was made (C), and `T<n` and `T>n` on those since its topic was set (T).

use chat_network::{Channel, Timestamp};
use chat_proto::numeric::{RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_TRYAGAIN};
use chat_proto::{Message, fold};

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};

/// What a channel must fulfil to be listed.
enum Condition<'a> {
    Fewer(usize),
    More(usize),
    /// Made less than so many minutes ago (`true`), or more.
    Made(bool, i64),
    /// As [`Made`](Self::Made), of the topic.
    Topic(bool, i64),
    Name(&'a str),
    NotName(&'a str),
}

impl<'a> Condition<'a> {
    fn parse(text: &'a str) -> Self {
        let number = || text.get(1..).and_then(|number| number.parse().ok());
        match (text.chars().next(), number()) {
            (Some('<'), Some(number)) => Self::Fewer(number),
            (Some('>'), Some(number)) => Self::More(number),
            (Some('!'), _) => Self::NotName(&text[1..]),
            _ => Self::age(text).unwrap_or(Self::Name(text)),
        }
    }

    /// `C<n`, `C>n`, `T<n` or `T>n`.
    fn age(text: &str) -> Option<Self> {
        let (condition, minutes) = text.split_at_checked(2)?;
        let minutes = minutes.parse().ok()?;
        Some(match condition.to_ascii_uppercase().as_str() {
            "C<" => Self::Made(true, minutes),
            "C>" => Self::Made(false, minutes),
            "T<" => Self::Topic(true, minutes),
            "T>" => Self::Topic(false, minutes),
            _ => return None,
        })
    }

    fn holds(&self, channel: &Channel, now: i64) -> bool {
        let aged = |less: bool, minutes: i64, at: Timestamp| {
            let age = (now - at.0).max(0);
            let bound = minutes.saturating_mul(60_000);
            if less { age < bound } else { age > bound }
        };
        match self {
            Self::Fewer(number) => channel.member_count() < *number,
            Self::More(number) => channel.member_count() > *number,
            Self::Made(less, minutes) => aged(*less, *minutes, channel.created()),
            Self::Topic(less, minutes) => channel
                .topic()
                .is_some_and(|topic| aged(*less, *minutes, topic.at)),
            Self::NotName(mask) => !fold::fits(mask, channel.name()),
            Self::Name(mask) => fold::fits(mask, channel.name()),
        }
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let conditions: Vec<Condition<'_>> = targets(message.param(0).unwrap_or_default())
        .map(Condition::parse)
        .collect();
    let now = jiff::Timestamp::now().as_millisecond();
    // Names are alternatives to each other, everything else must hold.
    let (names, numbers): (Vec<_>, Vec<_>) = conditions
        .iter()
        .partition(|condition| matches!(condition, Condition::Name(_)));
    let network = context.state.network.borrow();
    context.numeric(RPL_LISTSTART, &["Channel"]);
    for channel in network.channels() {
        let wanted = (names.is_empty() || names.iter().any(|name| name.holds(channel, now)))
            && numbers.iter().all(|number| number.holds(channel, now));
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

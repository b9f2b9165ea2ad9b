//! `UBAN ADD|DEL|LIST` and `DEFCON`: whom operators keep out of the whole chat.

use chat_network::{Action, Defcon, NetworkBan, OperatorAction, Rejection, Right, Timestamp};
use chat_proto::Message;
use chat_proto::numeric::ERR_NEEDMOREPARAMS;

use crate::command::services::date;
use crate::command::{Context, Order, Refusal};

/// The longest ban with an end: more is for good.
const LONGEST: u64 = 10 * 365 * 86_400;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let params: Vec<&str> = message.params().collect();
    let word = params[0].to_ascii_uppercase();
    let action = match (word.as_str(), params.get(1)) {
        ("LIST", _) => return list(context),
        ("ADD", Some(first)) => {
            let seconds = duration(first);
            let (mask, reason) = match seconds {
                Some(_) => (params.get(2), params.get(3)),
                None => (Some(first), params.get(2)),
            };
            let Some(mask) = mask else {
                return Err(Refusal::about(ERR_NEEDMOREPARAMS, "UBAN"));
            };
            OperatorAction::Ban {
                mask: (*mask).into(),
                seconds,
                reason: reason.copied().unwrap_or_default().into(),
            }
        }
        ("DEL", Some(mask)) => OperatorAction::Unban {
            mask: (*mask).into(),
        },
        _ => return Err(Refusal::about(ERR_NEEDMOREPARAMS, "UBAN")),
    };
    context.request(Action::Operate(Box::new(action)));
    Ok(())
}

/// All bans that hold.
fn list(context: &mut Context<'_>) -> Result<(), Refusal> {
    require(context, Right::Ban)?;
    let state = context.state;
    let network = state.network.borrow();
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let of_people = |ban: &&NetworkBan| ban.holds(now) && !ban.is_of_channel();
    for ban in network.network_bans().iter().filter(of_people) {
        let end = match ban.until {
            Some(until) => format!("for {} s more", (until.0 - now.0) / 1000),
            None => "for good".to_owned(),
        };
        let since = date(ban.at);
        let text = format!(
            "{} by {} on {since}, {end}: {}",
            ban.mask, ban.by, ban.reason
        );
        context.notice(text.trim_end_matches([':', ' ']));
    }
    context.notice("End of UBAN LIST");
    Ok(())
}

/// A change only asks the network; the level alone is told from here.
pub(crate) fn defcon_order(message: &Message) -> Order {
    if message.param_count() == 0 {
        Order::Local
    } else {
        Order::Request
    }
}

/// `DEFCON [<level>]`.
pub(crate) fn defcon(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let Some(level) = message.param(0) else {
        require(context, Right::Defcon)?;
        let level = context.state.network.borrow().defcon().level();
        context.notice(&format!("DEFCON is {level}"));
        return Ok(());
    };
    let defcon = level.parse().ok().and_then(Defcon::new);
    let Some(defcon) = defcon else {
        return Err(Refusal::Fail(
            "DEFCON",
            "INVALID_LEVEL",
            Context::shown(level),
            "A level is a number from 1 to 5",
        ));
    };
    let action = OperatorAction::Defcon(defcon);
    context.request(Action::Operate(Box::new(action)));
    Ok(())
}

/// Whether the session's user has a right; the network says no in the same words.
fn require(context: &Context<'_>, right: Right) -> Result<(), Rejection> {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id);
    let operator = user.and_then(|user| user.operator());
    match operator {
        None => Err(Rejection::NotAnOperator),
        Some(operator) if operator.rights.has(right) => Ok(()),
        Some(_) => Err(Rejection::LacksRight(right)),
    }
}

/// Seconds in a text such as `90s`, `10m`, `1h30m`, `7d`; `None`: it is none.
fn duration(text: &str) -> Option<u32> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let unit = match rest.as_bytes()[end] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end + 1..];
    }
    (1..=LONGEST)
        .contains(&total)
        .then(|| u32::try_from(total).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("10m", Some(600)),
            ("1h30m", Some(5400)),
            ("7d", Some(604_800)),
            ("0s", None),
            ("", None),
            ("10", None),
            ("m", None),
            ("10y", None),
            ("*!*@10m", None),
            ("99999999999999999999d", None),
            ("18446744073709551615d", None),
            ("4000d", None),
        ] {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }
}

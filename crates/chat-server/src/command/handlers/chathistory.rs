//! `CHATHISTORY <subcommand> <target> <selector> [<selector>] <limit>` and
//! `CHATHISTORY TARGETS <timestamp> <timestamp> <limit>`: what was said before.

use chat_proto::Message;
use chat_store::{Mark, Selection};

use crate::command::{Context, Refusal, Step};
use crate::history::{PageOf, Question, TargetsOf, selector, view};

const COMMAND: &str = "CHATHISTORY";

/// What is wrong with a request.
enum Wrong<'a> {
    Unknown,
    TooFew,
    TooMany,
    Parameter(&'a str),
    Reference(&'a str),
}

/// A subcommand with its parameters.
enum Asked<'a> {
    Page(&'a str, Selection, u32),
    Targets(i64, i64, u32),
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let params: Vec<&str> = message.params().collect();
    let subcommand = params.first().copied().unwrap_or_default();
    let page = context.state.settings().history_page();
    match parse(&params, page) {
        Ok(Asked::Page(target, selection, limit)) => match view::of_target(context, target) {
            Some((sight, other, name)) => {
                context
                    .steps
                    .push(Step::Ask(Box::new(Question::Page(PageOf {
                        sight,
                        other,
                        selection,
                        limit,
                        name,
                    }))));
            }
            None => fail(
                context,
                "INVALID_TARGET",
                &[subcommand, target],
                "Messages could not be retrieved",
            ),
        },
        Ok(Asked::Targets(from, to, limit)) => targets(context, from, to, limit),
        Err(wrong) => refuse(context, subcommand, &wrong),
    }
    Ok(())
}

/// Reads the parameters; a limit is at most `page`.
fn parse<'a>(params: &[&'a str], page: u32) -> Result<Asked<'a>, Wrong<'a>> {
    let Some((subcommand, rest)) = params.split_first() else {
        return Err(Wrong::TooFew);
    };
    let subcommand = subcommand.to_ascii_uppercase();
    let expected = match subcommand.as_str() {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "TARGETS" => 3,
        "BETWEEN" => 4,
        _ => return Err(Wrong::Unknown),
    };
    match rest.len().cmp(&expected) {
        std::cmp::Ordering::Less => return Err(Wrong::TooFew),
        std::cmp::Ordering::Greater => return Err(Wrong::TooMany),
        std::cmp::Ordering::Equal => {}
    }
    let limit = limit(rest[expected - 1], page)?;
    if subcommand == "TARGETS" {
        return Ok(Asked::Targets(time(rest[0])?, time(rest[1])?, limit));
    }
    let selection = match subcommand.as_str() {
        "LATEST" if rest[1] == "*" => Selection::Latest(None),
        "LATEST" => Selection::Latest(Some(mark(rest[1])?)),
        "BEFORE" => Selection::Before(mark(rest[1])?),
        "AFTER" => Selection::After(mark(rest[1])?),
        "AROUND" => Selection::Around(mark(rest[1])?),
        _ => Selection::Between(mark(rest[1])?, mark(rest[2])?),
    };
    Ok(Asked::Page(rest[0], selection, limit))
}

fn limit(text: &str, page: u32) -> Result<u32, Wrong<'_>> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that is too long for one is a large one.
    let number = text.parse().unwrap_or(u32::MAX);
    if digits && number > 0 {
        Ok(number.min(page))
    } else {
        Err(Wrong::Parameter(text))
    }
}

fn mark(text: &str) -> Result<Mark, Wrong<'_>> {
    selector::mark(text).ok_or_else(|| match text.split_once('=') {
        Some((kind, _)) if !known(kind) => Wrong::Reference(text),
        _ => Wrong::Parameter(text),
    })
}

fn known(kind: &str) -> bool {
    ["timestamp", "msgid"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

fn time(text: &str) -> Result<i64, Wrong<'_>> {
    match mark(text)? {
        Mark::Time(time) => Ok(time),
        Mark::Id(_) => Err(Wrong::Parameter(text)),
    }
}

fn targets(context: &mut Context<'_>, from: i64, to: i64, limit: u32) {
    let network = context.state.network.borrow();
    let Some(user) = network.user_of(context.session.id) else {
        return;
    };
    let channels = user.channels().iter().filter_map(|channel| {
        let channel = network.channel(*channel)?;
        let sight = view::of_channel(context, &network, channel, user)?;
        Some((channel.name().to_string(), view::messages_only(sight)))
    });
    let question = Question::Targets(TargetsOf {
        channels: channels.collect(),
        own: user.identity().to_string(),
        from,
        to,
        limit,
    });
    drop(network);
    context.steps.push(Step::Ask(Box::new(question)));
}

fn refuse(context: &mut Context<'_>, subcommand: &str, wrong: &Wrong<'_>) {
    match wrong {
        Wrong::Unknown => fail(context, "INVALID_PARAMS", &[subcommand], "Unknown command"),
        Wrong::TooFew => {
            fail(
                context,
                "INVALID_PARAMS",
                &[subcommand],
                "Insufficient parameters",
            );
        }
        Wrong::TooMany => fail(
            context,
            "INVALID_PARAMS",
            &[subcommand],
            "Too many parameters",
        ),
        Wrong::Parameter(given) => {
            fail(
                context,
                "INVALID_PARAMS",
                &[subcommand, given],
                "Invalid parameter",
            );
        }
        Wrong::Reference(given) => fail(
            context,
            "INVALID_MSGREFTYPE",
            &[subcommand, given],
            "Messages are referred to by msgid or timestamp",
        ),
    }
}

fn fail(context: &mut Context<'_>, code: &str, about: &[&str], text: &str) {
    let line = crate::render::fail_about(context.state, COMMAND, code, about, text);
    context.line(line);
}

/// The parameters of a CHATHISTORY, for the fuzz target.
///
/// # Panics
///
/// If they are read as what they are not.
#[cfg(fuzzing)]
pub fn fuzz(params: &[&str]) {
    const PAGE: u32 = 50;
    let given = |text| assert!(params.contains(&text), "{text} was given");
    match parse(params, PAGE) {
        Ok(Asked::Page(target, _, limit)) => {
            given(target);
            assert!((1..=PAGE).contains(&limit));
        }
        Ok(Asked::Targets(_, _, limit)) => assert!((1..=PAGE).contains(&limit)),
        Err(Wrong::Parameter(wrong) | Wrong::Reference(wrong)) => given(wrong),
        Err(Wrong::Unknown | Wrong::TooFew | Wrong::TooMany) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is asked is read without harm, and a page is never longer than it may be.
        #[test]
        fn any_parameters_are_read(
            subcommand in "(LATEST|before|AFTER|AROUND|BETWEEN|TARGETS|[a-zé]{0,9})",
            rest in proptest::collection::vec(
                "(\\*|#a|bob|[0-9]{0,25}|-?[0-9]|(timestamp|msgid|x)=[0-9a-zTZ:.-]{0,30}|.{0,20})",
                0..6,
            ),
        ) {
            let mut params = vec![subcommand.as_str()];
            params.extend(rest.iter().map(String::as_str));
            let limit = match parse(&params, 50) {
                Ok(Asked::Page(_, _, limit) | Asked::Targets(_, _, limit)) => limit,
                Err(_) => return Ok(()),
            };
            prop_assert!((1..=50).contains(&limit));
        }
    }
}

//! `SEARCH <attributes>`: what was said, by words, nick, place and time. Attributes are written as tags
//! are: `text=…;in=…;from=…;after=…;before=…;limit=…`.

use std::collections::HashMap;

use chat_network::{Network, User};
use chat_proto::name::is_channel_like;
use chat_proto::{Message, unescape_tag_value};
use chat_store::Search;
use smol_str::SmolStr;

use crate::command::{Context, Refusal, Step};
use crate::history::{Other, Question, SearchFor, Sight, selector, view};

/// What is asked for.
#[derive(Default, Debug, PartialEq, Eq)]
struct Attributes {
    text: Option<String>,
    place: Option<String>,
    from: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
    limit: Option<u32>,
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let given = message.param(0).unwrap_or_default();
    let attributes = parse(given).map_err(|wrong| {
        let wrong = SmolStr::new(if wrong.is_empty() { "*" } else { wrong });
        Refusal::Fail("SEARCH", "INVALID_PARAMS", wrong, "Invalid parameters")
    })?;
    let question = question(context, attributes);
    context.steps.push(Step::Ask(Box::new(question)));
    Ok(())
}

/// Reads the attributes; the name of one that is wrong. Those that are not known are left out, as the
/// specification's later attributes would be.
fn parse(given: &str) -> Result<Attributes, &str> {
    let mut attributes = Attributes::default();
    let mut any = false;
    for part in given.split(';').filter(|part| !part.is_empty()) {
        let (name, raw) = part.split_once('=').unwrap_or((part, ""));
        let value = unescape_tag_value(raw);
        let text = || Some(value.to_string()).filter(|value| !value.is_empty());
        let time = || selector::time(value.strip_prefix("timestamp=").unwrap_or(&value));
        let known = match name {
            "text" => set(&mut attributes.text, text()),
            "in" => set(&mut attributes.place, text()),
            "from" => set(&mut attributes.from, text()),
            "after" => set(&mut attributes.after, time()),
            "before" => set(&mut attributes.before, time()),
            "limit" => {
                let number = value.parse().ok().filter(|limit| *limit > 0);
                set(&mut attributes.limit, number).map(|_| false)
            }
            _ => Some(false),
        };
        any |= known.ok_or(super::super::cut(name, 32))?;
    }
    if any { Ok(attributes) } else { Err("") }
}

/// Sets an attribute; `None` where it has no value. `Some(true)`: something is searched for by it.
fn set<T>(attribute: &mut Option<T>, value: Option<T>) -> Option<bool> {
    *attribute = Some(value?);
    Some(true)
}

/// What the database is asked: only where the session's user may read. A place that is none finds
/// nothing, as one where nothing was said does.
fn question(context: &Context<'_>, attributes: Attributes) -> Question {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id);
    let page = context.state.settings().history_page();
    let mut search = Search {
        text: attributes.text,
        from: attributes.from,
        places: HashMap::new(),
        direct: attributes.place.is_none(),
        own: user
            .map(|user| user.identity().to_string())
            .unwrap_or_default(),
        after_ms: attributes.after,
        before_ms: attributes.before,
        last: context.state.position.get().0,
        limit: attributes.limit.unwrap_or(page).min(page),
    };
    let (mut named, mut names) = (None, HashMap::new());
    match (attributes.place, user) {
        (Some(place), _) => {
            if let Some((sight, other, name)) = view::of_target(context, &place) {
                match other {
                    Other::Known => {
                        let seen = (sight.first.0, sight.rank);
                        if is_channel_like(&name) {
                            names.insert(sight.place.clone(), name);
                        }
                        search.places.insert(sight.place, seen);
                    }
                    Other::Named(nick) => named = Some(nick),
                }
            }
        }
        (None, Some(user)) => {
            for (name, sight) in channels(context, &network, user) {
                let seen = (sight.first.0, sight.rank);
                search.places.insert(sight.place.clone(), seen);
                names.insert(sight.place, name);
            }
        }
        (None, None) => {}
    }
    Question::Search(Box::new(SearchFor {
        search,
        names,
        named,
    }))
}

/// The user's channels by name, and what is seen of each.
fn channels<'a>(
    context: &'a Context<'_>,
    network: &'a Network,
    user: &'a User,
) -> impl Iterator<Item = (String, Sight)> + 'a {
    user.channels().iter().filter_map(move |channel| {
        let channel = network.channel(*channel)?;
        let sight = view::of_channel(context, network, channel, user)?;
        Some((channel.name().to_string(), sight))
    })
}

/// The attributes of a SEARCH, for the fuzz target.
///
/// # Panics
///
/// If they are read as what they are not.
#[cfg(fuzzing)]
pub fn fuzz(given: &str) {
    match parse(given) {
        Ok(attributes) => {
            assert!(attributes != Attributes::default() && attributes.limit != Some(0));
            let texts = [attributes.text, attributes.place, attributes.from];
            assert!(texts.iter().flatten().all(|text| !text.is_empty()));
        }
        Err(wrong) => assert!(given.contains(wrong) && wrong.len() <= 32),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attributes_are_read_as_tags_are() {
        let attributes =
            parse("text=two\\swords;in=#a;from=bob;after=1970-01-01T00:00:01.000Z;limit=5");
        let expected = Attributes {
            text: Some("two words".to_owned()),
            place: Some("#a".to_owned()),
            from: Some("bob".to_owned()),
            after: Some(1000),
            before: None,
            limit: Some(5),
        };
        assert_eq!(attributes, Ok(expected));
        assert!(parse("text=x;later=attribute").is_ok());
        assert_eq!(parse("text=x;limit=0"), Err("limit"));
        assert_eq!(parse("after=yesterday"), Err("after"));
        assert_eq!(parse("text="), Err("text"));
        for nothing in ["", ";", "limit=5", "x=y", "words"] {
            assert_eq!(parse(nothing), Err(""), "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(given in "(text|in|after|limit|x)?(=|;|\\\\|[a-z0-9é])*") {
            let _ = parse(&given);
        }
    }
}

//! Searching: an expression for the index, and what of its finds the asker may see.
//!
//! Where something was said and by whom are words in the index too, so that a search looks only at
//! what was said where the asker may read, however common its words are.
//!
//! The index is kept up behind the writing. What is not in it yet, the last moments, is looked through
//! message by message; what of it the asker may see is then asked for the same words.

use std::collections::HashMap;
use std::fmt::Write as _;

use rusqlite::{Connection, Result, params};

use crate::Message;
use crate::history::first_id_of_time;
use crate::tables::{messages, search};

/// So many finds are looked at for one answer.
const LOOKED_AT: usize = 20_000;

/// So many messages that are not in the index yet are looked through. More there are only while it is
/// far behind.
const TAIL: u32 = 2_048;

/// Letters that a beginning of words must have: of fewer there are too many words.
const BEGINNING: usize = 4;

/// Words of one search; more are left out.
const WORDS: usize = 16;

/// What is searched for. What is not given is anything.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Search {
    /// Words that must all be in the text.
    pub text: Option<String>,
    /// The nick of who said it.
    pub from: Option<String>,
    /// The places to search, with the first id that is seen there and the asker's rank.
    pub places: HashMap<String, (u64, u8)>,
    /// The asker's own conversations too.
    pub direct: bool,
    /// Who asks.
    pub own: String,
    /// Not before this time, ms since 1970 UTC. The finds are counted from here, if given.
    pub after_ms: Option<i64>,
    /// Not after this time.
    pub before_ms: Option<i64>,
    /// Nothing after this id is seen.
    pub last: u64,
    /// At most so many.
    pub limit: u32,
}

/// The messages that fit, oldest first.
pub(crate) fn search(connection: &Connection, asked: &Search) -> Result<Vec<Message>> {
    let Some(expression) = expression(asked) else {
        return Ok(Vec::new());
    };
    let last = i64::try_from(asked.last)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let after = match asked.after_ms {
        Some(time) => first_id_of_time(time, |id| search::first_from(connection, id))? - 1,
        None => -1,
    };
    let before = match asked.before_ms {
        Some(time) => {
            let behind = time.saturating_add(1);
            last.min(first_id_of_time(behind, |id| {
                search::first_from(connection, id)
            })?)
        }
        None => last,
    };
    let newest_first = asked.after_ms.is_none();
    // First, so that what is taken into the index meanwhile is found in one of the two.
    let indexed = search::indexed(connection)?;
    let mut tail = tail(connection, asked, &expression, indexed.max(after))?;
    tail.retain(|message| i64::try_from(message.id).is_ok_and(|id| id < before));
    let mut found = Vec::new();
    if newest_first {
        found.extend(tail.drain(..).rev().take(asked.limit as usize));
    }
    let before = before.min(indexed.saturating_add(1));
    let mut statement = search::matches(connection, newest_first)?;
    let mut rows = statement.query(params![expression, after, before])?;
    let mut looked_at = 0;
    while found.len() < asked.limit as usize
        && looked_at < LOOKED_AT
        && let Some(row) = rows.next()?
    {
        looked_at += 1;
        let message = messages::by_id(connection, row.get(0)?)?;
        found.extend(message.filter(|message| asked.fits(message)));
    }
    if newest_first {
        found.reverse();
    }
    let room = (asked.limit as usize).saturating_sub(found.len());
    found.extend(tail.into_iter().take(room));
    Ok(found)
}

/// Those above an id that fit and are not in the index yet, oldest first.
fn tail(
    connection: &Connection,
    asked: &Search,
    expression: &str,
    after: i64,
) -> Result<Vec<Message>> {
    let mut tail = messages::following(connection, after, TAIL)?;
    tail.retain(|message| asked.fits(message));
    if !tail.is_empty() {
        let found = search::matches_among(connection, expression, &tail)?;
        tail.retain(|message| found.contains(&message.id));
    }
    Ok(tail)
}

impl Search {
    /// Whether the asker may see a find, and whether it is not found by mistake.
    fn fits(&self, message: &Message) -> bool {
        let own = message.sender_key == self.own;
        let among_the_two = own || message.recipient_key.as_ref() == Some(&self.own);
        let seen = match self.places.get(&message.target_key) {
            Some((first, rank)) => {
                message.id >= *first
                    && (message.rank <= *rank || own)
                    && (message.recipient_key.is_none() || among_the_two)
            }
            None => self.direct && message.recipient_key.is_some() && among_the_two,
        };
        let nick = message.sender.split('!').next().unwrap_or_default();
        let from = self.from.as_ref();
        seen && from.is_none_or(|from| from.to_lowercase() == nick.to_lowercase())
    }
}

/// What the index is asked; `None`: nothing can be found.
fn expression(asked: &Search) -> Option<String> {
    let mut places: Vec<String> = asked
        .places
        .keys()
        .map(|place| search::mark('k', place))
        .collect();
    if asked.direct {
        places.push(search::mark('o', &asked.own));
    }
    if places.is_empty() {
        return None;
    }
    // The same search is the same text, whatever the order of the map.
    places.sort_unstable();
    let mut expression = format!("place : ({})", places.join(" OR "));
    if let Some(from) = &asked.from {
        write!(expression, " AND place : {}", search::mark('f', from)).ok()?;
    }
    if let Some(text) = &asked.text {
        let words: Vec<String> = text
            .split_whitespace()
            .filter_map(word)
            .take(WORDS)
            .collect();
        if words.is_empty() {
            return None;
        }
        write!(expression, " AND text : ({})", words.join(" ")).ok()?;
    }
    Some(expression)
}

/// A word as a string of the index's language, and with `*` behind it the beginning of words; `None`
/// where it has nothing that the index has.
fn word(word: &str) -> Option<String> {
    let letters = word
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .count();
    let quoted = format!("\"{}\"", word.replace('"', "\"\""));
    let beginning = word.ends_with('*') && letters >= BEGINNING;
    (letters > 0).then(|| if beginning { quoted + "*" } else { quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text becomes in the index's language.
    fn words(text: &str) -> Option<String> {
        let asked = Search {
            text: Some(text.to_owned()),
            direct: true,
            own: "u1".to_owned(),
            ..Search::default()
        };
        let whole = expression(&asked)?;
        whole
            .split_once("text : ")
            .map(|(_, words)| words.to_owned())
    }

    /// A chat of few words, in two channels and between two people.
    fn said(id: u64) -> Message {
        let words = ["tower", "Köln", "köln's", "towering", "of", "a-b"];
        let word = |place: u64| words[usize::try_from(place).unwrap() % words.len()];
        let direct = id.is_multiple_of(7);
        let (target_key, recipient_key) = match (direct, id.is_multiple_of(2)) {
            (true, _) => ("u1 u2", Some("u2".to_owned())),
            (false, true) => ("#a", None),
            (false, false) => ("#b", None),
        };
        Message {
            id,
            time_ms: 1_000 + id.cast_signed(),
            sender: format!("Nick{}!a@b", id % 3),
            sender_key: "u1".to_owned(),
            account: None,
            server: 1,
            target: target_key.to_owned(),
            target_key: target_key.to_owned(),
            recipient_key,
            rank: u8::from(id.is_multiple_of(5)),
            kind: crate::MessageKind::Privmsg,
            text: match id % 11 {
                0 => "".into(),
                _ => format!("{} {}", word(id / 3), word(id / 5)).into(),
            },
            tags: Vec::new(),
        }
    }

    #[test]
    fn how_far_the_index_is_makes_no_difference() {
        let connection = crate::connection::memory().unwrap().connection;
        let mut insertion = messages::insertion(&connection).unwrap();
        for id in 1..=300 {
            messages::insert(&mut insertion, &said(id)).unwrap();
        }
        drop(insertion);
        let mut questions = Vec::new();
        for (text, own, from) in [
            (Some("tower"), "u2", None),
            (Some("tow* KOLN"), "u1", None),
            (Some("tower* koln"), "u9", None),
            (Some("a-b"), "u2", Some("NICK2")),
            (None, "u2", Some("nick1")),
            (Some("nowhere"), "u1", None),
        ] {
            for (after_ms, before_ms, limit) in [
                (None, None, 7),
                (None, None, 1000),
                (Some(1_140), None, 7),
                (Some(1_020), Some(1_190), 1000),
                (None, Some(1_160), 20),
            ] {
                questions.push(Search {
                    text: text.map(str::to_owned),
                    from: from.map(str::to_owned),
                    places: [("#a".to_owned(), (9, 0)), ("#b".to_owned(), (0, 1))].into(),
                    direct: own != "u9",
                    own: own.to_owned(),
                    after_ms,
                    before_ms,
                    last: 290,
                    limit,
                });
            }
        }
        let answers = || -> Vec<Vec<u64>> {
            let answer = |asked| search(&connection, asked).unwrap();
            let ids = |found: Vec<Message>| found.iter().map(|message| message.id).collect();
            questions.iter().map(answer).map(ids).collect()
        };
        let without = answers();
        assert!(without.iter().filter(|found| !found.is_empty()).count() > 15);
        for rows in [1, 18, 130, 140, 8, 3] {
            search::index(&connection, rows).unwrap();
            assert_eq!(answers(), without, "{:?}", search::indexed(&connection));
        }
        assert_eq!(search::indexed(&connection).unwrap(), 300);
        assert_eq!(messages::count(&connection).unwrap(), 300);
    }

    #[test]
    fn words_are_strings_of_the_index_whatever_is_in_them() {
        let expected = |words: &str| Some(words.to_owned());
        assert_eq!(words("hello wörl*"), expected(r#"("hello" "wörl*"*)"#));
        assert_eq!(
            words("a\"b OR x:y ab*"),
            expected(r#"("a""b" "OR" "x:y" "ab*")"#)
        );
        assert_eq!(words("!!! ***"), None);
        assert_eq!(words("  "), None);
        assert_eq!(expression(&Search::default()), None);
    }
}

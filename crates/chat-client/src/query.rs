//! What is asked of the server's memory: history, conversations, searches; and the small signs that
//! travel as tags.

use chat_proto::{WireLine, escape_tag_value, limit};
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::command::line;

/// No more of a text is searched for than this, so that the request fits one line.
const SEARCH_ROOM: usize = 200;

/// A place in history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// The message with this id.
    Id(SmolStr),
    /// A moment by the server's clock.
    At(Timestamp),
}

/// Which part of a history is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// The newest, as far back as the point if there is one.
    Latest(Option<Point>),
    /// What is older than the point.
    Before(Point),
    /// What is newer than the point.
    After(Point),
    /// What is around the point, with it.
    Around(Point),
}

/// What is searched for. What is not given is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchFor {
    /// Words that are in the message.
    pub text: String,
    /// The channel or person.
    pub place: Option<SmolStr>,
    /// Who said it.
    pub from: Option<SmolStr>,
    /// How many at most.
    pub limit: u16,
}

/// How it stands with what somebody is writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// They write.
    Active,
    /// They have begun and stopped.
    Paused,
    /// They have given it up, or sent it.
    Done,
}

// === impl Point ===

impl Point {
    fn word(&self) -> String {
        match self {
            Point::Id(id) => format!("msgid={id}"),
            Point::At(at) => moment(*at),
        }
    }
}

/// `timestamp=2026-11-24T10:00:00.000Z`
pub(crate) fn moment(at: Timestamp) -> String {
    format!("timestamp={at:.3}")
}

// === impl Span ===

impl Span {
    pub(crate) fn line(&self, target: &str, limit: u16) -> WireLine {
        let (verb, point) = match self {
            Span::Latest(None) => ("LATEST", "*".to_owned()),
            Span::Latest(Some(point)) => ("LATEST", point.word()),
            Span::Before(point) => ("BEFORE", point.word()),
            Span::After(point) => ("AFTER", point.word()),
            Span::Around(point) => ("AROUND", point.word()),
        };
        let limit = limit.to_string();
        line("CHATHISTORY", &[verb, target, &point, &limit], None)
    }
}

/// The request for those whom one has written with.
pub(crate) fn conversations(since: Timestamp, until: Timestamp, limit: u16) -> WireLine {
    let (since, until, limit) = (moment(since), moment(until), limit.to_string());
    line("CHATHISTORY", &["TARGETS", &since, &until, &limit], None)
}

// === impl SearchFor ===

impl SearchFor {
    pub(crate) fn line(&self) -> WireLine {
        let text = limit::truncate(self.text.trim(), SEARCH_ROOM);
        let mut words = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                words.push(format!("{name}={}", escape_tag_value(value)));
            }
        };
        add("text", text);
        add("in", self.place.as_deref().unwrap_or_default());
        add("from", self.from.as_deref().unwrap_or_default());
        add("limit", &self.limit.max(1).to_string());
        line("SEARCH", &[&words.join(";")], None)
    }
}

// === impl Typing ===

impl Typing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Typing::Active => "active",
            Typing::Paused => "paused",
            Typing::Done => "done",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Typing> {
        let all = [Typing::Active, Typing::Paused, Typing::Done];
        all.into_iter().find(|one| one.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &WireLine) -> String {
        let text = String::from_utf8(line.as_bytes().to_vec()).unwrap();
        text.trim_end().to_owned()
    }

    #[test]
    fn parts_of_history_are_named_by_points() {
        let at = Point::At(Timestamp::from_millisecond(1_800_000_000_050).unwrap());
        let id = || Point::Id("abc".into());
        for (span, asked) in [
            (Span::Latest(None), "CHATHISTORY LATEST #a * 50"),
            (
                Span::Latest(Some(at)),
                "CHATHISTORY LATEST #a timestamp=2027-01-15T08:00:00.050Z 50",
            ),
            (Span::Before(id()), "CHATHISTORY BEFORE #a msgid=abc 50"),
            (Span::After(id()), "CHATHISTORY AFTER #a msgid=abc 50"),
            (Span::Around(id()), "CHATHISTORY AROUND #a msgid=abc 50"),
        ] {
            assert_eq!(text(&span.line("#a", 50)), asked);
        }
    }

    #[test]
    fn searches_are_written_as_tags_are() {
        let mut search = SearchFor {
            text: " two; words ".to_owned(),
            limit: 30,
            ..SearchFor::default()
        };
        assert_eq!(text(&search.line()), "SEARCH text=two\\:\\swords;limit=30");
        search.place = Some("#a".into());
        search.from = Some("bob".into());
        search.text = "x".repeat(600);
        let line = text(&search.line());
        assert!(line.ends_with(";in=#a;from=bob;limit=30") && line.len() < 300);
    }
}

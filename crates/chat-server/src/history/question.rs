//! What is asked of the database, and what it answers.

use std::collections::HashMap;

use chat_network::{KnownMessage, MemberPrefix, MessageId, Position, Redaction, Timestamp, folded};
use chat_store::{Latest, Message, Page, Reader, Record, Search, Selection, View, conversation};

use crate::history::missed::Missed;
use crate::render::{self, Wire};
use crate::state::State;

/// A place and what its reader may see of it; see [`View`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sight {
    /// The folded name of a channel, or the conversation.
    pub(crate) place: String,
    /// Nothing before it is seen.
    pub(crate) first: Position,
    /// Nothing after it is seen.
    pub(crate) last: Position,
    /// The reader's rank.
    pub(crate) rank: u8,
    /// Who reads.
    pub(crate) own: String,
    /// What is no message too.
    pub(crate) events: bool,
}

/// With whom a conversation is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Other {
    /// A place that is known.
    Known,
    /// Whoever had this folded nick last, among those whom the reader has written with and who are
    /// not on.
    Named(String),
}

/// A part of one place's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PageOf {
    /// The place.
    pub(crate) sight: Sight,
    /// Whether the place is to be found first.
    pub(crate) other: Other,
    /// Which part.
    pub(crate) selection: Selection,
    /// At most so much.
    pub(crate) limit: u32,
    /// The name of the batch.
    pub(crate) name: String,
}

/// Where there is history, by the time of the latest message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TargetsOf {
    /// The channels, with their names.
    pub(crate) channels: Vec<(String, Sight)>,
    /// Whose conversations.
    pub(crate) own: String,
    /// From here on (ms since 1970), itself left out.
    pub(crate) from: i64,
    /// Up to here, itself left out; may be before `from`.
    pub(crate) to: i64,
    /// At most so many, counted from `from`.
    pub(crate) limit: u32,
}

/// What is searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SearchFor {
    /// Where one may read.
    pub(crate) search: Search,
    /// What the channels among the places are called.
    pub(crate) names: HashMap<String, String>,
    /// And in the conversation with who had this folded nick last.
    pub(crate) named: Option<String>,
}

/// A question to the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    /// A part of one place's history.
    Page(PageOf),
    /// Where there is history.
    Targets(TargetsOf),
    /// What is known of a message that is to be withdrawn.
    Redact(MessageId, Box<Redaction>),
    /// What fits.
    Search(Box<SearchFor>),
    /// What somebody has missed.
    Missed(Missed),
}

/// The answer to a [`Question`].
#[derive(Debug)]
pub(crate) enum Answer {
    /// To [`Question::Page`]: and the name of the batch.
    Page(Page, String),
    /// To [`Question::Targets`], oldest first; those of conversations still to be checked.
    Targets(Vec<Latest>, TargetsOf),
    /// To [`Question::Redact`]: what the network is to be asked.
    Redact(Box<Redaction>),
    /// To [`Question::Search`].
    Search(Vec<Message>),
    /// To [`Question::Missed`]: each with the name of its place.
    Missed(Vec<(Page, String)>),
}

impl Sight {
    /// As the database knows it.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            place: &self.place,
            first: self.first.0,
            last: self.last.0,
            rank: self.rank,
            own: &self.own,
            events: self.events,
        }
    }
}

impl Question {
    /// What is told where it cannot be asked.
    pub(crate) fn failure(&self) -> Failure {
        let about = match self {
            Self::Page(page) => vec![page.subcommand().to_owned(), page.name.clone()],
            Self::Targets(_) => vec!["TARGETS".to_owned()],
            Self::Missed(_) => vec!["LATEST".to_owned(), "*".to_owned()],
            Self::Search(_) => {
                return Failure {
                    command: "SEARCH",
                    code: "INTERNAL_ERROR",
                    about: Vec::new(),
                    text: "The search could not be run",
                };
            }
            Self::Redact(_, wanted) => {
                return Failure {
                    command: "REDACT",
                    code: "UNKNOWN_MSGID",
                    about: vec![wanted.target.to_string(), wanted.id.to_string()],
                    text: "This message does not exist or is too old",
                };
            }
        };
        Failure {
            command: "CHATHISTORY",
            code: "MESSAGE_ERROR",
            about,
            text: "Messages could not be retrieved",
        }
    }

    /// Asks; waits for the disk.
    pub(crate) fn ask(self, reader: &Reader) -> Result<Answer, chat_store::Error> {
        match self {
            Self::Page(page) => page.ask(reader),
            Self::Targets(targets) => targets.ask(reader),
            Self::Search(wanted) => wanted.ask(reader),
            Self::Missed(missed) => missed.ask(reader),
            Self::Redact(id, mut wanted) => {
                let message = reader.message(id.0.0)?;
                wanted.message = message.map(|message| known(id, &message));
                Ok(Answer::Redact(wanted))
            }
        }
    }
}

/// What is told where the database cannot be asked.
pub(crate) struct Failure {
    command: &'static str,
    code: &'static str,
    about: Vec<String>,
    text: &'static str,
}

impl Failure {
    /// The line that tells it.
    pub(crate) fn line(&self, state: &State) -> Wire {
        let about: Vec<&str> = self.about.iter().map(String::as_str).collect();
        render::fail_about(state, self.command, self.code, &about, self.text)
    }
}

/// What the network needs to know of a message.
fn known(id: MessageId, message: &Message) -> KnownMessage {
    let recipient = message
        .recipient_key
        .as_ref()
        .and_then(|key| key.parse().ok());
    let channel = if recipient.is_some() {
        ""
    } else {
        &message.target_key
    };
    let rank = MemberPrefix::ALL
        .into_iter()
        .find(|rank| rank.level() == message.rank);
    KnownMessage {
        id,
        sender: message.sender_key.parse().ok(),
        recipient,
        channel: channel.into(),
        rank,
        time: Timestamp(message.time_ms),
    }
}

impl PageOf {
    fn subcommand(&self) -> &'static str {
        match self.selection {
            Selection::Latest(_) => "LATEST",
            Selection::Before(_) => "BEFORE",
            Selection::After(_) => "AFTER",
            Selection::Around(_) => "AROUND",
            Selection::Between(..) => "BETWEEN",
        }
    }

    fn ask(mut self, reader: &Reader) -> Result<Answer, chat_store::Error> {
        if let Other::Named(nick) = &self.other {
            match conversation_with(reader, &self.sight.own, nick)? {
                Some(place) => self.sight.place = place,
                None => return Ok(Answer::Page(Page::default().at_end(), self.name)),
            }
        }
        let mut page = reader.page(&self.sight.view(), self.selection, self.limit)?;
        page.records
            .iter_mut()
            .for_each(|record| shown_in(record, &self.name));
        Ok(Answer::Page(page, self.name))
    }
}

/// A channel's message is shown in the channel as it is called now.
pub(crate) fn shown_in(record: &mut Record, name: &str) {
    if let Record::Message(message) = record
        && message.recipient_key.is_none()
    {
        rename(message, name);
    }
}

/// The marks of a rank before the name stay.
fn rename(message: &mut Message, name: &str) {
    let marks = message.target.find('#').unwrap_or_default();
    if message.target[marks..] != *name {
        message.target.replace_range(marks.., name);
    }
}

/// The conversation of somebody with who had a folded nick last.
fn conversation_with(
    reader: &Reader,
    own: &str,
    nick: &str,
) -> Result<Option<String>, chat_store::Error> {
    let conversations = reader.conversations(own)?;
    let known = conversations
        .into_iter()
        .filter(|latest| folded(&latest.name) == *nick);
    let peer = known
        .max_by_key(|latest| latest.id)
        .and_then(|latest| latest.peer);
    Ok(peer.map(|peer| conversation(own, &peer)))
}

impl SearchFor {
    fn ask(mut self, reader: &Reader) -> Result<Answer, chat_store::Error> {
        if let Some(nick) = &self.named {
            let place = conversation_with(reader, &self.search.own, nick)?;
            self.search
                .places
                .extend(place.map(|place| (place, (0, 0))));
        }
        let mut found = reader.search(&self.search)?;
        for message in &mut found {
            if let Some(name) = self.names.get(&message.target_key) {
                rename(message, name);
            }
        }
        Ok(Answer::Search(found))
    }
}

impl TargetsOf {
    fn ask(mut self, reader: &Reader) -> Result<Answer, chat_store::Error> {
        let mut found = reader.conversations(&self.own)?;
        for (name, sight) in std::mem::take(&mut self.channels) {
            found.extend(reader.latest(&sight.view())?.map(|latest| Latest {
                name,
                peer: None,
                ..latest
            }));
        }
        let (after, before) = (self.from.min(self.to), self.from.max(self.to));
        found.retain(|latest| latest.time_ms > after && latest.time_ms < before);
        found.sort_by_key(|latest| latest.id);
        Ok(Answer::Targets(found, self))
    }
}

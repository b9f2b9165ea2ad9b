//! Searching in what was said, and the list of channels: questions whose answers are shown apart.

use chat_proto::{Capability, name::is_channel_like};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::{Change, Incoming, Model};
use crate::Command;
use crate::query::SearchFor;
use crate::text::plain;

/// How many messages are asked for.
const LIMIT: u16 = 100;

/// How many channels are kept of a list.
const CHANNELS: usize = 2000;

/// A search, and what has come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What was asked.
    pub asked: SearchFor,
    /// How it stands.
    pub state: SearchState,
}

/// How it stands with a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchState {
    /// The server has yet to answer.
    Waiting,
    /// What it has found, the newest first.
    Done(Vec<Found>),
    /// Why there is no answer.
    Failed(String),
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The channel or person.
    pub place: SmolStr,
    /// When it was said.
    pub at: Timestamp,
    /// Its id, by which it can be jumped to.
    pub id: Option<SmolStr>,
    /// Who said it.
    pub sender: SmolStr,
    /// What was said.
    pub text: String,
}

/// A channel of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: SmolStr,
    /// How many are there.
    pub members: u32,
    /// Its topic.
    pub topic: String,
}

/// The channels that there are, as the server lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The channels, those with most members first once the list is complete.
    pub channels: Vec<Listed>,
    /// Whether the list is complete.
    pub complete: bool,
}

impl Model {
    /// Whether the server can search.
    #[must_use]
    pub fn can_search(&self) -> bool {
        let needed = [
            Capability::Search,
            Capability::Batch,
            Capability::MessageTags,
        ];
        self.state.is_online() && needed.iter().all(|one| self.can(*one))
    }

    /// The search that is shown.
    #[must_use]
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Searches for words, in one place or everywhere. Words of the form `from:nick` say by whom.
    pub fn search_for(&mut self, words: &str, place: Option<&str>) {
        let mut asked = SearchFor {
            place: place.map(SmolStr::from),
            limit: LIMIT,
            ..SearchFor::default()
        };
        let mut text = Vec::new();
        for word in words.split_whitespace() {
            match word.split_once(':') {
                Some(("from", nick)) if !nick.is_empty() => asked.from = Some(nick.into()),
                Some(("in", place)) if !place.is_empty() => asked.place = Some(place.into()),
                _ => text.push(word),
            }
        }
        asked.text = text.join(" ");
        let state = match (
            self.can_search(),
            asked.text.is_empty() && asked.from.is_none(),
        ) {
            (false, _) => SearchState::Failed("This server cannot search.".to_owned()),
            (_, true) => SearchState::Failed("Type a word to look for.".to_owned()),
            (true, false) if self.ask(Command::Search(asked.clone())) => SearchState::Waiting,
            (true, false) => SearchState::Failed("Too much is waiting to be sent.".to_owned()),
        };
        self.search = Some(Search { asked, state });
    }

    /// The search is no longer shown.
    pub fn end_search(&mut self) {
        self.search = None;
    }

    /// The list of channels that was asked for.
    #[must_use]
    pub fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// Asks for the list of channels.
    pub fn list_channels(&mut self, conditions: Option<String>) {
        self.ask(Command::List(conditions));
        self.listing = Some(Listing::default());
    }

    /// The list is no longer shown.
    pub fn end_listing(&mut self) {
        self.listing = None;
    }

    /// A line of what a search has found.
    pub(super) fn found(&self, incoming: &Incoming<'_>, command: &str) -> Option<Found> {
        let (target, text) = (incoming.target()?, incoming.words()?);
        if !matches!(command, "PRIVMSG" | "NOTICE") {
            return None;
        }
        let (_signs, bare) = self.prefixes.split(target);
        let place = match is_channel_like(bare) {
            true => bare,
            false if incoming.own => target,
            false => incoming.sender,
        };
        let text = text.trim_matches('\u{1}');
        Some(Found {
            place: place.into(),
            at: incoming.at,
            id: incoming.tag("msgid").map(SmolStr::from),
            sender: incoming.sender.into(),
            text: plain(text.strip_prefix("ACTION ").unwrap_or(text)),
        })
    }

    pub(super) fn search_done(&mut self, mut found: Vec<Found>) {
        found.reverse();
        self.search_is(SearchState::Done(found));
    }

    /// The answer to the search that waits.
    pub(super) fn search_is(&mut self, state: SearchState) {
        if let Some(search) = &mut self.search
            && search.state == SearchState::Waiting
        {
            search.state = state;
            self.changes.push(Change::State);
        }
    }

    /// `322`, a channel of the list. Says whether the list is shown apart.
    pub(super) fn listed(&mut self, incoming: &Incoming<'_>) -> bool {
        let Some(listing) = &mut self.listing else {
            return false;
        };
        if let (Some(name), true) = (incoming.param(1), listing.channels.len() < CHANNELS) {
            listing.channels.push(Listed {
                name: name.into(),
                members: incoming.param(2).and_then(|n| n.parse().ok()).unwrap_or(0),
                topic: plain(incoming.param(3).unwrap_or_default()),
            });
        }
        true
    }

    /// `323`: the list is complete.
    pub(super) fn all_listed(&mut self) {
        if let Some(listing) = &mut self.listing {
            listing.complete = true;
            listing
                .channels
                .sort_by(|one, other| (other.members, &one.name).cmp(&(one.members, &other.name)));
            self.changes.push(Change::State);
        }
    }
}

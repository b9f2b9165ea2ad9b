//! `[history]`: what of the chat is kept, for how long, and how much of it is told at once.

use chat_journal::Keep;
use chat_server::config::Cutoff;
use serde::{Deserialize, Serialize};

use super::File;
use super::check::Wrong;

/// `[history]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// Whether what is said in channels is kept.
    pub channels: bool,
    /// Whether what one person writes to another is kept.
    pub direct: bool,
    /// Whether it is kept who comes and goes, and what changes in channels.
    pub events: bool,
    /// A TAGMSG with one of these tags is kept.
    pub tags: Vec<String>,
    /// Days that all of it is kept; 0: for ever.
    pub days: u32,
    /// The newest so many messages of each channel and conversation are kept, and as many events; 0:
    /// all.
    pub per_target: u32,
    /// How much one request gets at most.
    pub page: u32,
    /// Whether messages can be searched.
    pub search: bool,
    /// From when on somebody may read what was said in a channel.
    pub cutoff: Cutoff,
    /// Seconds for which one may withdraw what one has sent; 0: for ever.
    pub redact_seconds: u32,
}

impl Default for History {
    fn default() -> Self {
        Self {
            channels: true,
            direct: true,
            events: true,
            tags: Keep::TAGS.map(str::to_owned).into(),
            days: 0,
            per_target: 0,
            page: 100,
            search: true,
            cutoff: Cutoff::None,
            redact_seconds: 86_400,
        }
    }
}

impl History {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem| Err(("history", key, problem));
        if !(1..=1000).contains(&self.page) {
            return wrong("page", "expected a number from 1 to 1000");
        }
        let is_tag = |tag: &String| tag.starts_with('+') && tag.len() <= 64;
        if self.tags.len() > 32 || !self.tags.iter().all(is_tag) {
            return wrong("tags", "expected at most 32 names such as \"+draft/react\"");
        }
        Ok(())
    }
}

impl File {
    /// What of the chat is kept.
    #[must_use]
    pub fn keep(&self) -> Keep {
        let History {
            channels,
            direct,
            events,
            ..
        } = self.history;
        Keep {
            channels,
            direct,
            events,
            tags: self.history.tags.iter().map(Into::into).collect(),
        }
    }
}

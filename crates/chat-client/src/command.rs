//! What a user of this crate asks for, and the lines it becomes.

use chat_proto::WireLine;
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::query::{self, SearchFor, Span, Typing};
use crate::text::pieces;

pub(crate) mod block;

/// How many lines one [`Command`] may become: longer pastes are refused, not cut silently.
pub const MAX_LINES: usize = 40;

/// What of a relayed line belongs to the sender's mask and is not known beforehand:
/// `:nick!user@host ` at its longest.
const MASK_ROOM: usize = 112;

/// Something to send. Nothing in it needs escaping; what cannot be sent is refused by
/// [`Command::lines`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Says something to a channel or a person. Longer text becomes several messages.
    Say {
        /// A channel or a nickname.
        target: SmolStr,
        /// What to say.
        text: String,
    },
    /// Does something ("* Ana waves"): a CTCP ACTION.
    Act {
        /// A channel or a nickname.
        target: SmolStr,
        /// What is done.
        text: String,
    },
    /// Sends a NOTICE, which programs never answer.
    Notice {
        /// A channel or a nickname.
        target: SmolStr,
        /// What to say.
        text: String,
    },
    /// Joins a channel.
    Join {
        /// The channel.
        channel: SmolStr,
        /// Its key, if it has one.
        key: Option<SmolStr>,
    },
    /// Leaves a channel.
    Part {
        /// The channel.
        channel: SmolStr,
        /// The reason shown to the others.
        reason: Option<String>,
    },
    /// Takes another nickname.
    Nick(SmolStr),
    /// Sets a channel's topic (empty text removes it), or asks for it (`None`).
    Topic {
        /// The channel.
        channel: SmolStr,
        /// The new topic.
        text: Option<String>,
    },
    /// Rates the service with one to five stars.
    Rate(u8),
    /// Marks the user as away with a reason, or as back (`None`).
    Away(Option<String>),
    /// Removes a person from a channel.
    Kick {
        /// The channel.
        channel: SmolStr,
        /// The person.
        nick: SmolStr,
        /// Why.
        reason: Option<String>,
    },
    /// Invites a person to a channel.
    Invite {
        /// The channel.
        channel: SmolStr,
        /// The person.
        nick: SmolStr,
    },
    /// Asks who a person is.
    Whois(SmolStr),
    /// Asks which channels there are.
    List(Option<String>),
    /// Says something in reply to a message.
    Reply {
        /// A channel or a nickname.
        target: SmolStr,
        /// The message's id.
        id: SmolStr,
        /// What to say.
        text: String,
    },
    /// Puts a sign to a message, or takes it away.
    React {
        /// A channel or a nickname.
        target: SmolStr,
        /// The message's id.
        id: SmolStr,
        /// The sign, such as a heart.
        sign: SmolStr,
        /// Whether it is put there.
        on: bool,
    },
    /// Withdraws a message.
    Redact {
        /// A channel or a nickname.
        target: SmolStr,
        /// The message's id.
        id: SmolStr,
    },
    /// Tells that one is writing, or no longer.
    Typing {
        /// A channel or a nickname.
        target: SmolStr,
        /// How it stands.
        state: Typing,
    },
    /// Asks for what was said before.
    History {
        /// A channel or a nickname.
        target: SmolStr,
        /// Which part.
        span: Span,
        /// How many lines at most.
        limit: u16,
    },
    /// Asks whom one has written with.
    Conversations {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
        /// How many at most.
        limit: u16,
    },
    /// Tells how far one has read, or asks.
    MarkRead {
        /// A channel or a nickname.
        target: SmolStr,
        /// How far; `None` asks.
        until: Option<Timestamp>,
    },
    /// Searches in what was said.
    Search(SearchFor),
    /// Sends a line as it is, after a check that it is one.
    Raw(String),
    /// Connects again at once: cuts a waiting time short, or replaces a connection.
    Reconnect,
    /// Says good-bye and ends the client.
    Quit(Option<String>),
}

/// Why a [`Command`] cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is nothing in it.
    #[error("there is nothing to send")]
    Empty,
    /// It would become more than [`MAX_LINES`] lines.
    #[error("that is too long: at most {MAX_LINES} lines at once")]
    TooLong,
    /// Stars are one to five.
    #[error("a rating is 1 to 5 stars, not {0}")]
    Stars(u8),
    /// A raw line that is none.
    #[error("not a line of the protocol: {0}")]
    Raw(String),
    /// A nickname or channel name that is empty or has a space in it.
    #[error("`{0}` is not a name")]
    Name(String),
}

// === impl Command ===

impl Command {
    /// The lines to send, in order. [`Command::Reconnect`] has none.
    ///
    /// # Errors
    /// [`CommandError`], and then nothing is to be sent at all.
    pub fn lines(&self) -> Result<Vec<WireLine>, CommandError> {
        Ok(match self {
            Command::Say { target, text } => message("PRIVMSG", target, text)?,
            Command::Act { target, text } => action(target, text)?,
            Command::Notice { target, text } => message("NOTICE", target, text)?,
            Command::Join { channel, key } => {
                let mut params = vec![name(channel)?];
                params.extend(key.as_deref());
                vec![line("JOIN", &params, None)]
            }
            Command::Part { channel, reason } => {
                vec![line("PART", &[name(channel)?], reason.as_deref())]
            }
            Command::Nick(nick) => vec![line("NICK", &[name(nick)?], None)],
            Command::Topic { channel, text } => {
                vec![line("TOPIC", &[name(channel)?], text.as_deref())]
            }
            Command::Rate(stars @ 1..=5) => vec![line("RATE", &[&stars.to_string()], None)],
            Command::Rate(other) => return Err(CommandError::Stars(*other)),
            Command::Away(reason) => vec![line("AWAY", &[], reason.as_deref())],
            Command::Kick {
                channel,
                nick,
                reason,
            } => vec![line(
                "KICK",
                &[name(channel)?, name(nick)?],
                reason.as_deref(),
            )],
            Command::Invite { channel, nick } => {
                vec![line("INVITE", &[name(nick)?, name(channel)?], None)]
            }
            Command::Whois(nick) => vec![line("WHOIS", &[name(nick)?], None)],
            Command::Raw(text) => vec![raw(text)?],
            Command::Reconnect => Vec::new(),
            Command::Quit(reason) => vec![line("QUIT", &[], reason.as_deref())],
            other => other.about_messages()?,
        })
    }

    /// The lines to send to a server that takes messages of several lines; `number` names the batches,
    /// and goes on.
    ///
    /// # Errors
    /// As [`Command::lines`].
    pub(crate) fn lines_in_blocks(
        &self,
        bounds: block::Bounds,
        number: &mut u64,
    ) -> Result<Vec<WireLine>, CommandError> {
        let (command, target, text, reply) = match self {
            Command::Say { target, text } => ("PRIVMSG", target, text, None),
            Command::Notice { target, text } => ("NOTICE", target, text, None),
            Command::Reply { target, id, text } => ("PRIVMSG", target, text, Some(id.as_str())),
            _ => return self.lines(),
        };
        let pieces = crate::text::block(text, room(command, target));
        let pieces = checked(pieces)?;
        if let [_one] = pieces[..] {
            return self.lines();
        }
        let said = block::Said {
            command,
            target: name(target)?,
            reply,
        };
        Ok(said.lines(&pieces, bounds, number))
    }

    /// The lines of what refers to messages that were said, or asks for them.
    fn about_messages(&self) -> Result<Vec<WireLine>, CommandError> {
        Ok(match self {
            Command::List(conditions) => {
                let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
                vec![line("LIST", &conditions, None)]
            }
            Command::Reply { target, id, text } => reply(target, id, text)?,
            Command::React {
                target,
                id,
                sign,
                on,
            } => {
                let tag = if *on {
                    "+draft/react"
                } else {
                    "+draft/unreact"
                };
                vec![tagged(&[("+draft/reply", id), (tag, sign)], name(target)?)]
            }
            Command::Redact { target, id } => {
                vec![line("REDACT", &[name(target)?, name(id)?], None)]
            }
            Command::Typing { target, state } => {
                vec![tagged(&[("+typing", state.word())], name(target)?)]
            }
            Command::History {
                target,
                span,
                limit,
            } => vec![span.line(name(target)?, *limit)],
            Command::Conversations {
                since,
                until,
                limit,
            } => vec![query::conversations(*since, *until, *limit)],
            Command::MarkRead { target, until } => {
                let until = until.map(query::moment);
                let mut params = vec![name(target)?];
                params.extend(until.as_deref());
                vec![line("MARKREAD", &params, None)]
            }
            Command::Search(search) => vec![search.line()],
            _ => Vec::new(),
        })
    }
}

/// One line of a command, its middle parameters and perhaps a last one that may hold spaces.
pub(crate) fn line(command: &str, params: &[&str], trailing: Option<&str>) -> WireLine {
    let mut builder = WireLine::builder().command(command);
    for param in params {
        builder = builder.param(param);
    }
    if let Some(text) = trailing {
        builder = builder.trailing(text);
    }
    builder.finish()
}

fn name(text: &str) -> Result<&str, CommandError> {
    let wrong = text.is_empty()
        || text.starts_with(':')
        || text.contains(|c: char| c.is_whitespace() || c.is_control());
    match wrong {
        true => Err(CommandError::Name(text.to_owned())),
        false => Ok(text),
    }
}

/// How much text fits into a message to `target` when the server passes it on.
fn room(command: &str, target: &str) -> usize {
    let taken = MASK_ROOM + command.len() + target.len() + "  :\r\n".len();
    512_usize.saturating_sub(taken).max(64)
}

fn message(command: &str, target: &str, text: &str) -> Result<Vec<WireLine>, CommandError> {
    name(target)?;
    let parts = checked(pieces(text, room(command, target)))?;
    let lines = parts
        .iter()
        .map(|part| line(command, &[target], Some(part)));
    Ok(lines.collect())
}

/// The first of the messages is the reply.
fn reply(target: &str, id: &str, text: &str) -> Result<Vec<WireLine>, CommandError> {
    name(target)?;
    let parts = checked(pieces(text, room("PRIVMSG", target)))?;
    let lines = parts.iter().enumerate().map(|(index, part)| {
        let mut builder = WireLine::builder();
        if index == 0 {
            builder = builder.tag("+draft/reply", id);
        }
        builder
            .command("PRIVMSG")
            .param(target)
            .trailing(part)
            .finish()
    });
    Ok(lines.collect())
}

/// A message that is nothing but tags.
fn tagged(tags: &[(&str, &str)], target: &str) -> WireLine {
    let mut builder = WireLine::builder();
    for (name, value) in tags {
        builder = builder.tag(name, value);
    }
    builder.command("TAGMSG").param(target).finish()
}

fn action(target: &str, text: &str) -> Result<Vec<WireLine>, CommandError> {
    name(target)?;
    let frame = "\u{1}ACTION \u{1}";
    let parts = checked(pieces(text, room("PRIVMSG", target) - frame.len()))?;
    let wrapped = parts.iter().map(|part| {
        let text = format!("\u{1}ACTION {part}\u{1}");
        line("PRIVMSG", &[target], Some(&text))
    });
    Ok(wrapped.collect())
}

fn checked<T>(parts: Vec<T>) -> Result<Vec<T>, CommandError> {
    match parts.len() {
        0 => Err(CommandError::Empty),
        1..=MAX_LINES => Ok(parts),
        _ => Err(CommandError::TooLong),
    }
}

/// Checked, so that nothing but one well-formed line leaves.
fn raw(text: &str) -> Result<WireLine, CommandError> {
    let wrong = |why: String| CommandError::Raw(why);
    let text = text.trim();
    if text.is_empty() {
        return Err(CommandError::Empty);
    }
    if text.contains(['\r', '\n', '\0']) {
        return Err(wrong("it has a line end inside".to_owned()));
    }
    WireLine::from_raw(text).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests;

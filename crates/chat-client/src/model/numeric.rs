//! What the server answers: numerics and standard replies.

use chat_proto::{CaseMapping, isupport, name::is_channel_like};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::line::LineKind;
use super::member::{Member, Prefixes};
use super::search::SearchState;
use super::{BufferId, Change, Incoming, Model};
use crate::text::plain;

/// A server's name that is longer is no name.
const SERVER_NAME_LENGTH: usize = 64;

/// Of channels with more members than this it is not asked who is away.
const WHO_MEMBERS: usize = 200;

impl Model {
    pub(super) fn numeric(&mut self, incoming: &Incoming<'_>, numeric: u16) {
        match numeric {
            2 => {
                self.your_host(incoming);
                self.tell(incoming, LineKind::Info, 1);
            }
            5 => self.isupport(incoming),
            305 | 306 => {
                self.away = numeric == 306;
                self.changes.push(Change::State);
                self.answer(incoming, LineKind::Info);
            }
            331 | 332 => {
                if let Some(id) = incoming.param(1).and_then(|c| self.channel_id(c)) {
                    let text = if numeric == 332 { incoming.last() } else { "" };
                    self.set_topic(&id, plain(text));
                }
            }
            333 => self.topic_who(incoming),
            353 => self.names(incoming),
            366 => {
                if let Some(id) = incoming.param(1).and_then(|c| self.channel_id(c)) {
                    self.members(&id, |members, ranks| {
                        members.listed(ranks);
                        true
                    });
                    self.want_away(&id);
                }
            }
            352 => self.who(incoming),
            322 if self.listed(incoming) => {}
            323 => self.all_listed(),
            376 | 422 => self.want_conversations(self.heard),
            // Ends of lists, replies to WHO, the age of a channel, and that there is no message of the
            // day: nothing to read.
            315 | 318 | 321 | 329 | 354 | 368 => {}
            276 | 311..=314 | 316 | 317 | 319 | 320 | 330 | 335 | 338 | 378 | 379 | 671 => {
                self.whois(incoming, numeric);
            }
            301 | 324 | 341 | 367 => self.answer(incoming, LineKind::Info),
            // What is in their other parameters is in the words too.
            265 | 266 | 900 => self.tell(
                incoming,
                LineKind::Info,
                incoming.message.param_count().saturating_sub(1),
            ),
            400..=599 => self.answer(incoming, LineKind::Error),
            _ => self.tell(incoming, LineKind::Info, 1),
        }
    }

    /// Of a channel that is not too large it is asked who is away; after that the server tells.
    fn want_away(&mut self, id: &BufferId) {
        let small = |buffer: &&super::Buffer| (1..=WHO_MEMBERS).contains(&buffer.members().len());
        if let Some(buffer) = self.buffers.get(&id.0).filter(small)
            && self.can(chat_proto::Capability::AwayNotify)
        {
            let line = format!("WHO {}", buffer.name());
            self.ask(crate::Command::Raw(line));
        }
    }

    /// `352 me channel user host server nick flags :hops realname`
    fn who(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = incoming.param(1).and_then(|c| self.channel_id(c)) else {
            return;
        };
        if let (Some(nick), Some(flags)) = (incoming.param(5), incoming.param(6)) {
            let (folded, away) = (self.fold(nick), flags.starts_with('G'));
            self.members(&id, |members, ranks| members.set_away(&folded, away, ranks));
        }
    }

    /// What the server knows of somebody, in words, where it was asked.
    fn whois(&mut self, incoming: &Incoming<'_>, numeric: u16) {
        let p = |index| incoming.param(index).unwrap_or_default();
        let (nick, last) = (p(1), incoming.last());
        let text = match numeric {
            311 => format!("{nick} is {}@{} ({last})", p(2), p(3)),
            314 => format!("{nick} was {}@{} ({last})", p(2), p(3)),
            312 => format!("{nick} is on {} ({last})", p(2)),
            317 => idle(nick, p(2), p(3)),
            319 => format!("{nick} is in {last}"),
            330 => format!("{nick} is logged in as {}", p(2)),
            338 | 378 | 379 => format!("{nick} {} {last}", p(2)).replace("  ", " "),
            _ => format!("{nick} {last}"),
        };
        let id = self.active.clone();
        let mut draft = incoming.draft(LineKind::Info, plain(&text));
        draft.sender = SmolStr::default();
        self.put(&id, draft);
    }

    /// A line in the server's buffer, from the parameter `first` on.
    pub(super) fn tell(&mut self, incoming: &Incoming<'_>, kind: LineKind, first: usize) {
        let text = joined(incoming, first);
        let id = BufferId::server();
        let mut draft = incoming.draft(kind, text);
        // It is the server's buffer: who speaks there is known.
        draft.sender = SmolStr::default();
        self.put(&id, draft);
    }

    /// A line where the user is looking, or in the buffer of what it is about.
    fn answer(&mut self, incoming: &Incoming<'_>, kind: LineKind) {
        let about = incoming.param(1).and_then(|name| self.find(name));
        let about = about.map(|buffer| buffer.id().clone());
        let id = about.unwrap_or_else(|| self.active.clone());
        let mut draft = incoming.draft(kind, answer_text(incoming));
        draft.sender = SmolStr::default();
        self.put(&id, draft);
    }

    /// FAIL, WARN and NOTE: command, code, context, and a text for people.
    pub(super) fn standard_reply(&mut self, incoming: &Incoming<'_>, severity: &str) {
        let kind = match severity {
            "FAIL" => LineKind::Error,
            _ => LineKind::Info,
        };
        let mut context = incoming.message.params().skip(2);
        match incoming.param(0) {
            // Who has no account has no markers, and need not hear of it.
            Some("MARKREAD") => {
                self.marks = false;
                return;
            }
            Some("CHATHISTORY") => {
                let target = context
                    .nth(1)
                    .filter(|_| incoming.message.param_count() > 4);
                let asked = self.refused(target);
                if !asked.is_some_and(|asked| asked.was_chosen()) {
                    return;
                }
            }
            Some("SEARCH") => {
                return self.search_is(SearchState::Failed(plain(incoming.last())));
            }
            _ => {}
        }
        let id = self.active.clone();
        let mut draft = incoming.draft(kind, plain(incoming.last()));
        draft.sender = SmolStr::default();
        self.put(&id, draft);
    }

    /// `Your host is irc.example.org (Server-2), running version …`.
    fn your_host(&mut self, incoming: &Incoming<'_>) {
        let text = incoming.last();
        let inside = text
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'));
        if let Some((name, _)) = inside {
            self.set_server(name);
        }
    }

    pub(super) fn set_server(&mut self, name: &str) {
        let fits = !name.is_empty() && name.len() <= SERVER_NAME_LENGTH;
        if fits && !name.contains(' ') {
            self.server = Some(name.into());
            self.changes.push(Change::State);
        }
    }

    fn isupport(&mut self, incoming: &Incoming<'_>) {
        for param in incoming.message.params().skip(1) {
            let token = isupport::Token::parse(param);
            match token.name {
                "CASEMAPPING" => {
                    if let Some(casemapping) = CaseMapping::parse(&token.value) {
                        self.set_casemapping(casemapping);
                    }
                }
                "PREFIX" => {
                    if let Some(prefixes) = Prefixes::parse(&token.value) {
                        self.prefixes = prefixes;
                    }
                }
                "CHANMODES" => {
                    let mut kinds = token.value.splitn(4, ',').map(str::to_owned);
                    self.chanmodes = std::array::from_fn(|_| kinds.next().unwrap_or_default());
                }
                "CHATHISTORY" => {
                    self.history_limit = match token.value.parse() {
                        Ok(0) | Err(_) => 100,
                        Ok(limit) => limit,
                    };
                }
                "NETWORK" if !token.value.is_empty() => {
                    if let Some(buffer) = self.buffers.get_mut(&BufferId::server().0) {
                        buffer.name = token.value.into();
                        self.changes.push(Change::State);
                    }
                }
                _ => {}
            }
        }
    }

    fn topic_who(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = incoming.param(1).and_then(|c| self.channel_id(c)) else {
            return;
        };
        let Some(topic) = self.buffers.get_mut(&id.0).and_then(|b| b.topic.as_mut()) else {
            return;
        };
        let nick = |mask: &str| mask.split('!').next().unwrap_or_default().into();
        topic.by = incoming.param(2).map(nick);
        let seconds = incoming.param(3).and_then(|s| s.parse().ok());
        topic.at = seconds.and_then(|s: i64| Timestamp::from_second(s).ok());
        self.changes.push(Change::Topic(id));
    }

    fn names(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = incoming.param(2).and_then(|c| self.channel_id(c)) else {
            return;
        };
        let mut found = Vec::new();
        for word in incoming.last().split(' ').filter(|word| !word.is_empty()) {
            let (signs, rest) = self.prefixes.split(word);
            // With userhost-in-names the whole mask is told.
            let nick = rest.split('!').next().unwrap_or_default();
            if !nick.is_empty() {
                let member = Member {
                    nick: nick.into(),
                    prefixes: signs.into(),
                    away: false,
                };
                found.push((self.fold(nick), member));
            }
        }
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            for (folded, member) in found {
                buffer.members.list(folded, member);
            }
        }
    }
}

/// How long somebody has said nothing, and since when they are there.
fn idle(nick: &str, seconds: &str, since: &str) -> String {
    let seconds: u64 = seconds.parse().unwrap_or(0);
    let idle = match (seconds / 3600, seconds / 60, seconds) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours, minutes, _) => format!("{hours} h {} min", minutes % 60),
    };
    let since = since.parse().ok();
    let since = since.and_then(|s: i64| Timestamp::from_second(s).ok());
    match since {
        Some(since) => {
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            format!("{nick} has said nothing for {idle}, and is here since {since}")
        }
        None => format!("{nick} has said nothing for {idle}"),
    }
}

fn joined(incoming: &Incoming<'_>, first: usize) -> String {
    let words: Vec<&str> = incoming.message.params().skip(first).collect();
    plain(&words.join(" "))
}

/// `#channel: Cannot join (+k)`: what it is about, then the text.
fn answer_text(incoming: &Incoming<'_>) -> String {
    let count = incoming.message.param_count();
    if count < 3 {
        return plain(incoming.last());
    }
    let about: Vec<&str> = incoming.message.params().skip(1).take(count - 2).collect();
    let sign = if is_channel_like(about[0]) || about.len() == 1 {
        ":"
    } else {
        ","
    };
    plain(&format!("{}{sign} {}", about.join(" "), incoming.last()))
}

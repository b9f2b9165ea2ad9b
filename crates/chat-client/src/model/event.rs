//! What people do: come, go, rename themselves, set topics and modes.

use chat_proto::name::is_channel_like;
use smol_str::SmolStr;

use super::buffer::Topic;
use super::line::{Draft, LineKind};
use super::member::Member;
use super::{Buffer, BufferId, BufferKind, Change, Incoming, Model};
use crate::text::plain;

impl Model {
    pub(super) fn join(&mut self, incoming: &Incoming<'_>) {
        let Some(channel) = incoming.param(0).filter(|c| is_channel_like(c)) else {
            return;
        };
        if incoming.own {
            self.joined(channel);
        }
        let folded = self.fold(incoming.sender);
        let Some(id) = self.channel_id(channel) else {
            return;
        };
        let member = Member {
            nick: incoming.sender.into(),
            prefixes: SmolStr::default(),
            away: false,
        };
        self.members(&id, |members, ranks| {
            members.add(folded, member, ranks);
            true
        });
        self.put(&id, incoming.draft(LineKind::Join, "joined"));
    }

    /// The user is on the channel: it is opened, or taken up again after a reconnection.
    fn joined(&mut self, channel: &str) {
        let id = self.open(channel, BufferKind::Channel);
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        if buffer.kind() == BufferKind::Channel {
            buffer.joined = true;
            buffer.topic = None;
            buffer.members.clear();
            self.changes.push(Change::Topic(id.clone()));
        }
        self.want_latest(&id);
    }

    pub(super) fn part(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = incoming.param(0).and_then(|c| self.channel_id(c)) else {
            return;
        };
        if incoming.own {
            self.buffers.shift_remove(&id.0);
            self.changes.push(Change::Closed(id));
            self.settle_active();
            return;
        }
        let folded = self.fold(incoming.sender);
        self.members(&id, |members, _| members.remove(&folded));
        let text = with_reason("left", incoming.param(1));
        self.put(&id, incoming.draft(LineKind::Part, text));
    }

    pub(super) fn kick(&mut self, incoming: &Incoming<'_>) {
        let channel = incoming.param(0).and_then(|c| self.channel_id(c));
        let (Some(id), Some(nick)) = (channel, incoming.param(1)) else {
            return;
        };
        let me = self.same(nick, &self.nick);
        let folded = self.fold(nick);
        self.members(&id, |members, _| {
            let known = members.remove(&folded);
            if me {
                members.clear();
            }
            known || me
        });
        if let (true, Some(buffer)) = (me, self.buffers.get_mut(&id.0)) {
            buffer.joined = false;
        }
        let who = if me { "you" } else { nick };
        let text = with_reason(&format!("removed {who}"), incoming.param(2));
        let draft = incoming.draft(LineKind::Kick, text);
        let highlight = me;
        self.put(&id, Draft { highlight, ..draft });
    }

    pub(super) fn quit(&mut self, incoming: &Incoming<'_>) {
        let folded = self.fold(incoming.sender);
        let text = with_reason("quit", incoming.param(0));
        for id in self.where_is(&folded) {
            self.members(&id, |members, _| members.remove(&folded));
            self.put(&id, incoming.draft(LineKind::Quit, text.as_str()));
        }
    }

    pub(super) fn nick_change(&mut self, incoming: &Incoming<'_>) {
        let Some(new) = incoming.param(0).filter(|new| !new.is_empty()) else {
            return;
        };
        let (old_folded, folded) = (self.fold(incoming.sender), self.fold(new));
        if incoming.own {
            self.nick = new.into();
            self.changes.push(Change::State);
        }
        let text = format!("is now known as {new}");
        for id in self.where_is(&old_folded) {
            self.members(&id, |members, ranks| {
                members.change(&old_folded, ranks, |member| {
                    member.nick = new.into();
                    Some(folded.clone())
                })
            });
            self.put(&id, incoming.draft(LineKind::Nick, text.as_str()));
        }
        if incoming.own {
            let id = BufferId::server();
            self.put(&id, incoming.draft(LineKind::Nick, text));
        } else {
            self.rename_query(&old_folded, &folded, new);
        }
    }

    /// A conversation follows the person, unless there is one under the new name already.
    fn rename_query(&mut self, old: &SmolStr, new: &SmolStr, name: &str) {
        let is_query = |b: &Buffer| b.kind() == BufferKind::Query;
        if !self.buffers.get(old).is_some_and(is_query) {
            return;
        }
        if old != new && self.buffers.contains_key(new) {
            return;
        }
        let Some((at, _, buffer)) = self.buffers.shift_remove_full(old) else {
            return;
        };
        let (from, to) = (BufferId(old.clone()), BufferId(new.clone()));
        let mut buffer = buffer.renamed(to.clone());
        buffer.name = name.into();
        self.buffers.shift_insert(at, new.clone(), buffer);
        if self.active == from {
            self.active = to.clone();
        }
        self.asked_renamed(&from, &to);
        self.changes.push(Change::Renamed { from, to });
    }

    pub(super) fn topic(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = incoming.param(0).and_then(|c| self.channel_id(c)) else {
            return;
        };
        let text = plain(incoming.param(1).unwrap_or_default());
        let told = topic_told(&text);
        self.set_topic(&id, text);
        if let Some(topic) = self.buffers.get_mut(&id.0).and_then(|b| b.topic.as_mut()) {
            topic.by = Some(incoming.sender.into());
            topic.at = Some(incoming.at);
        }
        self.put(&id, incoming.draft(LineKind::Topic, told));
    }

    pub(super) fn set_topic(&mut self, id: &BufferId, text: String) {
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.topic = (!text.is_empty()).then(|| Topic {
                text,
                ..Topic::default()
            });
            self.changes.push(Change::Topic(id.clone()));
        }
    }

    pub(super) fn mode(&mut self, incoming: &Incoming<'_>) {
        let words: Vec<&str> = incoming.message.params().collect();
        let [target, modes, params @ ..] = &words[..] else {
            return;
        };
        let text = format!("set mode {}", words[1..].join(" "));
        let Some(id) = self.channel_id(target) else {
            if !is_channel_like(target) {
                let id = BufferId::server();
                self.put(&id, incoming.draft(LineKind::Mode, text));
            }
            return;
        };
        self.member_modes(&id, modes, params);
        self.put(&id, incoming.draft(LineKind::Mode, text));
    }

    /// Reads a mode string for what changes about members; everything else only takes parameters.
    fn member_modes(&mut self, id: &BufferId, modes: &str, params: &[&str]) {
        let mut params = params.iter();
        let mut on = true;
        for mode in modes.chars() {
            match mode {
                '+' => on = true,
                '-' => on = false,
                _ => {
                    if let Some(sign) = self.prefixes.sign_of(mode) {
                        let Some(nick) = params.next() else { break };
                        let folded = self.fold(nick);
                        self.members(id, |members, ranks| {
                            members.set_prefix(&folded, sign, on, ranks);
                            true
                        });
                    } else if self.takes_param(mode, on) {
                        params.next();
                    }
                }
            }
        }
    }

    fn takes_param(&self, mode: char, on: bool) -> bool {
        let [lists, always, when_set, _never] = &self.chanmodes;
        lists.contains(mode) || always.contains(mode) || (on && when_set.contains(mode))
    }

    pub(super) fn away_notice(&mut self, incoming: &Incoming<'_>) {
        let away = incoming.param(0).is_some_and(|reason| !reason.is_empty());
        let folded = self.fold(incoming.sender);
        for id in self.where_is(&folded) {
            self.members(&id, |members, ranks| {
                members.change(&folded, ranks, |member| {
                    member.away = away;
                    None
                })
            });
        }
    }

    pub(super) fn invite(&mut self, incoming: &Incoming<'_>) {
        let (Some(nick), Some(channel)) = (incoming.param(0), incoming.param(1)) else {
            return;
        };
        let me = self.same(nick, &self.nick);
        let (id, text) = match me {
            true => (self.active.clone(), format!("invites you to {channel}")),
            false => match self.channel_id(channel) {
                Some(id) => (id, format!("invites {nick}")),
                None => return,
            },
        };
        let draft = incoming.draft(LineKind::Invite, text);
        let highlight = me;
        self.put(&id, Draft { highlight, ..draft });
    }

    pub(super) fn channel_id(&self, name: &str) -> Option<BufferId> {
        let buffer = self.find(name)?;
        (buffer.kind() == BufferKind::Channel).then(|| buffer.id().clone())
    }

    /// Changes the members of a channel; `change` says whether there was anything to change.
    pub(super) fn members(
        &mut self,
        id: &BufferId,
        change: impl FnOnce(&mut super::Members, &super::Prefixes) -> bool,
    ) {
        if let Some(buffer) = self.buffers.get_mut(&id.0)
            && change(&mut buffer.members, &self.prefixes)
        {
            self.changes.push(Change::Members(id.clone()));
        }
    }

    /// The channels that somebody is on, and the conversation with them.
    fn where_is(&self, folded: &SmolStr) -> Vec<BufferId> {
        let here = |b: &&Buffer| match b.kind() {
            BufferKind::Server => false,
            BufferKind::Channel => b.members().contains(folded),
            BufferKind::Query => b.id().0 == *folded,
        };
        let found = self.buffers.values().filter(here);
        found.map(|buffer| buffer.id().clone()).collect()
    }
}

/// What happened, for a line of history: who was on the channel then is no matter now.
pub(super) fn told(incoming: &Incoming<'_>, command: &str, nick: &str) -> Option<Draft> {
    let (kind, text) = match command {
        "JOIN" => (LineKind::Join, "joined".to_owned()),
        "PART" => (LineKind::Part, with_reason("left", incoming.param(1))),
        "QUIT" => (LineKind::Quit, with_reason("quit", incoming.param(0))),
        "KICK" => {
            let who = match incoming.param(1)? {
                who if who.eq_ignore_ascii_case(nick) => "you",
                who => who,
            };
            let text = with_reason(&format!("removed {who}"), incoming.param(2));
            (LineKind::Kick, text)
        }
        "NICK" => {
            let text = format!("is now known as {}", incoming.param(0)?);
            (LineKind::Nick, text)
        }
        "TOPIC" => (LineKind::Topic, topic_told(&plain(incoming.param(1)?))),
        "MODE" => {
            let words: Vec<&str> = incoming.message.params().skip(1).collect();
            (LineKind::Mode, format!("set mode {}", words.join(" ")))
        }
        _ => return None,
    };
    Some(incoming.draft(kind, text))
}

fn topic_told(text: &str) -> String {
    match text.is_empty() {
        true => "removed the topic".to_owned(),
        false => format!("set the topic: {text}"),
    }
}

fn with_reason(what: &str, reason: Option<&str>) -> String {
    match reason.map(plain).filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{what} ({reason})"),
        None => what.to_owned(),
    }
}

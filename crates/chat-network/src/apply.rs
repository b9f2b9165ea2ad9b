//! Making true what has happened.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::membership::Membership;
use crate::{
    Actor, AppliedChange, Channel, ChannelFlag, ChannelId, Entry, Event, MemberModes, MemberPrefix,
    MessageKind, MetadataChanges, MetadataOwner, Network, NewUser, Operator, OtherNames, PastUser,
    Position, Recipient, ServerId, SessionId, Stamp, Timestamp, User, UserId, UserSession,
    channel::Topic, name,
};

mod account;
mod rare;

/// What is shown of a user that has no session.
const NO_SESSION: &str = "Not connected at the moment";

impl Network {
    /// Makes an entry true.
    ///
    /// Cannot fail on an event that was decided against the same state. What an event names and is
    /// not there (which no decided event does) is passed over.
    pub fn apply(&mut self, entry: &Entry) {
        let now = entry.stamp.time;
        match &entry.event {
            Event::Registered { session, user } => self.registered(*session, user, entry.stamp),
            Event::SessionAttached { .. } => self.session_attached(&entry.event),
            Event::NickChanged { user, nick } => self.nick_changed(*user, nick, now),
            Event::Joined { user, channel, .. } => {
                self.joined(*user, *channel, &entry.event, entry.stamp);
            }
            Event::Parted { user, channel, .. } | Event::Kicked { user, channel, .. } => {
                self.left(*user, *channel);
            }
            Event::Quit(departure) => self.session_ended(departure.session, entry.stamp),
            Event::Disconnected { user, .. } => self.disconnected(*user, entry.stamp),
            Event::Message { from, to, kind, .. } => self.spoke(*from, *to, *kind, now),
            Event::TopicSet { by, channel, topic } => self.topic_set(*by, *channel, topic, now),
            Event::Invited {
                channel,
                user,
                opens: true,
                ..
            } => self.invited(*user, *channel),
            // What is said is not part of the state.
            Event::Invited { .. } | Event::Wallops { .. } | Event::Redacted { .. } => {}
            Event::ChannelModes {
                by,
                channel,
                changes,
            } => {
                self.channel_changed(*by, *channel, changes, now);
            }
            Event::UserModes { user, .. }
            | Event::AwayChanged { user, .. }
            | Event::HostChanged { user, .. }
            | Event::RealnameChanged { user, .. } => self.user_changed(*user, &entry.event),
            Event::Operated { .. } => self.apply(&entry.effect()),
            Event::OperatorEntered { user, operator } => self.operator_entered(*user, operator),
            Event::NetworkBanned { ban } => self.restrictions.set_ban(ban),
            Event::NetworkUnbanned { mask } => {
                self.restrictions.bans.retain(|ban| ban.mask != *mask);
            }
            Event::DefconSet { defcon } => self.restrictions.defcon = *defcon,
            Event::Rated {
                user,
                session,
                stars,
                ..
            } => self.rated(*user, *session, *stars),
            Event::ServerLost {
                server,
                incarnation,
                ..
            } => self.server_lost(*server, *incarnation, entry.stamp),
            Event::MetadataChanged { owner, changes, .. } => self.metadata_changed(*owner, changes),
            // Rare ones: accounts, and what is theirs.
            _ => self.rarely_changed(entry),
        }
    }

    fn metadata_changed(&mut self, owner: MetadataOwner, changes: &MetadataChanges) {
        match owner {
            MetadataOwner::User(user) => {
                let Some(user) = self.users.get_mut(user.0) else {
                    return;
                };
                user.change_rare(|rare| rare.metadata.change(changes));
                let account = user.account();
                let account = account.and_then(|account| self.accounts.get_mut(account.0));
                if let Some(account) = account {
                    account.remember(changes, self.limits.metadata_keys);
                }
            }
            MetadataOwner::Channel(channel) => {
                if let Some(channel) = self.channels.get_mut(channel.0) {
                    let mut changed = channel.metadata.take().unwrap_or_default();
                    changed.change(changes);
                    channel.metadata = (!changed.is_empty()).then_some(changed);
                }
            }
        }
    }

    fn user_changed(&mut self, user: UserId, event: &Event) {
        let Some(user) = self.users.get_mut(user.0) else {
            return;
        };
        match event {
            Event::UserModes { added, removed, .. } => {
                self.invisible -= usize::from(user.modes.invisible);
                self.operators -= usize::from(user.modes.operator);
                user.modes = user.modes.with(*added).without(*removed);
                // Nobody becomes an operator so.
                user.modes.operator &= user.operator().is_some();
                if !user.modes.operator {
                    user.change_rare(|rare| rare.operator = None);
                }
                self.invisible += usize::from(user.modes.invisible);
                self.operators += usize::from(user.modes.operator);
            }
            Event::AwayChanged {
                session, message, ..
            } => user.set_presence(*session, message.as_ref()),
            Event::RealnameChanged { realname, .. } => user.set_realname(realname),
            Event::HostChanged { host, .. } => user.set_host(host),
            _ => {}
        }
    }

    fn registered(&mut self, session: SessionId, new: &NewUser, stamp: Stamp) {
        let id = UserId(stamp.position.0);
        let mut user = User::new(id, session, new, stamp.time);
        let account = self.account_of(&user);
        if let Some(told) = account.and_then(|account| account.metadata.clone()) {
            user.change_rare(|rare| rare.metadata = *told);
        }
        self.index_user(&user);
        self.users.insert(Box::new(user));
    }

    /// Enters a user's nick and sessions into the indexes.
    pub(crate) fn index_user(&mut self, user: &User) {
        self.index_nick(user.nick(), user.id());
        self.sessions
            .insert(user.sessions(), user.id(), &self.users);
    }

    fn session_attached(&mut self, event: &Event) {
        let Event::SessionAttached {
            session,
            user: id,
            secure,
            certificate,
            away,
            host,
        } = event
        else {
            return;
        };
        if !self.users.contains(id.0) {
            return;
        }
        let own = UserSession::new(*session, *secure);
        self.sessions.insert(&[own], *id, &self.users);
        if let Some(user) = self.users.get_mut(id.0) {
            user.attach(own, away.as_ref());
            user.set_origin(*session, host);
            user.set_certificate(*session, certificate.as_ref());
        }
    }

    /// A user goes on without a session, since then.
    pub(crate) fn detach(&mut self, id: UserId, since: Option<Position>) {
        let shown = self
            .user(id)
            .and_then(|user| self.account_of(user))
            .is_some_and(|account| account.settings().auto_away);
        let Some(user) = self.users.get_mut(id.0) else {
            return;
        };
        user.change_rare(|rare| {
            rare.left = since.unwrap_or_default();
            if shown && rare.away.is_none() {
                rare.away = Some(NO_SESSION.into());
                rare.auto_away = true;
            }
            rare.operator = None;
        });
        // Whoever comes back has to become an operator again.
        self.operators -= usize::from(user.modes.operator);
        user.modes.operator = false;
    }

    fn nick_changed(&mut self, id: UserId, nick: &SmolStr, now: Timestamp) {
        let Some(user) = self.users.get_mut(id.0) else {
            return;
        };
        let past = PastUser::new(user, user.server(), now);
        self.nicks.remove(user.nick(), id);
        self.like_nicks.remove(user.nick(), id);
        user.set_nick(nick);
        self.index_nick(nick, id);
        if !name::same(&past.nick, nick) {
            self.remember(past);
        }
    }

    /// Remembers who had a nick, and forgets the oldest at the bound.
    fn remember(&mut self, past: PastUser) {
        self.past.push_back(past);
        if self.past.len() > self.limits.past_users {
            self.past.pop_front();
        }
    }

    fn joined(&mut self, id: UserId, channel_id: ChannelId, event: &Event, stamp: Stamp) {
        let created = match event {
            Event::Joined { created, .. } => created.as_ref(),
            _ => None,
        };
        let owned = created.is_some_and(|name| !self.limits.is_commons(name));
        if let Some(name) = created {
            self.founded(channel_id, name, owned, stamp.time);
        }
        let (user, channel) = (
            self.users.get_mut(id.0),
            self.channels.get_mut(channel_id.0),
        );
        let (Some(user), Some(channel)) = (user, channel) else {
            return;
        };
        let modes = if owned {
            MemberModes::only(MemberPrefix::Operator)
        } else {
            channel.ranks_of_account(user.account())
        };
        let member = Membership::new(id, modes, stamp.position);
        if channel.members.insert(member).is_none() {
            user.channels.push(channel_id);
        }
        user.forget_invitation(channel_id);
    }

    fn founded(&mut self, id: ChannelId, name: &SmolStr, owned: bool, now: Timestamp) {
        let mut channel = Channel::new(id, name.clone(), now);
        if !owned {
            let open = AppliedChange::Flag(false, ChannelFlag::TopicLock);
            channel.change(&open, None, now);
        }
        channel.set_other_names(OtherNames {
            place: self.founding_place(name, id),
            former: Vec::new(),
        });
        self.take_name(name);
        self.insert_channel(channel);
    }

    fn left(&mut self, id: UserId, channel: ChannelId) {
        if let Some(user) = self.users.get_mut(id.0) {
            user.channels.retain(|own| *own != channel);
            user.forget_invitation(channel);
        }
        self.drop_member(id, channel);
    }

    /// Takes a member out of a channel, and the channel out of the network if it was the last.
    fn drop_member(&mut self, user: UserId, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id.0) else {
            return;
        };
        channel.members.swap_remove(user.0);
        if channel.members.is_empty() && channel.registration.is_none() {
            self.remove_channel(id);
        }
    }

    /// Removes a channel without members.
    pub(crate) fn remove_channel(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.swap_remove(id.0) {
            self.names.remove(channel.name(), id);
            self.like_names.remove(channel.name(), id);
            self.renamed.remove(&channel);
            self.secret -= usize::from(channel.is(ChannelFlag::Secret));
        }
    }

    /// Ends a session, and removes its user if it was the last and the user does not stay on.
    fn session_ended(&mut self, session: SessionId, stamp: Stamp) {
        let Some(id) = self.forget_session(session) else {
            return;
        };
        let Some(user) = self.users.get_mut(id.0) else {
            return;
        };
        let server = user.server();
        if user.end_session(session) {
            self.leave_or_detach(id, server, stamp);
        }
    }

    fn disconnected(&mut self, id: UserId, stamp: Stamp) {
        if let Some(server) = self.end_sessions(id) {
            self.leave_or_detach(id, server, stamp);
        }
    }

    /// Ends all sessions of a user; the server of the first of them.
    fn end_sessions(&mut self, id: UserId) -> Option<ServerId> {
        let user = self.users.get(id.0)?;
        let server = user.server();
        for session in user.sessions() {
            self.sessions.remove(session.id, &self.users);
        }
        if let Some(user) = self.users.get_mut(id.0) {
            user.end_sessions();
        }
        Some(server)
    }

    /// What becomes of a user whose sessions, the first on `server`, are gone.
    fn leave_or_detach(&mut self, id: UserId, server: ServerId, stamp: Stamp) {
        if self.user(id).is_some_and(|user| self.stays_on(user)) {
            self.detach(id, Some(stamp.position));
        } else {
            self.remove_user(id, server, stamp.time);
        }
    }

    fn server_lost(&mut self, server: ServerId, incarnation: u16, stamp: Stamp) {
        let sessions: Vec<SessionId> = self.sessions_of(server, incarnation).collect();
        for session in sessions {
            self.session_ended(session, stamp);
        }
    }

    /// Takes a session out of the indexes.
    fn forget_session(&mut self, session: SessionId) -> Option<UserId> {
        self.sessions.remove(session, &self.users)
    }

    fn operator_entered(&mut self, id: UserId, operator: &Operator) {
        let Some(user) = self.users.get_mut(id.0) else {
            return;
        };
        self.operators += usize::from(!user.modes.operator);
        user.modes.operator = true;
        user.change_rare(|rare| rare.operator = Some(operator.clone()));
        if let Some(host) = &operator.host {
            user.set_host(host);
        }
    }

    /// Removes a user whose sessions, the first on `server`, are gone.
    fn remove_user(&mut self, id: UserId, server: ServerId, now: Timestamp) {
        let Some(user) = self.users.swap_remove(id.0) else {
            return;
        };
        self.nicks.remove(user.nick(), id);
        self.like_nicks.remove(user.nick(), id);
        for channel in user.channels() {
            self.drop_member(id, *channel);
        }
        self.invisible -= usize::from(user.modes.invisible);
        self.operators -= usize::from(user.modes.operator);
        self.remember(PastUser::new(&user, server, now));
    }

    fn spoke(&mut self, from: Actor, to: Recipient, kind: MessageKind, now: Timestamp) {
        let Actor::User(id) = from else { return };
        let Some(user) = self.users.get_mut(id.0) else {
            return;
        };
        if kind != MessageKind::Tagmsg {
            user.spoke(now);
        }
        // Who hears those with an account only wants the answer of whom it writes to.
        if let Recipient::User(to) = to
            && user.modes.accounts_only
            && !user.accepts(to)
            && self.user(to).is_some_and(|to| to.account().is_none())
        {
            self.accepted(id, to, true);
        }
    }

    fn topic_set(&mut self, by: Actor, channel: ChannelId, text: &Arc<str>, at: Timestamp) {
        let by = self.prefix_of(by);
        if let Some(channel) = self.channels.get_mut(channel.0) {
            let topic = || {
                Box::new(Topic {
                    text: Arc::clone(text),
                    by,
                    at,
                })
            };
            channel.topic = (!text.is_empty()).then(topic);
        }
    }

    fn invited(&mut self, user: UserId, channel: ChannelId) {
        let Some(user) = self.users.get_mut(user.0) else {
            return;
        };
        let (channels, bound) = (&self.channels, self.limits.invitations);
        user.change_rare(|rare| {
            rare.invitations
                .retain(|old| *old != channel && channels.contains(old.0));
            rare.invitations.push(channel);
            if rare.invitations.len() > bound {
                rare.invitations.remove(0);
            }
        });
    }

    fn channel_changed(
        &mut self,
        by: Actor,
        channel: ChannelId,
        changes: &[AppliedChange],
        at: Timestamp,
    ) {
        let by = self.prefix_of(by);
        if let Some(channel) = self.channels.get_mut(channel.0) {
            self.secret -= usize::from(channel.is(ChannelFlag::Secret));
            for change in changes {
                channel.change(change, by.as_ref(), at);
            }
            self.secret += usize::from(channel.is(ChannelFlag::Secret));
        }
    }

    fn rated(&mut self, user: UserId, session: SessionId, stars: u8) {
        let Some(user) = self.users.get_mut(user.0) else {
            return;
        };
        if let Some(session) = user.sessions.iter_mut().find(|own| own.id == session) {
            session.rating = Some(stars);
        }
    }

    fn prefix_of(&self, actor: Actor) -> Option<Arc<str>> {
        match actor {
            Actor::User(user) => self.user(user).map(|user| user.prefix().into()),
            Actor::Server(_) => None,
        }
    }
}

//! A chat under test: every request is decided and applied, and the whole is checked after it.

use chat_network::{
    AccountId, AccountSetting, Action, AppliedChange, Channel, ChannelFlag, ChannelModeChange,
    Entry, Event, Limits, ListKind, MemberModes, MemberPrefix, MessageKind, Network, NewAccount,
    NewUser, Operator, OperatorAction, Origin, Position, Reconfiguration, Rejection, Request,
    Rights, Secrets, ServerId, SessionId, Settings, Stamp, Timestamp, User, UserId,
};

pub(crate) fn operate(action: OperatorAction) -> Action {
    Action::Operate(Box::new(action))
}

/// An operator with these rights.
pub(crate) fn enter(rights: Rights) -> Action {
    operate(OperatorAction::Enter(Operator {
        name: "root".into(),
        title: "is here to help".into(),
        rights,
        host: None,
        hidden: false,
    }))
}

/// Other bounds, and (if it has rights) `root` as the one operator.
pub(crate) fn reconfiguration(limits: Limits, root: Option<Rights>) -> Reconfiguration {
    let root = root.map(|rights| Operator {
        name: "root".into(),
        title: "is back".into(),
        rights,
        host: None,
        hidden: true,
    });
    Reconfiguration {
        limits,
        operators: root.into_iter().collect(),
        settings: Settings::new(b"settings".to_vec()).unwrap(),
    }
}

pub(crate) type Answer = Result<Event, Rejection>;

pub(crate) struct Chat {
    pub(crate) network: Network,
    pub(crate) now: Stamp,
    serial: u32,
}

impl Chat {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let now = Stamp {
            position: Position(0),
            time: Timestamp(1_000_000),
        };
        Self {
            network: Network::new(limits),
            now,
            serial: 0,
        }
    }

    pub(crate) fn ask(&mut self, origin: Origin, action: Action) -> Answer {
        let request = Request { origin, action };
        self.now.position = self.now.position.next();
        self.now.time.0 += 1000;
        let event = self.network.decide(&request, self.now)?;
        let entry = Entry {
            stamp: self.now,
            origin,
            event,
        };
        self.network.apply(&entry);
        self.network.check().unwrap();
        if self.network.settings().is_none() {
            self.network.check_limits().unwrap();
        }
        Ok(entry.event)
    }

    pub(crate) fn by(&mut self, session: SessionId, action: Action) -> Answer {
        self.ask(Origin::Session(session), action)
    }

    pub(crate) fn session(&mut self, server: u16) -> SessionId {
        self.serial += 1;
        SessionId::new(ServerId(server), 1, self.serial)
    }

    /// Registers `nick` (as `nick!~nick@host.example`) on Server-1.
    pub(crate) fn user(&mut self, nick: &str) -> SessionId {
        self.user_on(1, nick)
    }

    /// A verified account, with which nobody is on.
    pub(crate) fn account(&mut self, name: &str) -> AccountId {
        match self.ask(oper(), new_account(name, true)).unwrap() {
            Event::AccountRegistered { .. } => AccountId(self.now.position.0),
            other => panic!("no account: {other:?}"),
        }
    }

    /// A session on a server that registers with an account.
    pub(crate) fn enter(&mut self, server: u16, nick: &str, account: AccountId) -> SessionId {
        let session = self.session(server);
        self.by(session, register_as(nick, account)).unwrap();
        session
    }

    pub(crate) fn user_on(&mut self, server: u16, nick: &str) -> SessionId {
        let session = self.session(server);
        self.by(session, register(nick)).unwrap();
        session
    }

    /// Registers users and lets them join, in order: the first is operator of a new channel.
    pub(crate) fn in_channel<const N: usize>(
        &mut self,
        channel: &str,
        nicks: [&str; N],
    ) -> [SessionId; N] {
        nicks.map(|nick| {
            let session = self.user(nick);
            self.join(session, channel).unwrap();
            session
        })
    }

    pub(crate) fn join(&mut self, session: SessionId, channel: &str) -> Answer {
        self.by(session, join(channel, None))
    }

    pub(crate) fn say(&mut self, session: SessionId, target: &str) -> Answer {
        self.by(session, say(target, "hello"))
    }

    pub(crate) fn mode(
        &mut self,
        session: SessionId,
        channel: &str,
        changes: Vec<ChannelModeChange>,
    ) -> Answer {
        self.by(session, modes(channel, changes))
    }

    /// Changes that must all be made.
    pub(crate) fn set<const N: usize>(
        &mut self,
        session: SessionId,
        channel: &str,
        changes: [ChannelModeChange; N],
    ) -> Vec<AppliedChange> {
        match self.mode(session, channel, changes.into()).unwrap() {
            Event::ChannelModes { changes, .. } if changes.len() == N => changes,
            other => panic!("not all changes made: {other:?}"),
        }
    }

    pub(crate) fn channel(&self, name: &str) -> &Channel {
        self.network.channel_by_name(name).unwrap()
    }

    pub(crate) fn of(&self, session: SessionId) -> &User {
        self.network.user_of(session).unwrap()
    }

    pub(crate) fn id(&self, session: SessionId) -> UserId {
        self.of(session).id()
    }

    pub(crate) fn ranks(&self, session: SessionId, channel: &str) -> Option<MemberModes> {
        self.channel(channel).member(self.id(session))
    }
}

pub(crate) const OPERATOR: Option<MemberModes> = Some(MemberModes::only(MemberPrefix::Operator));
pub(crate) const VOICED: Option<MemberModes> = Some(MemberModes::only(MemberPrefix::Voice));
pub(crate) const PLAIN: Option<MemberModes> = Some(MemberModes::NONE);

pub(crate) const SERVER: Origin = Origin::Server(ServerId(2));

/// Who operates the chat, over a link of its own.
pub(crate) fn oper() -> Origin {
    Origin::Operator(SessionId::new(ServerId::HUB, 1, 1))
}

pub(crate) const HUB: Origin = Origin::Server(ServerId::HUB);

pub(crate) fn new_user(nick: &str) -> NewUser {
    NewUser {
        nick: nick.into(),
        username: format!("~{nick}").into(),
        host: "host.example".into(),
        realname: "Someone".into(),
        secure: false,
        certificate: (nick == "zoe").then(|| "ab12".into()),
        account: None,
        away: None,
    }
}

pub(crate) fn register(nick: &str) -> Action {
    Action::Register(Box::new(new_user(nick)))
}

pub(crate) fn register_as(nick: &str, account: AccountId) -> Action {
    Action::Register(Box::new(NewUser {
        account: Some(account),
        ..new_user(nick)
    }))
}

pub(crate) fn secrets() -> Secrets {
    Secrets::new(b"secret")
}

pub(crate) fn new_account(name: &str, verified: bool) -> Action {
    Action::RegisterAccount(Box::new(NewAccount {
        name: name.into(),
        secrets: secrets(),
        email: Some("a@b.example".into()),
        verified,
    }))
}

pub(crate) fn setting(setting: AccountSetting) -> Action {
    Action::SetAccountSetting {
        account: None,
        setting,
    }
}

pub(crate) fn suspend(account: &str) -> Action {
    Action::SuspendAccount {
        account: account.into(),
        reason: "enough".into(),
    }
}

pub(crate) fn ghost(nick: &str) -> Action {
    Action::Ghost {
        nick: nick.into(),
        reason: "mine".into(),
    }
}

pub(crate) fn keep(channel: &str) -> Action {
    Action::RegisterChannel {
        channel: channel.into(),
        founder: None,
    }
}

pub(crate) fn transfer(channel: &str, to: &str) -> Action {
    Action::TransferChannel {
        channel: channel.into(),
        to: to.into(),
    }
}

pub(crate) fn access(channel: &str, account: &str, prefix: Option<MemberPrefix>) -> Action {
    Action::SetAccess {
        channel: channel.into(),
        account: account.into(),
        prefix,
    }
}

pub(crate) fn grant(channel: &str, nick: Option<&str>) -> Action {
    Action::GrantRank {
        channel: channel.into(),
        nick: nick.map(Into::into),
    }
}

pub(crate) fn manage(action: Action) -> Action {
    operate(OperatorAction::Manage(Box::new(action)))
}

pub(crate) fn nick(nick: &str) -> Action {
    Action::Nick { nick: nick.into() }
}

pub(crate) fn join(channel: &str, key: Option<&str>) -> Action {
    Action::Join {
        channel: channel.into(),
        key: key.map(Into::into),
    }
}

pub(crate) fn part(channel: &str) -> Action {
    Action::Part {
        channel: channel.into(),
        reason: None,
    }
}

pub(crate) fn quit(reason: &str) -> Action {
    Action::Quit {
        reason: reason.into(),
    }
}

pub(crate) fn say(target: &str, text: &str) -> Action {
    Action::Message {
        kind: MessageKind::Privmsg,
        target: target.into(),
        text: text.into(),
        tags: Vec::new(),
    }
}

pub(crate) fn topic(channel: &str, topic: &str) -> Action {
    Action::Topic {
        channel: channel.into(),
        topic: topic.into(),
    }
}

pub(crate) fn kick(channel: &str, nick: &str) -> Action {
    Action::Kick {
        channel: channel.into(),
        nick: nick.into(),
        reason: "out".into(),
    }
}

pub(crate) fn invite(channel: &str, nick: &str) -> Action {
    Action::Invite {
        channel: channel.into(),
        nick: nick.into(),
    }
}

pub(crate) fn modes(channel: &str, changes: Vec<ChannelModeChange>) -> Action {
    Action::ChannelModes {
        channel: channel.into(),
        changes,
    }
}

pub(crate) fn disconnect(nick: &str) -> Action {
    Action::Disconnect {
        nick: nick.into(),
        reason: "enough".into(),
    }
}

pub(crate) fn lost(server: u16, incarnation: u16) -> Action {
    Action::ServerLost {
        server: ServerId(server),
        incarnation,
        reason: "crashed".into(),
    }
}

pub(crate) fn on(flag: ChannelFlag) -> ChannelModeChange {
    ChannelModeChange::Flag(true, flag)
}

pub(crate) fn off(flag: ChannelFlag) -> ChannelModeChange {
    ChannelModeChange::Flag(false, flag)
}

pub(crate) fn ban(mask: &str) -> ChannelModeChange {
    ChannelModeChange::List(true, ListKind::Ban, mask.into())
}

pub(crate) fn list(on: bool, kind: ListKind, mask: &str) -> ChannelModeChange {
    ChannelModeChange::List(on, kind, mask.into())
}

pub(crate) fn key(key: Option<&str>) -> ChannelModeChange {
    ChannelModeChange::Key(key.map(Into::into))
}

pub(crate) fn voice(on: bool, nick: &str) -> ChannelModeChange {
    ChannelModeChange::Member(on, MemberPrefix::Voice, nick.into())
}

pub(crate) fn op(on: bool, nick: &str) -> ChannelModeChange {
    ChannelModeChange::Member(on, MemberPrefix::Operator, nick.into())
}

pub(crate) fn rank(on: bool, prefix: MemberPrefix, nick: &str) -> ChannelModeChange {
    ChannelModeChange::Member(on, prefix, nick.into())
}

/// Registers an account of the user's nick and logs it in.
pub(crate) fn own(chat: &mut Chat, session: SessionId) {
    let name = chat.of(session).nick().into();
    let account = NewAccount {
        name,
        secrets: Secrets::new(b""),
        email: None,
        verified: true,
    };
    chat.by(session, Action::RegisterAccount(Box::new(account)))
        .unwrap();
    assert!(chat.of(session).account().is_some());
}

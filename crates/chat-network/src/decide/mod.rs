//! What follows from a request: one file per subject, each a function from the state and the
//! request to an event or a rejection.

mod accept;
mod account;
mod away;
mod channel_modes;
mod disconnect;
mod invite;
mod join;
mod kick;
mod mark_read;
mod message;
mod metadata;
mod nick;
mod operator;
mod ownership;
mod part;
mod purge;
mod quit;
mod rate;
mod realname;
mod redact;
mod register;
mod relay;
mod rename;
mod server_lost;
mod topic;
mod user_modes;

use std::sync::Arc;

use chat_proto::limit::truncate;
use chat_proto::name::is_channel_like;
use smol_str::SmolStr;

use crate::{
    Action, Actor, Channel, ChannelFlag, Defcon, Event, Forget, Identity, MemberModes,
    MemberPrefix, Network, Origin, Rejection, Request, ServerId, SessionId, Stamp, User,
};

use account::Holder;

type Decision = Result<Event, Rejection>;

/// Who asks for something that both users and servers may ask for.
#[derive(Clone, Copy)]
enum Asker<'a> {
    User(&'a User),
    Server(ServerId),
    Operator,
}

impl Asker<'_> {
    fn actor(self) -> Actor {
        match self {
            Self::User(user) => Actor::User(user.id()),
            Self::Server(server) => Actor::Server(server),
            Self::Operator => Actor::Server(ServerId::HUB),
        }
    }

    /// Whether the asker is this user.
    fn is(self, user: &User) -> bool {
        matches!(self, Self::User(own) if own.id() == user.id())
    }

    /// The ranks that the asker has in a channel: a server, those of a founder; a user, their own
    /// (`None`: not a member).
    fn ranks_in(self, channel: &Channel) -> Option<MemberModes> {
        match self {
            Self::User(user) => channel.member(user.id()),
            Self::Server(_) | Self::Operator => Some(MemberModes::only(MemberPrefix::Founder)),
        }
    }
}

impl Network {
    /// Holds a request against the state. Changes nothing.
    ///
    /// `stamp` is what the entry will have if there is an event: the ids of new users and channels
    /// come from its position.
    ///
    /// # Errors
    ///
    /// Why the request is refused, for the asker only.
    pub fn decide(&self, request: &Request, stamp: Stamp) -> Decision {
        match request.origin {
            Origin::Session(session) => self.decide_session(session, &request.action, stamp),
            Origin::Server(server) => {
                self.decide_server(Asker::Server(server), server, &request.action, stamp)
            }
            Origin::Operator(_) => self.decide_operator(&request.action, stamp),
        }
    }

    fn decide_session(&self, session: SessionId, action: &Action, stamp: Stamp) -> Decision {
        if let Action::Register(new) = action {
            return register::decide(self, session, new, stamp.time);
        }
        let Some(user) = self.user_of(session) else {
            return match action {
                Action::RegisterAccount(new) => {
                    account::register(self, Holder::Stranger, new, stamp)
                }
                Action::VerifyAccount { account } => {
                    account::verify(self, Holder::Stranger, account)
                }
                _ => Err(Rejection::NotRegistered),
            };
        };
        let asker = Asker::User(user);
        self.may_while_guarded(user, action)?;
        match action {
            Action::Register(_) => Err(Rejection::AlreadyRegistered),
            Action::Nick { nick } => nick::decide(self, user, nick),
            Action::Join { channel, key } => join::decide(self, user, channel, key.as_ref(), stamp),
            Action::Part { channel, reason } => part::decide(self, user, channel, reason.as_ref()),
            Action::Quit { reason } => Ok(quit::decide(self, session, user, reason)),
            Action::Message {
                kind,
                target,
                text,
                tags,
            } => message::decide(self, asker, *kind, target, text, tags),
            Action::Topic { channel, topic } => topic::decide(self, asker, channel, topic),
            Action::Kick {
                channel,
                nick,
                reason,
            } => kick::decide(self, asker, channel, nick, reason),
            Action::Invite { channel, nick } => invite::decide(self, user, channel, nick),
            Action::ChannelModes { channel, changes } => {
                channel_modes::decide(self, asker, channel, changes)
            }
            Action::UserModes { changes } => user_modes::decide(user, changes),
            Action::Away { message } => Ok(away::decide(self, session, user, message.as_ref())),
            Action::Realname { realname } => realname::decide(self, user, realname),
            Action::Operate(action) => operator::decide(self, user, action, stamp),
            Action::MarkRead { target, time } => {
                mark_read::decide(self, user, target, *time, stamp)
            }
            Action::Redact(wanted) => redact::decide(self, user, wanted, stamp),
            Action::Metadata(wish) => metadata::decide(self, user, wish),
            Action::Rate { stars } => rate::decide(user, session, *stars),
            Action::Login { account } => account::login(self, user, *account),
            Action::Logout => account::logout(user),
            Action::Ghost { nick, reason } => account::ghost(self, user, nick, reason),
            Action::RegisterChannel { .. }
            | Action::DropChannel { .. }
            | Action::TransferChannel { .. }
            | Action::SetAccess { .. }
            | Action::GrantRank { .. } => self.decide_ownership(asker, action),
            Action::Disconnect { .. } | Action::ServerLost { .. } => Err(Rejection::NotPermitted),
            _ => self.decide_elsewhere(user, action, stamp),
        }
    }

    /// What is not possible for everybody while the chat is guarded. Operators may go on.
    fn may_while_guarded(&self, user: &User, action: &Action) -> Result<(), Rejection> {
        let defcon = self.defcon();
        if defcon == Defcon::NORMAL || user.operator().is_some() {
            return Ok(());
        }
        let stranger = user.account().is_none();
        let barred = match action {
            Action::RegisterAccount(_) | Action::RegisterChannel { .. } => true,
            Action::Message { target, .. } => {
                defcon <= Defcon::NO_STRANGERS && stranger && self.user_by_nick(target).is_some()
            }
            Action::Join { .. } => defcon <= Defcon::ACCOUNTS_ONLY && stranger,
            _ => false,
        };
        if barred {
            Err(Rejection::Guarded)
        } else {
            Ok(())
        }
    }

    /// Other names for channels, other people's words, whose words one hears, and what is one's own.
    fn decide_elsewhere(&self, user: &User, action: &Action, stamp: Stamp) -> Decision {
        match action {
            Action::Rename {
                channel,
                wanted,
                reason,
            } => {
                let (by, names) = (Asker::User(user), (channel, wanted));
                rename::decide(self, by, names, reason.as_ref(), stamp.time)
            }
            Action::Relay(wanted) => relay::decide(self, user, wanted),
            Action::Accept { nick, on } => accept::decide(self, user, nick, *on),
            Action::AcceptChannel { channel } => ownership::accept(self, user, channel),
            Action::SetEmail { email } => account::set_email(user, email.as_ref()),
            _ => self.decide_account(Holder::User(user), action, stamp),
        }
    }

    /// What may be asked of accounts by their owners and by operators.
    fn decide_account(&self, by: Holder<'_>, action: &Action, stamp: Stamp) -> Decision {
        match action {
            Action::RegisterAccount(new) => account::register(self, by, new, stamp),
            Action::VerifyAccount { account } => account::verify(self, by, account),
            Action::SetSecrets { account, secrets } => {
                account::set_secrets(self, by, account.as_ref(), secrets)
            }
            Action::SetAccountSetting { account, setting } => {
                account::set(self, by, account.as_ref(), *setting)
            }
            Action::AddCertificate {
                account,
                fingerprint,
            } => account::certificate(self, by, account.as_ref(), (fingerprint, true)),
            Action::RemoveCertificate {
                account,
                fingerprint,
            } => account::certificate(self, by, account.as_ref(), (fingerprint, false)),
            Action::DropAccount { account } => account::drop_account(self, by, account.as_ref()),
            Action::SuspendAccount { account, reason } => {
                account::suspend(self, by, account, reason)
            }
            Action::UnsuspendAccount { account } => account::unsuspend(self, by, account),
            _ => Err(Rejection::NotPermitted),
        }
    }

    /// What may be asked of registered channels.
    fn decide_ownership(&self, asker: Asker<'_>, action: &Action) -> Decision {
        match action {
            Action::RegisterChannel { channel, founder } => {
                ownership::register(self, asker, channel, founder.as_ref())
            }
            Action::DropChannel { channel } => ownership::drop_channel(self, asker, channel),
            Action::TransferChannel { channel, to } => {
                ownership::transfer(self, asker, channel, to)
            }
            Action::SetAccess {
                channel,
                account,
                prefix,
            } => ownership::set_access(self, asker, channel, (account, *prefix)),
            Action::GrantRank { channel, nick } => {
                ownership::grant_rank(self, asker, channel, nick.as_ref())
            }
            _ => Err(Rejection::NotPermitted),
        }
    }

    fn decide_operator(&self, action: &Action, stamp: Stamp) -> Decision {
        match action {
            Action::ServerLost { .. } => Err(Rejection::NotPermitted),
            Action::Forget(what) => self.decide_forget(what),
            Action::Message { .. }
            | Action::Topic { .. }
            | Action::Kick { .. }
            | Action::ChannelModes { .. }
            | Action::Disconnect { .. } => {
                self.decide_server(Asker::Operator, ServerId::HUB, action, stamp)
            }
            _ => self.decide_managed(action, stamp),
        }
    }

    /// What operators may ask of the accounts and registered channels of others.
    fn decide_managed(&self, action: &Action, stamp: Stamp) -> Decision {
        match action {
            Action::RegisterChannel { .. }
            | Action::DropChannel { .. }
            | Action::TransferChannel { .. }
            | Action::SetAccess { .. } => self.decide_ownership(Asker::Operator, action),
            _ => self.decide_account(Holder::Operator, action, stamp),
        }
    }

    /// What was said in a channel can be forgotten after the channel.
    fn decide_forget(&self, what: &Forget) -> Decision {
        match what {
            Forget::Account(name) => {
                let person = Identity::Account(self.named_account(name)?.id());
                Ok(Event::PersonForgotten { person })
            }
            Forget::Channel(name) if is_channel_like(name) => Ok(Event::ChannelForgotten {
                channel: name.clone(),
            }),
            Forget::Channel(name) => Err(Rejection::BadChannelName(name.clone())),
        }
    }

    fn decide_server(
        &self,
        asker: Asker<'_>,
        server: ServerId,
        action: &Action,
        stamp: Stamp,
    ) -> Decision {
        match action {
            Action::Message {
                kind,
                target,
                text,
                tags,
            } => message::decide(self, asker, *kind, target, text, tags),
            Action::Topic { channel, topic } => topic::decide(self, asker, channel, topic),
            Action::Rename {
                channel,
                wanted,
                reason,
            } => {
                let names = (channel, wanted);
                rename::decide(self, asker, names, reason.as_ref(), stamp.time)
            }
            Action::Kick {
                channel,
                nick,
                reason,
            } => kick::decide(self, asker, channel, nick, reason),
            Action::ChannelModes { channel, changes } => {
                channel_modes::decide(self, asker, channel, changes)
            }
            Action::Disconnect { nick, reason } => {
                disconnect::decide(self, asker.actor(), nick, reason)
            }
            Action::ServerLost {
                server: lost,
                incarnation,
                reason,
            } => server_lost::decide(self, server, *lost, *incarnation, reason),
            Action::Configure(read) if server == ServerId::HUB => {
                Ok(Event::Configured(read.clone()))
            }
            _ => Err(Rejection::NotPermitted),
        }
    }

    /// A channel by name, or ERR_NOSUCHCHANNEL.
    fn existing_channel(&self, name: &SmolStr) -> Result<&Channel, Rejection> {
        self.channel_by_name(name)
            .ok_or_else(|| Rejection::NoSuchChannel(name.clone()))
    }

    /// A user by nick, or ERR_NOSUCHNICK.
    fn existing_user(&self, nick: &SmolStr) -> Result<&User, Rejection> {
        self.user_by_nick(nick)
            .ok_or_else(|| Rejection::NoSuchNick(nick.clone()))
    }

    /// The reason of a leave, within the limit.
    fn reason(&self, reason: &Arc<str>) -> Arc<str> {
        cut_text(reason, self.limits.kick)
    }
}

/// The asker's ranks in a channel, or ERR_NOTONCHANNEL; who is outside of a secret one is told that
/// there is none, in the asker's own spelling.
fn require_member(
    asker: Asker<'_>,
    channel: &Channel,
    name: &SmolStr,
) -> Result<MemberModes, Rejection> {
    asker.ranks_in(channel).ok_or_else(|| {
        if channel.is(ChannelFlag::Secret) {
            Rejection::NoSuchChannel(name.clone())
        } else {
            Rejection::NotOnChannel(channel.name().clone())
        }
    })
}

/// The same text if it is within `max` bytes (nothing is copied then), else its start.
fn cut_text(text: &Arc<str>, max: usize) -> Arc<str> {
    if text.len() <= max {
        Arc::clone(text)
    } else {
        truncate(text, max).into()
    }
}

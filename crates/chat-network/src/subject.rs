//! Who the masks of a channel's lists are held against.
//!
//! Besides `nick!user@host` a mask may be an extended one: `a:name` fits who is logged in to the
//! account of that name, and `m:` before any mask makes it one for speaking only.

use std::borrow::Cow;

use crate::{Channel, ListEntry, ListKind, Network, User, name};

/// What somebody wants to do where a mask may stand against it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Enter,
    Speak,
}

/// Somebody, as masks see them.
pub(crate) struct Subject<'a> {
    prefix: Cow<'a, str>,
    /// The end of the prefix.
    end: u64,
    account: Option<&'a str>,
}

impl Network {
    /// A user, as masks see it.
    pub(crate) fn subject<'a>(&'a self, user: &'a User) -> Subject<'a> {
        let prefix = name::subject(user.prefix());
        Subject {
            end: name::end(&prefix),
            prefix,
            account: self.account_of(user).map(|account| account.name().as_str()),
        }
    }
}

impl Subject<'_> {
    /// Whether a mask of a list is about them, in what they want to do.
    fn is_in(&self, list: &[ListEntry], act: Act) -> bool {
        let mut near = list.iter().filter(|entry| entry.may_fit(self.end));
        near.any(|entry| entry.fits(&self.prefix, self.account, act))
    }
}

impl Channel {
    /// Whether the user is banned from entering and not excepted.
    #[must_use]
    pub fn is_banned(&self, network: &Network, user: &User) -> bool {
        self.forbids(network, user, Act::Enter)
    }

    /// Whether the user, having no rank, is banned or muted and not excepted.
    #[must_use]
    pub fn is_silenced(&self, network: &Network, user: &User) -> bool {
        self.forbids(network, user, Act::Speak)
    }

    fn forbids(&self, network: &Network, user: &User, act: Act) -> bool {
        let bans = self.list(ListKind::Ban);
        if bans.is_empty() {
            return false;
        }
        let subject = network.subject(user);
        subject.is_in(bans, act) && !subject.is_in(self.list(ListKind::BanException), act)
    }

    /// Whether the user is on the list of those who enter although it is for invited ones.
    #[must_use]
    pub fn expects(&self, network: &Network, user: &User) -> bool {
        let list = self.list(ListKind::InviteException);
        !list.is_empty() && network.subject(user).is_in(list, Act::Enter)
    }

    /// The bans and mutes that are about a user, whether it is excepted or not.
    pub fn masks_on<'a>(
        &'a self,
        network: &'a Network,
        user: &'a User,
    ) -> impl Iterator<Item = &'a ListEntry> {
        let subject = network.subject(user);
        let bans = self.list(ListKind::Ban).iter();
        bans.filter(move |entry| subject.is_in(std::slice::from_ref(entry), Act::Speak))
    }

    /// Whether a nick from elsewhere, that somebody speaks for, is muted and not excepted.
    pub(crate) fn mutes_relayed(&self, nick: &str) -> bool {
        let prefix = format!("{nick}!*@*");
        let prefix = name::subject(&prefix);
        let subject = Subject {
            end: name::end(&prefix),
            prefix,
            account: None,
        };
        subject.is_in(self.list(ListKind::Ban), Act::Speak)
            && !subject.is_in(self.list(ListKind::BanException), Act::Speak)
    }
}

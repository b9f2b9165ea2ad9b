//! From sessions to their users.

use hashbrown::HashTable;

use crate::dense::{Dense, mixed};
use crate::{SessionId, User, UserId, UserSession};

/// Finds the user of a session.
///
/// Holds the ids of users alone, once for each of their sessions: which session an entry stands for
/// is asked of the user. So it is filled again from all users where it grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionIndex(HashTable<UserId>);

impl SessionIndex {
    /// How many sessions there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The user of a session.
    pub(crate) fn get<'a>(
        &self,
        session: SessionId,
        users: &'a Dense<Box<User>>,
    ) -> Option<&'a User> {
        let found = self.0.find(hash(session), |id| has(users, *id, session))?;
        users.get(found.0).map(Box::as_ref)
    }

    /// Enters sessions that their user in `users` does not have yet, if the user is there at all.
    pub(crate) fn insert(
        &mut self,
        sessions: &[UserSession],
        user: UserId,
        users: &Dense<Box<User>>,
    ) {
        if self.0.len() + sessions.len() > self.0.capacity() {
            let room = 2 * (self.0.len() + sessions.len());
            self.0 = HashTable::with_capacity(room);
            for user in users.iter() {
                self.enter(user.sessions(), user.id());
            }
        }
        self.enter(sessions, user);
    }

    /// Takes a session out that its user still has.
    pub(crate) fn remove(
        &mut self,
        session: SessionId,
        users: &Dense<Box<User>>,
    ) -> Option<UserId> {
        let found = self
            .0
            .find_entry(hash(session), |id| has(users, *id, session));
        found.ok().map(|entry| entry.remove().0)
    }

    fn enter(&mut self, sessions: &[UserSession], user: UserId) {
        for session in sessions {
            self.0.insert_unique(hash(session.id), user, |_| {
                unreachable!("there is room: it was made before the entry")
            });
        }
    }
}

fn has(users: &Dense<Box<User>>, id: UserId, session: SessionId) -> bool {
    users.get(id.0).is_some_and(|user| {
        let mut own = user.sessions().iter();
        own.any(|own| own.id == session)
    })
}

fn hash(session: SessionId) -> u64 {
    mixed(session.as_u64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewUser, ServerId, Timestamp};

    fn session(serial: u32) -> SessionId {
        SessionId::new(ServerId(1), 1, serial)
    }

    fn user(id: u64, first: u32) -> Box<User> {
        let new = NewUser {
            nick: "ann".into(),
            username: "ann".into(),
            host: "host.example".into(),
            realname: "Ann".into(),
            secure: false,
            certificate: None,
            account: None,
            away: None,
        };
        Box::new(User::new(UserId(id), session(first), &new, Timestamp(0)))
    }

    /// Users have one to three sessions; all are found while the index grows, and none that is gone.
    #[test]
    fn every_session_leads_to_its_user() {
        let (mut index, mut users) = (SessionIndex::default(), Dense::default());
        for id in 1..=500_u32 {
            let own = |serial| UserSession::new(session(serial), false);
            let mut new = user(id.into(), id * 10);
            if id % 7 == 0 {
                // As from a snapshot: all at once.
                new.sessions
                    .extend((1..=id % 3).map(|more| own(id * 10 + more)));
            }
            index.insert(new.sessions(), new.id(), &users);
            let known = u32::try_from(new.sessions.len()).unwrap();
            users.insert(new);
            for more in known..=id % 3 {
                let own = own(id * 10 + more);
                index.insert(&[own], UserId(id.into()), &users);
                users.get_mut(id.into()).unwrap().sessions.push(own);
            }
        }
        let found = |index: &SessionIndex, users: &Dense<Box<User>>, serial| {
            index.get(session(serial), users).map(User::id)
        };
        for id in 1..=500 {
            for more in 0..10 {
                let there = more <= id % 3;
                let expected = there.then_some(UserId(id.into()));
                assert_eq!(found(&index, &users, id * 10 + more), expected);
            }
        }
        // In and out many times: what is left of removed entries is cleared away in time.
        for turn in 0..20_000_u32 {
            let id = 1 + turn % 500;
            assert_eq!(
                index.remove(session(id * 10), &users),
                Some(UserId(id.into()))
            );
            let user = users.get_mut(id.into()).unwrap();
            let own = user.sessions.remove(0);
            index.insert(&[own], UserId(id.into()), &users);
            let user = users.get_mut(id.into()).unwrap();
            user.sessions.insert(0, own);
        }
        let all: usize = users.iter().map(|user| user.sessions().len()).sum();
        assert_eq!(index.len(), all);
        assert_eq!(found(&index, &users, 10), Some(UserId(1)));
        assert_eq!(index.remove(session(4), &users), None);
    }
}

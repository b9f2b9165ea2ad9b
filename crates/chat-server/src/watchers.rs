//! Who wants to know of whose coming and going (MONITOR).

use chat_network::SessionId;
use chat_proto::fold::{fold, same};
use hashbrown::HashMap;
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::state::MONITORED;

/// Who wants to know of whose coming and going: sessions by nick and nicks by session. Only sessions
/// of this server are in it; each has at most [`MONITORED`] nicks.
#[derive(Default)]
pub(crate) struct Watchers {
    by_nick: HashMap<SmolStr, SmallVec<[SessionId; 2]>>,
    by_session: HashMap<SessionId, Vec<SmolStr>>,
}

/// A session monitors as many nicks as it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

impl Watchers {
    /// Adds a nick, as the client writes it; one that is there already stays as it is.
    pub(crate) fn add(&mut self, session: SessionId, nick: &str) -> Result<(), Full> {
        let own = self.by_session.entry(session).or_default();
        if own.iter().any(|known| same(known, nick)) {
            return Ok(());
        }
        if own.len() >= MONITORED {
            return Err(Full);
        }
        own.push(nick.into());
        self.by_nick.entry(folded(nick)).or_default().push(session);
        Ok(())
    }

    /// Takes a nick out.
    pub(crate) fn remove(&mut self, session: SessionId, nick: &str) {
        if let Some(own) = self.by_session.get_mut(&session) {
            own.retain(|known| !same(known, nick));
            if own.is_empty() {
                self.by_session.remove(&session);
            }
        }
        self.unwatch(session, &folded(nick));
    }

    /// Takes all nicks of a session out.
    pub(crate) fn clear(&mut self, session: SessionId) {
        for nick in self.by_session.remove(&session).unwrap_or_default() {
            self.unwatch(session, &folded(&nick));
        }
    }

    /// The nicks of a session, oldest first.
    pub(crate) fn nicks(&self, session: SessionId) -> &[SmolStr] {
        self.by_session.get(&session).map_or(&[], Vec::as_slice)
    }

    /// The sessions that monitor a nick.
    pub(crate) fn of(&self, nick: &str) -> &[SessionId] {
        if self.by_nick.is_empty() {
            return &[];
        }
        let sessions = self.by_nick.get(&folded(nick));
        sessions.map_or(&[], SmallVec::as_slice)
    }

    /// Whether nobody monitors anybody.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_nick.is_empty()
    }

    fn unwatch(&mut self, session: SessionId, folded: &str) {
        if let Some(sessions) = self.by_nick.get_mut(folded) {
            sessions.retain(|watching| *watching != session);
            if sessions.is_empty() {
                self.by_nick.remove(folded);
            }
        }
    }
}

fn folded(nick: &str) -> SmolStr {
    SmolStr::new(fold(nick))
}

#[cfg(test)]
mod tests {
    use chat_network::ServerId;

    use super::*;

    #[test]
    fn nothing_is_left_of_a_session_that_is_gone() {
        let [one, two] = [1, 2].map(|serial| SessionId::new(ServerId(1), 1, serial));
        let mut watchers = Watchers::default();
        for nick in ["Ann", "ANN", "bob"] {
            watchers.add(one, nick).unwrap();
        }
        watchers.add(two, "ann").unwrap();
        assert_eq!(watchers.nicks(one), ["Ann", "bob"]);
        assert_eq!(watchers.of("aNN"), [one, two]);
        watchers.remove(one, "ann");
        assert_eq!(watchers.of("ann"), [two]);
        watchers.clear(one);
        watchers.remove(two, "ANN");
        assert!(watchers.is_empty() && watchers.by_session.is_empty());
    }

    #[test]
    fn a_session_has_its_bound() {
        let session = SessionId::new(ServerId(1), 1, 1);
        let mut watchers = Watchers::default();
        for number in 0..MONITORED {
            watchers.add(session, &format!("n{number}")).unwrap();
        }
        assert_eq!(watchers.add(session, "one-more"), Err(Full));
        assert_eq!(watchers.add(session, "N0"), Ok(()));
    }
}

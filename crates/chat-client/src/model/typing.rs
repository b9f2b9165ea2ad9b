//! Who is writing just now.

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use crate::query::Typing;

/// How long somebody who writes counts as writing without telling so again.
const ACTIVE: SignedDuration = SignedDuration::from_secs(6);

/// No more people than this are kept; nobody reads longer lists.
const PEOPLE: usize = 12;

/// Those who write in one buffer, each with the moment until which that holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typists(Vec<(SmolStr, Timestamp)>);

impl Typists {
    /// Somebody tells how it stands.
    pub(crate) fn told(&mut self, nick: &str, state: Typing, at: Timestamp) {
        self.gone(nick);
        self.0.retain(|(_, until)| *until > at);
        if state == Typing::Active && self.0.len() < PEOPLE {
            let until = at.saturating_add(ACTIVE).unwrap_or(at);
            self.0.push((nick.into(), until));
        }
    }

    /// Somebody has said it, or is no longer there.
    pub(crate) fn gone(&mut self, nick: &str) {
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(nick));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Who writes at that moment.
    pub(crate) fn active(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let active = self.0.iter().filter(move |(_, until)| *until > now);
        active.map(|(nick, _)| nick.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stops_is_forgotten_after_a_while_or_at_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut typists = Typists::default();
        typists.told("ana", Typing::Active, at(0));
        typists.told("bob", Typing::Active, at(3));
        let active = |typists: &Typists, second| -> Vec<String> {
            typists.active(at(second)).map(str::to_owned).collect()
        };
        assert_eq!(active(&typists, 4), ["ana", "bob"]);
        assert_eq!(active(&typists, 7), ["bob"]);
        typists.told("Bob", Typing::Paused, at(7));
        assert!(active(&typists, 7).is_empty());
        for n in 0..50 {
            typists.told(&format!("n{n}"), Typing::Active, at(8));
        }
        assert_eq!(active(&typists, 8).len(), PEOPLE);
    }
}

//! Who is on a channel.

use indexmap::IndexMap;
use smol_str::SmolStr;

/// No channel is kept with more members than this; a server that sends more is not believed.
const MAX_MEMBERS: usize = 100_000;

/// The prefixes a server gives to members, highest first: mode letter and sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefixes(Vec<(char, char)>);

/// One member of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The nickname.
    pub nick: SmolStr,
    /// Its prefix signs, highest first: `@` for operators, `+` for voiced.
    pub prefixes: SmolStr,
    /// Whether the person is away, as far as the server told.
    pub away: bool,
}

/// The members of a channel by their folded nicknames.
#[derive(Debug, Clone, Default)]
pub struct Members {
    members: IndexMap<SmolStr, Member>,
    /// What a list of names under way has brought so far; replaces all when it is complete.
    listed: Option<IndexMap<SmolStr, Member>>,
    version: u64,
}

// === impl Prefixes ===

impl Prefixes {
    /// Reads the value of ISUPPORT's PREFIX, such as `(ov)@+`.
    pub(crate) fn parse(value: &str) -> Option<Prefixes> {
        let (modes, signs) = value.strip_prefix('(')?.split_once(')')?;
        let same = modes.chars().count() == signs.chars().count();
        same.then(|| Prefixes(modes.chars().zip(signs.chars()).collect()))
    }

    pub(crate) fn sign_of(&self, mode: char) -> Option<char> {
        let found = self.0.iter().find(|(m, _)| *m == mode);
        found.map(|(_, sign)| *sign)
    }

    /// How high a member with these prefixes stands; 0 is the highest.
    pub(crate) fn rank(&self, prefixes: &str) -> usize {
        let first = prefixes.chars().next();
        let found = self.0.iter().position(|(_, sign)| Some(*sign) == first);
        found.unwrap_or(self.0.len())
    }

    /// Splits `@+nick` into its signs and the nickname.
    pub(crate) fn split<'a>(&self, text: &'a str) -> (&'a str, &'a str) {
        let is_sign = |c: char| self.0.iter().any(|(_, sign)| *sign == c);
        let nick = text.trim_start_matches(is_sign);
        text.split_at(text.len() - nick.len())
    }

    fn changed(&self, prefixes: &str, sign: char, on: bool) -> SmolStr {
        let kept = |s: &char| (prefixes.contains(*s) && *s != sign) || (*s == sign && on);
        self.0.iter().map(|(_, sign)| *sign).filter(kept).collect()
    }
}

impl Default for Prefixes {
    fn default() -> Prefixes {
        Prefixes(vec![('o', '@'), ('v', '+')])
    }
}

// === impl Members ===

impl Members {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All of them, operators first, then by name: a stable order for showing.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    /// Changes whenever anything about the members changes, so that a view need not be rebuilt.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn contains(&self, folded: &str) -> bool {
        self.members.contains_key(folded)
    }

    pub(crate) fn clear(&mut self) {
        self.members.clear();
        self.listed = None;
        self.version += 1;
    }

    pub(crate) fn add(&mut self, folded: SmolStr, member: Member, ranks: &Prefixes) {
        if let Some(listed) = &mut self.listed {
            insert(listed, folded.clone(), member.clone(), None);
        }
        insert(&mut self.members, folded, member, Some(ranks));
        self.version += 1;
    }

    pub(crate) fn remove(&mut self, folded: &str) -> bool {
        if let Some(listed) = &mut self.listed {
            listed.shift_remove(folded);
        }
        let found = self.members.shift_remove(folded).is_some();
        self.version += u64::from(found);
        found
    }

    /// Changes one member in place; its position is found anew.
    pub(crate) fn change(
        &mut self,
        folded: &str,
        ranks: &Prefixes,
        change: impl FnOnce(&mut Member) -> Option<SmolStr>,
    ) -> bool {
        let Some(mut member) = self.members.shift_remove(folded) else {
            return false;
        };
        let key = change(&mut member).unwrap_or_else(|| folded.into());
        if let Some(listed) = &mut self.listed
            && listed.shift_remove(folded).is_some()
        {
            insert(listed, key.clone(), member.clone(), None);
        }
        insert(&mut self.members, key, member, Some(ranks));
        self.version += 1;
        true
    }

    pub(crate) fn set_prefix(&mut self, folded: &str, sign: char, on: bool, ranks: &Prefixes) {
        self.change(folded, ranks, |member| {
            member.prefixes = ranks.changed(&member.prefixes, sign, on);
            None
        });
    }

    /// Somebody is away, or back. Says whether that is new.
    pub(crate) fn set_away(&mut self, folded: &str, away: bool, ranks: &Prefixes) -> bool {
        let changed = self.members.get(folded).is_some_and(|m| m.away != away);
        changed
            && self.change(folded, ranks, |member| {
                member.away = away;
                None
            })
    }

    /// One name of a list that the server sends in parts.
    pub(crate) fn list(&mut self, folded: SmolStr, member: Member) {
        let away = self.members.get(&folded).is_some_and(|m| m.away);
        let listed = self.listed.get_or_insert_default();
        insert(listed, folded, Member { away, ..member }, None);
    }

    /// The list is complete: it is the truth from now on.
    pub(crate) fn listed(&mut self, ranks: &Prefixes) {
        if let Some(mut listed) = self.listed.take() {
            listed.sort_by(|a, x, b, y| {
                let one = (ranks.rank(&x.prefixes), a);
                one.cmp(&(ranks.rank(&y.prefixes), b))
            });
            self.members = listed;
            self.version += 1;
        }
    }
}

/// Puts a member in, sorted if ranks are given. Beyond the bound nobody is added.
fn insert(
    members: &mut IndexMap<SmolStr, Member>,
    folded: SmolStr,
    member: Member,
    ranks: Option<&Prefixes>,
) {
    if members.len() >= MAX_MEMBERS && !members.contains_key(&folded) {
        return;
    }
    match ranks {
        None => {
            members.insert(folded, member);
        }
        Some(ranks) => {
            members.shift_remove(&folded);
            let rank = ranks.rank(&member.prefixes);
            let at = members.binary_search_by(|key, other| {
                (ranks.rank(&other.prefixes), key).cmp(&(rank, &folded))
            });
            let at = at.unwrap_or_else(|at| at);
            members.shift_insert(at, folded, member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(text: &str) -> (SmolStr, Member) {
        let (prefixes, nick) = Prefixes::default().split(text);
        let member = Member {
            nick: nick.into(),
            prefixes: prefixes.into(),
            away: false,
        };
        (nick.to_ascii_lowercase().into(), member)
    }

    fn names(members: &Members) -> Vec<String> {
        let name = |m: &Member| format!("{}{}", m.prefixes, m.nick);
        members.iter().map(name).collect()
    }

    #[test]
    fn members_stand_by_rank_and_name() {
        let ranks = Prefixes::default();
        let mut members = Members::default();
        for text in ["zoe", "+bob", "Ana", "@mia"] {
            let (folded, member) = member(text);
            members.add(folded, member, &ranks);
        }
        assert_eq!(names(&members), ["@mia", "+bob", "Ana", "zoe"]);
        members.set_prefix("zoe", '@', true, &ranks);
        members.set_prefix("bob", '@', true, &ranks);
        assert_eq!(names(&members), ["@+bob", "@mia", "@zoe", "Ana"]);
        members.set_prefix("bob", '@', false, &ranks);
        assert_eq!(names(&members), ["@mia", "@zoe", "+bob", "Ana"]);
    }

    #[test]
    fn a_list_replaces_all_and_keeps_who_joins_meanwhile() {
        let ranks = Prefixes::default();
        let mut members = Members::default();
        let (folded, gone) = member("gone");
        members.add(folded, gone, &ranks);
        for text in ["zoe", "@mia"] {
            let (folded, member) = member(text);
            members.list(folded, member);
        }
        let (folded, late) = member("late");
        members.add(folded, late, &ranks);
        members.remove("zoe");
        members.listed(&ranks);
        assert_eq!(names(&members), ["@mia", "late"]);
    }

    #[test]
    fn prefixes_are_read_from_isupport() {
        let ranks = Prefixes::parse("(qaohv)~&@%+").unwrap();
        assert_eq!(ranks.split("~@nick"), ("~@", "nick"));
        assert_eq!(ranks.sign_of('h'), Some('%'));
        assert!(ranks.rank("~") < ranks.rank("+") && ranks.rank("+") < ranks.rank(""));
        assert_eq!(Prefixes::parse("(ov)@"), None);
        assert_eq!(Prefixes::parse("nonsense"), None);
    }
}

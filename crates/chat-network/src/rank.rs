//! Ranks of members, and what one gives over others.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A member's rank in a channel, lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum MemberPrefix {
    /// `v`, `+`: may speak where moderated.
    Voice,
    /// `h`, `%`: half-operator; gives voice, sets the topic, kicks who has none of the other ranks.
    HalfOperator,
    /// `o`, `@`: operator of the channel.
    Operator,
    /// `a`, `&`: admin, whom operators cannot touch.
    Admin,
    /// `q`, `~`: founder.
    Founder,
}

impl MemberPrefix {
    /// All ranks, highest first, as `PREFIX` in ISUPPORT lists them.
    pub const ALL: [Self; 5] = [
        Self::Founder,
        Self::Admin,
        Self::Operator,
        Self::HalfOperator,
        Self::Voice,
    ];

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Voice => 'v',
            Self::HalfOperator => 'h',
            Self::Operator => 'o',
            Self::Admin => 'a',
            Self::Founder => 'q',
        }
    }

    /// The rank of a letter.
    #[must_use]
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.letter() == letter)
    }

    /// The mark before the nick of who has it.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Voice => '+',
            Self::HalfOperator => '%',
            Self::Operator => '@',
            Self::Admin => '&',
            Self::Founder => '~',
        }
    }

    /// The rank of a mark.
    #[must_use]
    pub fn of_symbol(symbol: char) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.symbol() == symbol)
    }

    /// How high it is, from 1; what storage keeps.
    #[must_use]
    pub const fn level(self) -> u8 {
        self as u8 + 1
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The ranks of one member, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MemberModes(u8);

impl MemberModes {
    /// No rank.
    pub const NONE: Self = Self(0);

    /// One rank only.
    #[must_use]
    pub const fn only(prefix: MemberPrefix) -> Self {
        Self(prefix.bit())
    }

    /// Whether a rank is held.
    #[must_use]
    pub const fn has(self, prefix: MemberPrefix) -> bool {
        self.0 & prefix.bit() != 0
    }

    /// Whether a rank or a higher one is held.
    #[must_use]
    pub const fn reaches(self, prefix: MemberPrefix) -> bool {
        self.0 >= prefix.bit()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The highest rank that is held.
    #[must_use]
    pub fn highest(self) -> Option<MemberPrefix> {
        self.iter().next()
    }

    /// The ranks that are held, highest first.
    pub fn iter(self) -> impl Iterator<Item = MemberPrefix> {
        MemberPrefix::ALL
            .into_iter()
            .filter(move |prefix| self.has(*prefix))
    }

    /// Whether who holds these may give or take a rank, or kick someone whose highest it is
    /// (`None`: someone without). Founders may do anything; admins and operators what concerns
    /// operators and below; half-operators what concerns voice.
    #[must_use]
    pub fn rules(self, other: Option<MemberPrefix>) -> bool {
        match self.highest() {
            Some(MemberPrefix::Founder) => true,
            Some(MemberPrefix::Admin | MemberPrefix::Operator) => {
                other <= Some(MemberPrefix::Operator)
            }
            Some(MemberPrefix::HalfOperator) => other <= Some(MemberPrefix::Voice),
            Some(MemberPrefix::Voice) | None => false,
        }
    }

    /// The letters of the ranks that are held.
    pub(crate) fn letters(self) -> SmolStr {
        self.iter().map(MemberPrefix::letter).collect()
    }

    /// The ranks of these letters; others mean nothing.
    pub(crate) fn from_letters(letters: &str) -> Self {
        let mut ranks = Self::NONE;
        for rank in letters.chars().filter_map(MemberPrefix::of_letter) {
            ranks.set(rank, true);
        }
        ranks
    }

    /// Gives (`true`) or takes a rank.
    pub(crate) fn set(&mut self, prefix: MemberPrefix, on: bool) {
        if on {
            self.0 |= prefix.bit();
        } else {
            self.0 &= !prefix.bit();
        }
    }
}

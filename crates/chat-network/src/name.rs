//! When two names are the same.

use std::borrow::Cow;

use chat_proto::{CaseMapping, fold};

pub(crate) use chat_proto::fold::same;

/// A name in the one form that all its spellings have.
#[must_use]
pub fn folded(name: &str) -> String {
    fold::fold(name).into_owned()
}

/// A `nick!user@host` as masks are held against it: as it is where it is ASCII, whose letters are
/// folded on the way.
pub(crate) fn subject(prefix: &str) -> Cow<'_, str> {
    if prefix.is_ascii() {
        Cow::Borrowed(prefix)
    } else {
        fold::fold(prefix)
    }
}

/// Whether a mask (with `*` and `?`, folded where it is not ASCII) matches all of a
/// [`subject`].
pub(crate) fn matches(mask: &str, subject: &str) -> bool {
    CaseMapping::Ascii.mask_matches(mask, subject)
}

/// How a mask ends: the bytes behind its last `*` or `?`, at most eight, coarsely folded. Most masks
/// end in a host, and most users are not from there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ending {
    /// The last byte is the lowest.
    bytes: u64,
    /// Which of them there are.
    known: u64,
}

impl Ending {
    /// What may end in any way.
    pub(crate) const ANY: Self = Self { bytes: 0, known: 0 };

    pub(crate) fn of_mask(mask: &str) -> Self {
        let literal = mask.bytes().rev();
        let count = literal
            .take_while(|byte| !matches!(byte, b'*' | b'?'))
            .take(8)
            .count();
        let known = match count {
            0 => 0,
            count => u64::MAX >> (64 - 8 * count),
        };
        Self {
            bytes: end(mask) & known,
            known,
        }
    }

    /// Whether what has this [`end`] may match the mask.
    #[inline]
    pub(crate) fn may_be(self, end: u64) -> bool {
        (end ^ self.bytes) & self.known == 0
    }
}

/// The last eight bytes of a text, coarsely folded, the last as the lowest; 0 where there are none.
pub(crate) fn end(text: &str) -> u64 {
    let last = text.bytes().rev().take(8);
    let shifted = last.enumerate().map(|(at, byte)| {
        let byte = fold_byte_coarsely(byte);
        u64::from(byte) << (8 * at)
    });
    shifted.sum()
}

/// A byte so that those of the same names are the same: coarser than any mapping (it joins all of `@`
/// to `_` with what is 32 further), which is enough to hash by.
pub(crate) const fn fold_byte_coarsely(byte: u8) -> u8 {
    if matches!(byte, b'@'..=b'_') {
        byte | 0x20
    } else {
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_at_the_end_keeps_all_that_match() {
        let masks = [
            "*",
            "*!*@*",
            "a?n!*@*.org",
            "*!*@host.?",
            "ann!~a@h.ORG",
            "*!*@é.org",
            "?",
            "",
        ];
        let prefixes = [
            "ann!~a@h.org",
            "ANN!~a@host.x",
            "bob!b@\u{e9}.org",
            "x!y@z",
            "g",
            "é",
            "",
        ];
        let mut told_apart = 0;
        for mask in masks {
            for prefix in prefixes {
                let expected = CaseMapping::Ascii.mask_matches(mask, prefix);
                let ends = Ending::of_mask(mask).may_be(end(prefix));
                assert!(ends || !expected, "{mask} on {prefix}");
                told_apart += usize::from(!ends);
            }
        }
        assert!(told_apart > 10, "{told_apart}");
    }

    #[test]
    fn the_coarse_fold_joins_what_any_mapping_joins() {
        let coarse = fold_byte_coarsely;
        for mapping in [CaseMapping::Ascii, CaseMapping::Rfc1459] {
            for one in 0..128_u8 {
                for other in 0..128_u8 {
                    let text = |byte| char::from(byte).to_string();
                    if mapping.eq(&text(one), &text(other)) {
                        assert_eq!(coarse(one), coarse(other), "{one} {other} {mapping:?}");
                    }
                }
            }
        }
    }
}

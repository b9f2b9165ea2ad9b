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
///
/// Most masks end in a host, and most users are not from there: what follows the last `*` is held
/// against the end first. A channel may have a hundred bans, and each message is held against all.
pub(crate) fn matches(mask: &str, subject: &str) -> bool {
    ends_as(mask, subject) && CaseMapping::Ascii.mask_matches(mask, subject)
}

/// Whether `prefix` may end in what follows the last wildcard of `mask`, as it must to match.
fn ends_as(mask: &str, prefix: &str) -> bool {
    let mut ends = mask.bytes().rev().zip(prefix.bytes().rev());
    let first_to_tell = ends.find(|(mask, own)| {
        matches!(mask, b'*' | b'?') || fold_byte_coarsely(*mask) != fold_byte_coarsely(*own)
    });
    first_to_tell.is_none_or(|(mask, _)| matches!(mask, b'*' | b'?'))
}

/// `name` as a byte sequence that is the same for the same names: coarser than any mapping (it
/// joins all of `@` to `_` with what is 32 further), which is enough to hash by and is done in
/// place.
pub(crate) fn fold_coarsely(name: &mut [u8]) {
    for byte in name {
        *byte = fold_byte_coarsely(*byte);
    }
}

const fn fold_byte_coarsely(byte: u8) -> u8 {
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
    fn the_look_at_the_end_changes_no_answer() {
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
        for mask in masks {
            for prefix in prefixes {
                let expected = CaseMapping::Ascii.mask_matches(mask, prefix);
                assert_eq!(matches(mask, prefix), expected, "{mask} on {prefix}");
            }
        }
    }

    #[test]
    fn the_coarse_fold_joins_what_any_mapping_joins() {
        let coarse = |byte: u8| {
            let mut byte = [byte];
            fold_coarsely(&mut byte);
            byte
        };
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

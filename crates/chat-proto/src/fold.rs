//! When two names are the same, and when one can be taken for the other.
//!
//! [`fold`] is the one rule by which nicks, channels, accounts and masks are compared: in the state,
//! on the wire and as the keys of the database. It is the mapping of PRECIS for user names
//! ([RFC 8265, 3.3](https://www.rfc-editor.org/rfc/rfc8265#section-3.3)): full-width letters are the
//! usual ones, capitals are small letters, and what can be composed is. Names of ASCII never get that
//! far: for them it is the change of `A` to `Z`.
//!
//! [`is_identifier`] tells what may be a name by the same profile, and [`skeleton`] what a name looks
//! like ([UTS 39, 4](https://www.unicode.org/reports/tr39/#Confusable_Detection)).

use std::borrow::Cow;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::{PrecisFastInvocation, Rules};
use unicode_normalization::UnicodeNormalization;

use crate::CaseMapping;
use crate::casemap::mask_matches;

/// The mapping is repeated until it changes nothing more, at most so often (RFC 8264, 7).
const ROUNDS: usize = 4;

/// A name in the one form that all its spellings have. Takes any text, also one that cannot be a
/// name; what names a whole, such as `nick!user@host` or `@#channel`, is folded in one piece.
///
/// ```
/// use chat_proto::fold::fold;
/// assert_eq!(fold("Ann"), "ann");
/// assert_eq!(fold("ÉCOLE"), "école");
/// assert_eq!(fold("e\u{301}cole"), "école");
/// ```
#[must_use]
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return CaseMapping::Ascii.fold(name);
    }
    let mut folded = Cow::Borrowed(name);
    for _ in 0..ROUNDS {
        let next = once(&folded);
        if next == folded {
            break;
        }
        folded = Cow::Owned(next);
    }
    folded
}

/// One round of the mapping.
fn once(name: &str) -> String {
    let profile = UsernameCaseMapped::new();
    // None of the three refuses anything; what they could not map would stay as it is.
    let mapped = profile.width_mapping_rule(name).unwrap_or(name.into());
    let mapped = profile.case_mapping_rule(mapped).unwrap_or(name.into());
    let mapped = profile.normalization_rule(mapped).unwrap_or(name.into());
    mapped.into_owned()
}

/// Whether two names are the same.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        CaseMapping::Ascii.eq(one, other)
    } else {
        one == other || fold(one) == fold(other)
    }
}

/// Whether a name fits a mask with `*` and `?`, both folded.
#[must_use]
pub fn fits(mask: &str, name: &str) -> bool {
    if mask.is_ascii() && name.is_ascii() {
        CaseMapping::Ascii.mask_matches(mask, name)
    } else {
        mask_matches(&fold(mask), &fold(name))
    }
}

/// Whether every character may stand in a name, and in this order: visible ASCII, or what PRECIS
/// takes for user names. So no spaces, no symbols, and no text that would run in two directions.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    if name.is_ascii() {
        return !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    }
    let enforced = UsernameCaseMapped::enforce(name);
    enforced.is_ok_and(|folded| UsernameCaseMapped::enforce(fold(&folded)).is_ok())
}

/// What a name looks like: two that can be taken for each other have the same.
///
/// It is made of the name as it is written, because small letters hide what capitals look like
/// (`I` is taken for `l`, `i` is not). The standard's `m` for `rn` is left out: it would join names
/// that nobody mixes up.
///
/// ```
/// use chat_proto::fold::skeleton;
/// assert_eq!(skeleton("paypal"), skeleton("раураl"));
/// assert_eq!(skeleton("alice"), skeleton("aIice"));
/// assert_ne!(skeleton("alice"), skeleton("bob"));
/// ```
#[must_use]
pub fn skeleton(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return ascii_skeleton(name);
    }
    let wide = UsernameCaseMapped::new();
    let wide = wide.width_mapping_rule(name).unwrap_or(name.into());
    let mut likeness = String::with_capacity(wide.len());
    for character in wide.nfd() {
        match character {
            // Which look like an m and not, as the standard has it, like rn.
            'm' | '\u{271}' | '\u{11700}' | '\u{118e3}' => likeness.push('m'),
            '\0'..='\x7f' => likeness.push_str(&ascii_skeleton(character.encode_utf8(&mut [0; 4]))),
            _ => likeness.extend(unicode_security::skeleton(
                character.encode_utf8(&mut [0; 4]),
            )),
        }
    }
    let likeness: String = likeness.nfd().collect();
    Cow::Owned(likeness.chars().flat_map(char::to_lowercase).collect())
}

/// Whether one name can be taken for the other: whether their [skeletons](skeleton) are the same.
///
/// ```
/// use chat_proto::fold::alike;
/// assert!(alike("alice", "aIice") && alike("paypal", "раураl"));
/// assert!(!alike("alice", "bob"));
/// ```
#[must_use]
pub fn alike(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        one.len() == other.len()
            && one
                .bytes()
                .zip(other.bytes())
                .all(|(one, other)| looks_like(one) == looks_like(other))
    } else {
        skeleton(one) == skeleton(other)
    }
}

/// What a byte of ASCII looks like in a [`skeleton`]: a few digits and marks look like letters.
#[must_use]
pub const fn looks_like(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'I' | b'|' => b'l',
        byte => byte.to_ascii_lowercase(),
    }
}

/// The skeleton of ASCII.
fn ascii_skeleton(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| looks_like(byte) == byte) {
        return Cow::Borrowed(name);
    }
    let mut likeness = String::with_capacity(name.len());
    likeness.extend(name.bytes().map(|byte| char::from(looks_like(byte))));
    Cow::Owned(likeness)
}

//! What counts as the same name, and masks over names.

use std::borrow::Cow;

/// Which characters are the same but for their case (`CASEMAPPING` in ISUPPORT).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CaseMapping {
    /// `A` to `Z`.
    #[default]
    Ascii,
    /// `A` to `Z`, and `[`, `]`, `\`, `~` as the capitals of `{`, `}`, `|`, `^` (RFC 1459, 2.2).
    Rfc1459,
}

impl CaseMapping {
    /// Its name in ISUPPORT.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Rfc1459 => "rfc1459",
        }
    }

    /// The mapping of that name in ISUPPORT.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ascii" => Some(Self::Ascii),
            "rfc1459" => Some(Self::Rfc1459),
            _ => None,
        }
    }

    /// `text` in small letters: equal for what counts as the same. Borrowed where nothing changes.
    ///
    /// ```
    /// use chat_proto::CaseMapping;
    /// assert_eq!(CaseMapping::Rfc1459.fold("Ann[1]"), "ann{1}");
    /// assert_eq!(CaseMapping::Ascii.fold("Ann[1]"), "ann[1]");
    /// ```
    #[must_use]
    pub fn fold(self, text: &str) -> Cow<'_, str> {
        if text.bytes().any(|byte| self.fold_byte(byte) != byte) {
            Cow::Owned(text.chars().map(|c| self.fold_char(c)).collect())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Whether two names are the same.
    #[must_use]
    pub fn eq(self, one: &str, other: &str) -> bool {
        one.len() == other.len()
            && one
                .bytes()
                .zip(other.bytes())
                .all(|(a, b)| self.fold_byte(a) == self.fold_byte(b))
    }

    /// Whether `text` fits `mask`, both folded on the way; see [`mask_matches`].
    #[must_use]
    pub fn mask_matches(self, mask: &str, text: &str) -> bool {
        matches(mask.as_bytes(), text.as_bytes(), |byte| {
            self.fold_byte(byte)
        })
    }

    fn fold_char(self, character: char) -> char {
        u8::try_from(character).map_or(character, |byte| match byte {
            0..=0x7f => char::from(self.fold_byte(byte)),
            _ => character,
        })
    }

    const fn fold_byte(self, byte: u8) -> u8 {
        match (self, byte) {
            (_, b'A'..=b'Z') => byte.to_ascii_lowercase(),
            (Self::Rfc1459, b'[') => b'{',
            (Self::Rfc1459, b']') => b'}',
            (Self::Rfc1459, b'\\') => b'|',
            (Self::Rfc1459, b'~') => b'^',
            _ => byte,
        }
    }
}

/// Whether `text` fits `mask`, where `*` stands for any characters and `?` for exactly one.
///
/// Bytes are compared as they are: fold both before. Takes no memory, and never more steps than the
/// product of the two lengths: after the text has got past a `*`, what stands before it is settled.
///
/// ```
/// use chat_proto::casemap::mask_matches;
/// assert!(mask_matches("*!*@*.example.org", "ann!a@host.example.org"));
/// assert!(!mask_matches("a?n", "an"));
/// ```
#[must_use]
pub fn mask_matches(mask: &str, text: &str) -> bool {
    matches(mask.as_bytes(), text.as_bytes(), |byte| byte)
}

fn matches(mask: &[u8], text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    let (mut at_mask, mut at_text) = (0, 0);
    // Where to go on after a mismatch: behind the last `*`, which then takes one character more.
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match mask.get(at_mask) {
            Some(b'*') => {
                at_mask += 1;
                if at_mask == mask.len() {
                    return true;
                }
                retry = Some((at_mask, at_text));
                continue;
            }
            Some(b'?') => {
                at_mask += 1;
                at_text = next_character(text, at_text);
                continue;
            }
            Some(&byte) if fold(byte) == fold(text[at_text]) => {
                at_mask += 1;
                at_text += 1;
                continue;
            }
            _ => {}
        }
        let Some((behind_star, taken)) = retry else {
            return false;
        };
        let taken = next_character(text, taken);
        retry = Some((behind_star, taken));
        (at_mask, at_text) = (behind_star, taken);
    }
    mask[at_mask..].iter().all(|byte| *byte == b'*')
}

/// Where the character after the one at `at` begins.
fn next_character(text: &[u8], at: usize) -> usize {
    const CONTINUATION: std::ops::RangeInclusive<u8> = 0x80..=0xbf;
    let mut next = at + 1;
    while text
        .get(next)
        .is_some_and(|byte| CONTINUATION.contains(byte))
    {
        next += 1;
    }
    next
}

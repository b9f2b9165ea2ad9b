//! Masks of channel lists: their full form, and whom they match.

use smol_str::{SmolStr, format_smolstr};

/// The full form `nick!user@host` of a mask as someone typed it; what is not given is `*`.
///
/// `None` where it cannot be a mask: empty, with blanks or control characters, or longer than `max`
/// bytes in full.
pub(crate) fn full(typed: &str, max: usize) -> Option<SmolStr> {
    if typed.is_empty() || typed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (nick, rest) = match typed.split_once('!') {
        Some((nick, rest)) => (nick, rest),
        None if typed.contains('@') => ("*", typed),
        None => (typed, "*"),
    };
    let (user, host) = rest.split_once('@').unwrap_or((rest, "*"));
    let or_any = |part| if str::is_empty(part) { "*" } else { part };
    let mask = format_smolstr!("{}!{}@{}", or_any(nick), or_any(user), or_any(host));
    (mask.len() <= max).then_some(mask)
}

/// Whether `mask` (with `*` and `?`) matches all of `text`, whatever the case.
///
/// Goes back to the last `*` only, so the work is at most the product of the two lengths.
pub(crate) fn matches(mask: &str, text: &str) -> bool {
    let (mask, text) = (mask.as_bytes(), text.as_bytes());
    let (mut m, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match mask.get(m) {
            Some(b'*') => {
                star = Some((m, t));
                m += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&text[t]) => {
                m += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                m = at + 1;
                t = from + 1;
            }
        }
    }
    mask[m..].iter().all(|byte| *byte == b'*')
}

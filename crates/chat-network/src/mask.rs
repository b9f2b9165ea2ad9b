//! Masks of channel lists in their full form.

use chat_proto::fold::fold;
use smol_str::{SmolStr, format_smolstr};

use crate::list_entry::{ACCOUNT, MUTE};

/// The full form of a mask as someone typed it: `nick!user@host`, where what is not given is `*`;
/// `a:account`; or one of them behind `m:`.
///
/// `None` where it cannot be a mask: empty, with blanks or control characters, or longer than `max`
/// bytes in full.
pub(crate) fn full(typed: &str, max: usize) -> Option<SmolStr> {
    if typed.is_empty() || typed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if let Some(muted) = typed.strip_prefix(MUTE) {
        let nested = muted.starts_with(MUTE);
        let mask = full(muted, max.checked_sub(MUTE.len())?).filter(|_| !nested)?;
        return Some(format_smolstr!("{MUTE}{mask}"));
    }
    if let Some(account) = typed.strip_prefix(ACCOUNT) {
        let fits = !account.is_empty() && typed.len() <= max && !account.contains(['!', '@']);
        return fits.then(|| SmolStr::new(typed));
    }
    let (nick, rest) = match typed.split_once('!') {
        Some((nick, rest)) => (nick, rest),
        None if typed.contains('@') => ("*", typed),
        None => (typed, "*"),
    };
    let (user, host) = rest.split_once('@').unwrap_or((rest, "*"));
    let or_any = |part| if str::is_empty(part) { "*" } else { part };
    let mask = format_smolstr!("{}!{}@{}", or_any(nick), or_any(user), or_any(host));
    // What is held against it is folded too.
    let mask = if mask.is_ascii() {
        mask
    } else {
        fold(&mask).into()
    };
    (mask.len() <= max).then_some(mask)
}

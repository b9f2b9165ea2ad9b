//! What may be a name, and how long names and texts may be (in bytes).

use std::borrow::Cow;

use crate::fold::{self, fold, is_identifier, skeleton};
use crate::limit::truncate;

/// The longest nick.
pub const NICKLEN: usize = 30;
/// The longest channel name, its prefix counted.
pub const CHANNELLEN: usize = 64;
/// The longest topic.
pub const TOPICLEN: usize = 390;
/// The longest reason of a kick.
pub const KICKLEN: usize = 255;
/// The longest away text.
pub const AWAYLEN: usize = 200;
/// The longest user name.
pub const USERLEN: usize = 10;
/// The longest host name.
pub const HOSTLEN: usize = 63;
/// The longest real name.
pub const NAMELEN: usize = 150;
/// The longest channel key.
pub const KEYLEN: usize = 32;

/// The letters that may begin a channel name (`CHANTYPES`).
pub const CHANTYPES: &str = "#";

/// What cannot stand in a nick: the marks of the protocol (separators, masks, `/` of relayed nicks) and
/// what trips programs up.
const NOT_IN_NICKS: Marks = Marks::of(b" ,*?.!@:/<>'\";#");
/// What cannot begin one: the marks of channels, ranks and servers.
const NOT_FIRST_IN_NICKS: &[char] = &['#', '~', '&', '@', '%', '+', '-', '$'];
/// What cannot stand in the name of a channel.
const NOT_IN_CHANNELS: Marks = Marks::of(b" ,:*?");

/// Some bytes of ASCII, each found with one look.
struct Marks(u128);

impl Marks {
    const fn of(marks: &[u8]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < marks.len() {
            set |= 1 << marks[at];
            at += 1;
        }
        Self(set)
    }

    const fn contains(&self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }
}

/// Whether `name` may be a nick: an [identifier](crate::fold::is_identifier) of any script without
/// ``,*?.!@:/<>'";#``, not beginning with one of `~&%+-$`. `0` is none, because WHOX says nothing by it.
#[must_use]
pub fn is_valid_nick(name: &str, max_len: usize) -> bool {
    if name.is_empty() || name.len() > max_len || name == "0" || !is_identifier(name) {
        return false;
    }
    // Full-width forms of the marks become the marks themselves.
    let folded = fold(name);
    folded.len() <= max_len
        && !folded.bytes().any(|byte| NOT_IN_NICKS.contains(byte))
        && !folded.starts_with(NOT_FIRST_IN_NICKS)
}

/// The nicks of the services, which nobody can have.
pub const SERVICES: [&str; 2] = ["NickServ", "ChanServ"];

/// Whether `name` is the nick of a service, or can be taken for it.
///
/// ```
/// use chat_proto::name::is_like_service;
/// assert!(is_like_service("nickserv") && is_like_service("NlCKSERV"));
/// assert!(!is_like_service("NickServ2"));
/// ```
#[must_use]
pub fn is_like_service(name: &str) -> bool {
    // What looks like ASCII has as many letters, where it is ASCII as well.
    let may_be = |service: &str| !name.is_ascii() || name.len() == service.len();
    SERVICES.iter().any(|service| {
        if !may_be(service) {
            return false;
        }
        let alike = |one: &str| skeleton(one).eq_ignore_ascii_case(&skeleton(name));
        fold::same(service, name)
            || alike(service)
            || alike(&service.to_uppercase())
            || alike(&service.to_lowercase())
    })
}

/// Whether `name` may be the nick of somebody from elsewhere that a bridge speaks for: a nick with a
/// `/` in it.
#[must_use]
pub fn is_valid_relayed_nick(name: &str, max_len: usize) -> bool {
    let ends = name.starts_with('/') || name.ends_with('/');
    let local = name.replace('/', "");
    name.contains('/') && !ends && name.len() <= max_len && is_valid_nick(&local, max_len)
}

/// Whether `name` may be a channel: `#`, and an [identifier](crate::fold::is_identifier) of any script
/// without comma, colon, `*` and `?`.
#[must_use]
pub fn is_valid_channel(name: &str, max_len: usize) -> bool {
    let behind = name.trim_start_matches('#');
    let named = is_identifier(behind) || (behind.is_empty() && name.len() > 1);
    if !is_channel_like(name) || name.len() > max_len || !named {
        return false;
    }
    let folded = fold(name);
    folded.len() <= max_len && !folded.bytes().any(|byte| NOT_IN_CHANNELS.contains(byte))
}

/// Whether `target` is meant as a channel: it begins as one.
#[must_use]
pub fn is_channel_like(target: &str) -> bool {
    target.starts_with('#')
}

/// Whether `key` may be a channel key: visible ASCII characters without comma and not beginning with
/// a colon.
#[must_use]
pub fn is_valid_key(key: &str, max_len: usize) -> bool {
    !key.is_empty()
        && key.len() <= max_len
        && !key.starts_with(':')
        && key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// What can be kept of the user name that a client gives: letters, digits, `-`, `.`, `_`, cut to
/// `max_len`; `user` where nothing is left.
#[must_use]
pub fn clean_username(name: &str, max_len: usize) -> Cow<'_, str> {
    let keep = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let kept = if name.chars().all(|c| keep(&c)) {
        Cow::Borrowed(truncate(name, max_len))
    } else {
        Cow::Owned(name.chars().filter(keep).take(max_len).collect())
    };
    if kept.is_empty() {
        Cow::Borrowed(truncate("user", max_len))
    } else {
        kept
    }
}

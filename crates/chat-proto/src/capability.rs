//! Capabilities of IRCv3, sets of them, and what `CAP` carries.

use std::borrow::Cow;
use std::fmt;

/// Defines [`Capability`] and its names from one table.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A capability that client and server can agree upon.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $variant,)*
        }

        impl Capability {
            /// Every capability known here, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in `CAP`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The capability of that name; names are case-sensitive.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

capabilities! {
    /// Tags on messages, client-only tags and `TAGMSG`.
    MessageTags = "message-tags";
    /// The `time` tag.
    ServerTime = "server-time";
    /// One's own messages come back.
    EchoMessage = "echo-message";
    /// All prefixes of a member in `NAMES` and `WHO`.
    MultiPrefix = "multi-prefix";
    /// `CAP NEW` and `CAP DEL`.
    CapNotify = "cap-notify";
    /// The `account` tag.
    AccountTag = "account-tag";
    /// `ACCOUNT` when somebody logs in or out.
    AccountNotify = "account-notify";
    /// `AWAY` when a member goes away or comes back.
    AwayNotify = "away-notify";
    /// Account and real name in `JOIN`.
    ExtendedJoin = "extended-join";
    /// `INVITE` of others.
    InviteNotify = "invite-notify";
    /// Whole `nick!user@host` in `NAMES`.
    UserhostInNames = "userhost-in-names";
    /// `CHGHOST` when user name or host change.
    Chghost = "chghost";
    /// `SETNAME`.
    Setname = "setname";
    /// `BATCH`.
    Batch = "batch";
    /// The `label` tag of a request comes back with its replies.
    LabeledResponse = "labeled-response";
    /// `FAIL`, `WARN` and `NOTE`.
    StandardReplies = "standard-replies";
    /// `AUTHENTICATE`.
    Sasl = "sasl";
    /// More events for who is monitored.
    ExtendedMonitor = "extended-monitor";
    /// Strict transport security; never requested, only told.
    Sts = "sts";
    /// No `NAMES` reply after `JOIN`.
    NoImplicitNames = "no-implicit-names";
    /// `CHATHISTORY`.
    Chathistory = "draft/chathistory";
    /// Events other than messages in history.
    EventPlayback = "draft/event-playback";
    /// `SEARCH`.
    Search = "soju.im/search";
    /// `MARKREAD`.
    ReadMarker = "draft/read-marker";
    /// `REGISTER` and `VERIFY`.
    AccountRegistration = "draft/account-registration";
    /// Messages of several lines.
    Multiline = "draft/multiline";
    /// `REDACT`.
    MessageRedaction = "draft/message-redaction";
    /// `RELAYMSG` of bridges.
    Relaymsg = "draft/relaymsg";
    /// `RENAME` of channels.
    ChannelRename = "draft/channel-rename";
    /// `ISUPPORT`, also before registration is complete, and in a batch.
    ExtendedIsupport = "draft/extended-isupport";
    /// `AWAY` before registration is complete.
    PreAway = "draft/pre-away";
    /// `METADATA`.
    Metadata = "draft/metadata-2";
}

/// A set of capabilities, as small as a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// No capability.
    pub const EMPTY: Self = Self(0);

    /// The set of these.
    #[must_use]
    pub const fn of(capabilities: &[Capability]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < capabilities.len() {
            bits |= bit(capabilities[index]);
            index += 1;
        }
        Self(bits)
    }

    /// Whether `capability` is in it.
    #[must_use]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & bit(capability) != 0
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Puts `capability` in.
    pub const fn insert(&mut self, capability: Capability) {
        self.0 |= bit(capability);
    }

    /// Takes `capability` out.
    pub const fn remove(&mut self, capability: Capability) {
        self.0 &= !bit(capability);
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one and not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The set as a number, which is the key of a variant while a program runs (not for storage).
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The capabilities in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |capability| self.contains(*capability))
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::EMPTY;
        for capability in capabilities {
            set.insert(capability);
        }
        set
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

const fn bit(capability: Capability) -> u64 {
    1 << capability as u8
}

/// What is on after a `CAP REQ`, which is met as a whole or not at all (`None`).
///
/// Names with a `-` in front are switched off. Where one name comes twice, the later one counts.
/// `may` says whether a capability that is known here may be switched on (`true`) or off.
///
/// ```
/// use chat_proto::capability::{Capability, CapabilitySet, requested};
/// let on = CapabilitySet::of(&[Capability::Batch]);
/// let after = requested("server-time -batch", on, |_, _| true);
/// assert_eq!(after, Some(CapabilitySet::of(&[Capability::ServerTime])));
/// assert_eq!(requested("server-time nonsense", on, |_, _| true), None);
/// ```
#[must_use]
pub fn requested(
    asked: &str,
    enabled: CapabilitySet,
    may: impl Fn(Capability, bool) -> bool,
) -> Option<CapabilitySet> {
    let mut after = enabled;
    for word in asked.split_ascii_whitespace() {
        let (on, name) = match word.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, word),
        };
        let capability = Capability::parse(name)?;
        if !may(capability, on) {
            return None;
        }
        if on {
            after.insert(capability);
        } else {
            after.remove(capability);
        }
    }
    Some(after)
}

/// Words in lines of at most `room` bytes; at least one line, and no word is cut.
#[must_use]
pub fn wrap<'a>(words: impl Iterator<Item = Cow<'a, str>>, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words {
        let mut line = lines.pop().unwrap_or_default();
        if !line.is_empty() && line.len() + 1 + word.len() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
        lines.push(line);
    }
    lines
}

const _: () = assert!(Capability::ALL.len() <= 64, "a set has 64 bits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fill_lines_and_are_never_cut() {
        let wrapped = |room| wrap(["aa", "bbb", "c", "dddd"].into_iter().map(Cow::from), room);
        assert_eq!(wrapped(100), ["aa bbb c dddd"]);
        assert_eq!(wrapped(6), ["aa bbb", "c dddd"]);
        assert_eq!(wrapped(1), ["aa", "bbb", "c", "dddd"]);
        assert_eq!(wrap(std::iter::empty(), 5), [""]);
    }

    #[test]
    fn a_request_is_met_as_a_whole() {
        let off = CapabilitySet::EMPTY;
        let batch = CapabilitySet::of(&[Capability::Batch]);
        let all = |_, _| true;
        assert_eq!(requested("", batch, all), Some(batch));
        assert_eq!(requested(" batch  -batch ", off, all), Some(off));
        assert_eq!(requested("-batch batch", off, all), Some(batch));
        for refused in ["batch Batch", "--batch", "-", "batch=x"] {
            assert_eq!(requested(refused, off, all), None, "{refused}");
        }
        let never_off = |_, on| on;
        assert_eq!(requested("batch", off, never_off), Some(batch));
        assert_eq!(requested("batch -batch", off, never_off), None);
    }
}

//! Capabilities of IRCv3, and sets of them.

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

const _: () = assert!(Capability::ALL.len() <= 64, "a set has 64 bits");

//! One client's session: a plain state machine without socket or runtime.

mod login;
mod multiline;
mod pending;
mod rare;
mod registration;

use std::cell::{Cell, Ref, RefCell};
use std::time::Instant;

use chat_network::{SessionId, Timestamp, UserId};
use chat_proto::capability::{Capability, CapabilitySet};
use chat_transport::tls::Fingerprint;
use smol_str::SmolStr;

pub(crate) use login::{Exchange, Login, Stage as SaslStage};
pub(crate) use multiline::{Fault, Multiline};
pub(crate) use pending::{Pending, PendingQueue};
pub(crate) use rare::Rare;
pub(crate) use registration::Registration;

/// How far a session has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// NICK, USER, CAP and PASS are awaited.
    Opening,
    /// The network was asked to make it a user.
    Asked,
    /// It is a user's.
    Registered(UserId),
    /// It was, and its user has left.
    Departed,
}

/// What the server knows of one connected client.
pub(crate) struct Session {
    /// The id, never used twice.
    pub(crate) id: SessionId,
    /// The host as others see it.
    pub(crate) host: SmolStr,
    /// The connection is secure (TLS) up to the edge.
    pub(crate) secure: bool,
    /// The certificate that the client has proved to hold. Few have one: boxed.
    pub(crate) certificate: Option<Box<Fingerprint>>,
    /// What is wanted for the registration, until it is done.
    pub(crate) registration: RefCell<Option<Box<Registration>>>,
    /// The message of several lines that is being sent.
    pub(crate) multiline: RefCell<Option<Box<Multiline>>>,
    /// The requests that were sent and not yet answered, oldest first.
    pub(crate) pending: PendingQueue,
    /// What it has done to prove who it is.
    pub(crate) login: Login,
    /// What few sessions have.
    rare: Cell<Option<Box<Rare>>>,
    stage: Cell<Stage>,
    nick: RefCell<SmolStr>,
    capabilities: Cell<CapabilitySet>,
    cap_302: Cell<bool>,
    variant: Cell<Variant>,
    /// How often OPER has failed, and when it did last; boxed, as few try.
    pub(crate) oper: Cell<Option<Box<Tries>>>,
}

/// How often something was tried in vain, and when it was last.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tries {
    /// How often.
    pub(crate) count: u8,
    /// When it was last.
    pub(crate) last: Option<Instant>,
}

impl Session {
    /// A session that has said nothing yet.
    pub(crate) fn new(id: SessionId, host: SmolStr, secure: bool) -> Self {
        Self {
            id,
            host,
            secure,
            certificate: None,
            registration: RefCell::new(Some(Box::default())),
            multiline: RefCell::new(None),
            pending: PendingQueue::default(),
            login: Login::default(),
            rare: Cell::default(),
            stage: Cell::new(Stage::Opening),
            nick: RefCell::new(SmolStr::new_static("*")),
            capabilities: Cell::default(),
            cap_302: Cell::default(),
            variant: Cell::default(),
            oper: Cell::default(),
        }
    }

    /// What few sessions have, to be looked at or changed.
    pub(crate) fn rare<T>(&self, with: impl FnOnce(&mut Rare) -> T) -> T {
        match self.rare.take() {
            Some(mut own) => {
                let result = with(&mut own);
                self.rare.set(Some(own));
                result
            }
            None => {
                let mut own = Rare::default();
                let result = with(&mut own);
                if own.is_used() {
                    self.rare.set(Some(Box::new(own)));
                }
                result
            }
        }
    }

    /// How far a target is read, as the session itself has said.
    pub(crate) fn read_marker(&self, target: &str) -> Option<Timestamp> {
        self.rare(|own| own.markers.as_ref().and_then(|markers| markers.get(target)))
    }

    /// A target is read so far, as the session says.
    pub(crate) fn mark_read(&self, target: &str, time: Timestamp) {
        self.rare(|own| own.markers.get_or_insert_default().set(target, time));
    }

    /// How often OPER has failed.
    pub(crate) fn oper_tries(&self) -> Tries {
        let tries = self.oper.take();
        let known = tries.as_deref().copied().unwrap_or_default();
        self.oper.set(tries);
        known
    }

    /// How far it has come.
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Its user, once registered and until departed.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self.stage.get() {
            Stage::Registered(user) => Some(user),
            _ => None,
        }
    }

    /// The first parameter of its numerics: its nick, `*` before it has one.
    pub(crate) fn nick(&self) -> Ref<'_, SmolStr> {
        self.nick.borrow()
    }

    /// The nick is another now.
    pub(crate) fn set_nick(&self, nick: SmolStr) {
        self.nick.replace(nick);
    }

    /// The network was asked.
    pub(crate) fn asked(&self) {
        self.stage.set(Stage::Asked);
    }

    /// The network refused the registration; another nick may help.
    pub(crate) fn refused(&self) {
        self.stage.set(Stage::Opening);
        self.set_nick(SmolStr::new_static("*"));
        if let Some(registration) = self.registration.borrow_mut().as_mut() {
            registration.nick = None;
        }
    }

    /// The network made it a user.
    pub(crate) fn registered(&self, user: UserId, nick: SmolStr) {
        self.stage.set(Stage::Registered(user));
        self.set_nick(nick);
        self.registration.replace(None);
    }

    /// Its user has left, or it was the end of this session.
    pub(crate) fn departed(&self) {
        self.stage.set(Stage::Departed);
    }

    /// The capabilities that are on.
    pub(crate) fn capabilities(&self) -> CapabilitySet {
        self.capabilities.get()
    }

    /// `CAP LS` was asked with version 302 or a later one.
    pub(crate) fn agree_to_302(&self) {
        self.cap_302.set(true);
    }

    /// Whether capabilities are negotiated by version 302.
    pub(crate) fn agreed_to_302(&self) -> bool {
        self.cap_302.get()
    }

    /// Whether a capability is on.
    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.capabilities.get().contains(capability)
    }

    /// Other capabilities are on now.
    pub(crate) fn set_capabilities(&self, capabilities: CapabilitySet) {
        self.capabilities.set(capabilities);
        self.variant.set(Variant::of(capabilities));
    }

    /// How events are rendered for it.
    pub(crate) fn variant(&self) -> Variant {
        self.variant.get()
    }
}

/// What of a session's capabilities changes the bytes of an event; sessions with the same variant
/// get the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Variant(u8);

impl Variant {
    const TAGS: u8 = 1;
    const TIME: u8 = 2;
    const EXTENDED_JOIN: u8 = 4;
    const ACCOUNT: u8 = 8;
    /// Above all those that count for the [`index`](Self::index).
    const MULTILINE: u8 = 128;

    fn of(capabilities: CapabilitySet) -> Self {
        let bit = |capability, bit| {
            if capabilities.contains(capability) {
                bit
            } else {
                0
            }
        };
        Self(
            bit(Capability::MessageTags, Self::TAGS)
                | bit(Capability::ServerTime, Self::TIME)
                | bit(Capability::ExtendedJoin, Self::EXTENDED_JOIN)
                | bit(Capability::AccountTag, Self::ACCOUNT)
                // Without batch it could not be shown.
                | (bit(Capability::Multiline, Self::MULTILINE)
                    & bit(Capability::Batch, Self::MULTILINE)),
        )
    }

    /// What tells it from others as far as single lines go.
    pub(crate) fn index(self) -> u8 {
        self.0 & !Self::MULTILINE
    }

    /// Messages of several lines come as a batch.
    pub(crate) fn multiline(self) -> bool {
        self.0 & Self::MULTILINE != 0
    }

    /// The variant as far as it matters to an event that does not differ by extended-join.
    pub(crate) fn without_join(self) -> Self {
        Self(self.0 & !Self::EXTENDED_JOIN)
    }

    /// The variant as far as it matters to an event whose source has no account.
    pub(crate) fn without_account(self) -> Self {
        Self(self.0 & !Self::ACCOUNT)
    }

    /// The `account` tag is understood.
    pub(crate) fn account(self) -> bool {
        self.0 & Self::ACCOUNT != 0
    }

    /// Message ids and client-only tags are understood.
    pub(crate) fn tags(self) -> bool {
        self.0 & Self::TAGS != 0
    }

    /// The `time` tag is understood.
    pub(crate) fn time(self) -> bool {
        self.0 & Self::TIME != 0
    }

    /// JOIN carries account and real name.
    pub(crate) fn extended_join(self) -> bool {
        self.0 & Self::EXTENDED_JOIN != 0
    }
}

//! The state of the chat and how it changes.
//!
//! [`Network`] is the whole chat: servers, users, their sessions, channels. It is a pure state
//! machine with two verbs:
//!
//! * [`Network::decide`] holds a [`Request`] against the state and answers with the [`Event`] that
//!   follows from it, or with the [`Rejection`] that the asker gets. It changes nothing.
//! * [`Network::apply`] makes an [`Entry`] (an event with its position and time) true. It cannot
//!   fail on an event that was decided against the same state.
//!
//! There is no clock, no randomness, no input or output and no async in here: position and time
//! come with the entry, so replicas that apply the same entries are equal.
//!
//! ```
//! use chat_network::{
//!     Action, Entry, Event, Limits, Network, NewUser, Origin, Position, Request, ServerId,
//!     SessionId, Stamp, Timestamp,
//! };
//!
//! let mut network = Network::new(Limits::default());
//! let origin = Origin::Session(SessionId::new(ServerId(1), 1, 1));
//! let user = NewUser {
//!     nick: "ann".into(),
//!     username: "~ann".into(),
//!     host: "host.example".into(),
//!     realname: "Ann".into(),
//!     secure: false,
//!     certificate: None,
//!     account: None,
//!     away: None,
//! };
//! let request = Request { origin, action: Action::Register(Box::new(user)) };
//! let stamp = Stamp { position: Position(1), time: Timestamp(0) };
//! let event = network.decide(&request, stamp)?;
//! assert!(matches!(event, Event::Registered { .. }));
//! network.apply(&Entry { stamp, origin, event });
//! assert!(network.user_by_nick("Ann").is_some());
//! # Ok::<(), chat_network::Rejection>(())
//! ```
//!
//! # What there is to use
//!
//! * Asking: a [`Request`] is an [`Action`] and its [`Origin`]; a [`NewUser`], a [`NewAccount`], a
//!   [`Redaction`], a [`MetadataWish`] and an [`OperatorAction`] are what some actions carry.
//! * What comes of it: an [`Entry`] is an [`Event`] and its [`Stamp`]. An [`Actor`] does it, a
//!   [`Recipient`] gets what is said, a [`Departure`] tells who leaves.
//! * Looking: [`Network`] has [`User`]s with [`UserSession`]s, [`Account`]s, [`Channel`]s with
//!   [`MemberModes`], [`PastUser`]s, [`NetworkBan`]s and the level of [`Defcon`]. An [`Identity`] stays the
//!   same whatever the nick.
//! * Keeping: [`Network::records`] and [`Network::restore`] with [`Records`]; snapshots are serialised
//!   as a whole.
//! * Bounds: [`Limits`], and a [`Reconfiguration`] while the chat runs.
//!
//! # Layout
//!
//! * `id`: the identifiers ([`SessionId`], [`UserId`], [`AccountId`], [`ChannelId`], [`Position`], …);
//!   `identity`: who somebody is, whatever the nick
//! * `request`, `event`, `entry`, `rejection`, `mode`, `rank`: what goes in and what comes out
//! * `network`: the state and how to look things up; `user`, `account`, `channel`, `membership`,
//!   `past`: its records; `limits`: its bounds
//! * `metadata`: what users and channels tell about themselves; `marker`: how far somebody has read;
//!   `redaction`: messages that are withdrawn; `renaming`: what stays of a channel's earlier names
//! * `operator`: what operators may do and what they do; `restriction`, `block`: who is kept out
//! * [`dense`]: maps by id; `index`, `session_index`, `name`, `mask`, `list_entry`, `subject`: how
//!   names are found and compared
//! * `configuration`: what is set anew while the chat runs
//! * `decide/<subject>`, `apply`: the two verbs
//! * `snapshot`: the whole state as data; `record`: what of it outlives all servers; `invariants`:
//!   what must be true of it

mod account;
mod apply;
mod block;
mod channel;
mod configuration;
mod decide;
pub mod dense;
mod entry;
mod event;
mod id;
mod identity;
mod index;
mod invariants;
mod limits;
mod list_entry;
mod marker;
mod mask;
mod membership;
mod metadata;
mod mode;
mod name;
mod network;
mod operator;
mod past;
mod rank;
mod record;
mod redaction;
mod rejection;
mod renaming;
mod request;
mod restriction;
mod session_index;
mod snapshot;
mod subject;
mod user;

pub use account::{Account, AccountSetting, AccountSettings, NewAccount, Secrets, Suspension};
pub use channel::{Channel, ChannelFlags, Registration, Topic};
pub use configuration::{Configuration, Reconfiguration, Settings};
pub use entry::Entry;
pub use event::{Actor, Departure, Event, Recipient, Relayed};
pub use id::{
    AccountId, ChannelId, MessageId, Position, ServerId, SessionId, Stamp, Timestamp, UserId,
};
pub use identity::Identity;
pub use invariants::Inconsistent;
pub use limits::Limits;
pub use list_entry::ListEntry;
pub use marker::{MarkerRecord, Markers};
pub use metadata::{
    METADATA_KEY, Metadata, MetadataChanges, MetadataOwner, MetadataRefusal, MetadataWish,
    is_metadata_key,
};
pub use mode::{
    AppliedChange, ChannelFlag, ChannelModeChange, ListKind, UserModeChange, UserModes,
};
pub use name::folded;
pub use network::Network;
pub use operator::{Operator, OperatorAction, Right, Rights};
pub use past::PastUser;
pub use rank::{MemberModes, MemberPrefix};
pub use record::{AccountRecord, ChannelRecord, Records, UserRecord};
pub use redaction::{KnownMessage, RedactRefusal, Redaction};
pub use rejection::Rejection;
pub use rejection::RelayRefusal;
pub use renaming::{FormerName, OtherNames};
pub use request::{Action, Forget, MessageKind, NewUser, Origin, Relay, Request, Tag};
pub use restriction::{Defcon, NetworkBan};
pub use user::{Presence, User, UserSession};

//! The IRC wire protocol with IRCv3: lines, tags, numerics, names and the codec.
//!
//! A crate without sockets, without async and without state: bytes become lines, lines become
//! messages, and what is to be sent becomes a [`WireLine`], the only way out.
//!
//! # Layout
//!
//! - [`Message`]: one received line, views into one shared `Bytes`.
//! - [`WireLine`], [`LineBody`], [`TagSection`]: one line to send. A body is rendered once and is
//!   joined with as many different tag sections as there are kinds of recipients.
//! - [`LineCodec`]: lines out of a byte stream and into it, with limits.
//! - [`tag`]: escaping of tag values. [`multiline`]: texts of several lines. [`numeric`]: the
//!   numerics with their texts.
//! - [`mod@fold`]: when two names are the same, and when one can be taken for the other.
//!   [`casemap`]: the mappings that servers announce, and masks. [`name`]: what may be a name,
//!   and how long names and texts may be.
//! - [`limit`]: how long lines and their parts may be.
//! - [`sasl`]: what `AUTHENTICATE` carries, for both ends.
//! - [`capability`] and [`isupport`]: what a server offers.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use chat_proto::{Message, WireLine, numeric};
//!
//! let message = Message::parse(Bytes::from_static(b"@+typing=active :ann!a@host PRIVMSG #lobby :Hello, all"))?;
//! assert_eq!(message.command(), "PRIVMSG");
//! assert_eq!(message.param(1), Some("Hello, all"));
//! assert_eq!(message.tag("+typing").as_deref(), Some("active"));
//!
//! let line = WireLine::builder()
//!     .source("irc.example.org")
//!     .numeric(numeric::ERR_NOSUCHNICK)
//!     .param("ann")
//!     .param("bob")
//!     .trailing(numeric::ERR_NOSUCHNICK.text())
//!     .finish();
//! assert_eq!(&line.as_bytes()[..], b":irc.example.org 401 ann bob :No such nick/channel\r\n");
//! # Ok::<(), chat_proto::ParseError>(())
//! ```

pub mod capability;
pub mod casemap;
mod codec;
pub mod fold;
pub mod isupport;
pub mod limit;
mod message;
pub mod multiline;
pub mod name;
pub mod numeric;
pub mod sasl;
pub mod tag;
mod wire;

pub use capability::{Capability, CapabilitySet};
pub use casemap::CaseMapping;
pub use codec::{BadLine, CodecError, LineCodec, LineError};
pub use isupport::Isupport;
pub use message::{Message, ParseError, Source};
pub use numeric::Numeric;
pub use tag::{escape_tag_value, unescape_tag_value};
pub use wire::{LineBody, LineBuilder, LineStart, TagSection, WireLine};

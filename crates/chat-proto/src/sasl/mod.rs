//! SASL as IRC carries it: base64 in pieces of 400 bytes, and what the mechanisms say in it.
//!
//! Nothing here knows an account: [`Plain`] and [`scram`] say what a message says, and whether a
//! proof fits to the keys that are held against it. Nonces and salts come from the caller.

pub mod base64;
mod pieces;
mod plain;
pub mod scram;

use std::borrow::Cow;

pub use pieces::{Collector, PIECE, RESPONSE, SaslError, pieces};
pub use plain::Plain;

/// A password as all mechanisms use it (SASLprep, RFC 4013): however it was typed, the same
/// password is the same bytes. What SASLprep forbids is taken as it is.
///
/// ```
/// assert_eq!(chat_proto::sasl::prepare("I\u{AD}X"), "IX");
/// assert_eq!(chat_proto::sasl::prepare("\u{AA}"), "a");
/// ```
#[must_use]
pub fn prepare(password: &str) -> Cow<'_, str> {
    stringprep::saslprep(password).unwrap_or(Cow::Borrowed(password))
}

/// Whether two texts of bytes are the same, in a time that does not depend on where they differ.
#[must_use]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let differing = one
        .iter()
        .zip(other)
        .fold(0, |differing, (one, other)| differing | (one ^ other));
    one.len() == other.len() && differing == 0
}

//! What a running client reports.

use std::time::Duration;

use chat_proto::Message;
use chat_transport::tls::{Fingerprint, Judgement};
use jiff::Timestamp;
use smol_str::SmolStr;

/// One thing that happened, in the order in which it happened.
///
/// [`Model::apply`](crate::Model::apply) turns these into buffers, members and lines.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Update {
    /// An attempt to connect begins.
    Connecting {
        /// 1 for the first attempt since the last time the client was registered.
        attempt: u32,
    },
    /// The connection stands; registration begins.
    Connected,
    /// The server wants to be spoken to over TLS only: another connection begins at once.
    Upgrading {
        /// When.
        at: Timestamp,
        /// The port to go to.
        port: u16,
    },
    /// The connection is secure: the server showed this certificate.
    Secured {
        /// When.
        at: Timestamp,
        /// Why it was trusted.
        judgement: Judgement,
        /// The certificate.
        fingerprint: Fingerprint,
    },
    /// The server shows another certificate than before, and is not spoken to. `Pins::add` accepts it
    /// for the next attempt.
    CertificateChanged {
        /// The server, as the pins name it.
        server: String,
        /// The certificate that it had before.
        first: Fingerprint,
        /// The one that it has now.
        now: Fingerprint,
    },
    /// The server has accepted the client.
    Registered {
        /// The nickname it has, which may be another than the one wanted.
        nick: SmolStr,
    },
    /// A line came from the server, or (where the server does not echo) a message was sent.
    Line {
        /// When it came. The time the server gives in the line, if it does, is the better one.
        at: Timestamp,
        /// The line.
        message: Message,
    },
    /// A command could not be sent.
    NotSent {
        /// When.
        at: Timestamp,
        /// Why, for a person.
        reason: String,
    },
    /// How long the server took to answer the last PING.
    Lag(Duration),
    /// The connection ended, or there never was one.
    Disconnected {
        /// When.
        at: Timestamp,
        /// Why, for a person.
        reason: String,
        /// How long until the next attempt; `None` if there will be none, and then this is the
        /// last update.
        retry: Option<Duration>,
    },
}

/// What a person is told of a secure connection.
pub(crate) fn in_words(judgement: Judgement, fingerprint: Fingerprint) -> String {
    match judgement {
        Judgement::Verified => "The connection is secure".to_owned(),
        Judgement::Known => {
            "The connection is secure: the server has the certificate it had before".to_owned()
        }
        Judgement::New => format!(
            "The connection is encrypted, but nobody vouches for the server's certificate. It is \
             remembered, and must be the same from now on: {fingerprint}"
        ),
        Judgement::Unchecked => format!(
            "The connection is encrypted, but the server's certificate was not checked: \
             {fingerprint}"
        ),
    }
}

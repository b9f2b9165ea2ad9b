//! Who may become an operator of the chat.

use std::fmt;

use chat_network::Rights;
use serde::{Deserialize, Serialize};

/// Someone who may become an operator with OPER.
///
/// Whoever asks must pass all that is set: the password, the certificate, one of the hosts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The name to be given with OPER.
    pub name: String,
    /// The password as it is, or an argon2 hash of it (`$argon2id$…`); empty: none is needed.
    pub password: String,
    /// The fingerprint (SHA-256, in lower-case hexadecimal) of the client's certificate; empty: none
    /// is needed.
    pub certificate: String,
    /// Masks for `user@host`, of which one must match; none: from everywhere.
    pub hosts: Vec<String>,
    /// What WHOIS says; empty: what it says of every operator.
    pub title: String,
    /// What it may do.
    pub rights: Rights,
    /// The host that others see from then on; empty: the same as before.
    pub vhost: String,
    /// Only operators are told that it is one.
    pub hidden: bool,
}

impl Operator {
    /// What the network knows of it once it is one.
    pub(crate) fn to_network(&self) -> chat_network::Operator {
        let host = self.vhost.as_str();
        chat_network::Operator {
            name: self.name.as_str().into(),
            title: self.title.as_str().into(),
            rights: self.rights,
            host: (!host.is_empty()).then(|| host.into()),
            hidden: self.hidden,
        }
    }
}

impl fmt::Debug for Operator {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator")
            .field("name", &self.name)
            .field("rights", &self.rights)
            .finish_non_exhaustive()
    }
}

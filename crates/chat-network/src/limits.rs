//! The bounds of the state.

use chat_proto::name::{
    AWAYLEN, CHANNELLEN, HOSTLEN, KEYLEN, KICKLEN, NAMELEN, NICKLEN, TOPICLEN, USERLEN,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::name;

/// The bounds that deciding holds requests to. Lengths are in bytes.
///
/// Part of the snapshot, so that every replica knows what the sequencer decides by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Channels that one user may be in.
    pub channels_per_user: usize,
    /// Masks in all lists (b, e, I) of one channel together.
    pub list_entries: usize,
    /// Accounts in all.
    pub accounts: usize,
    /// Client certificates of one account.
    pub certificates: usize,
    /// Channels that one account may have registered.
    pub channels_per_account: usize,
    /// Accounts in the access list of one channel.
    pub access_entries: usize,
    /// Sessions of one user.
    pub sessions_per_user: usize,
    /// How long an account may wait for its verification, in milliseconds; then its name is free
    /// again.
    pub verification_ms: i64,
    /// Invitations that are remembered for one user; at the bound the oldest is forgotten.
    pub invitations: usize,
    /// Users without an account whom one user accepts; at the bound the oldest is forgotten.
    pub accepted: usize,
    /// Past users that are remembered; at the bound the oldest is forgotten.
    pub past_users: usize,
    /// Length of a nick; longer ones are refused.
    pub nick: usize,
    /// Length of a user name; longer ones are cut.
    pub username: usize,
    /// Length of a host as others see it; longer ones are cut.
    pub host: usize,
    /// Length of a real name; longer ones are cut.
    pub realname: usize,
    /// Length of a channel's name; longer ones are refused.
    pub channel: usize,
    /// Length of a channel's key; longer ones are refused.
    pub key: usize,
    /// Length of a list's mask in its full form; longer ones are refused.
    pub mask: usize,
    /// Length of a topic; longer ones are cut.
    pub topic: usize,
    /// Length of the reason of a KICK, PART or QUIT; longer ones are cut.
    pub kick: usize,
    /// Length of an away message; longer ones are cut.
    pub away: usize,
    /// Keys of metadata that a user or a channel may have.
    pub metadata_keys: usize,
    /// Length of a value of metadata; longer ones are refused.
    pub metadata_value: usize,
    /// How long the earlier name of a channel is remembered, in milliseconds: who asks for it is told
    /// the present one.
    pub former_name_ms: i64,
    /// For how many seconds one may withdraw what one has sent; 0: for ever.
    pub redaction_seconds: u32,
    /// The channel that belongs to everyone, if there is one: who comes first does not become its
    /// operator, and anyone in it may set its topic.
    pub commons: Option<SmolStr>,
}

impl Limits {
    /// Whether a channel of this name belongs to everyone.
    #[must_use]
    pub fn is_commons(&self, name: &str) -> bool {
        let commons = self.commons.as_deref();
        commons.is_some_and(|commons| name::same(commons, name))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            channels_per_user: 100,
            list_entries: 100,
            accounts: 1_000_000,
            certificates: 16,
            channels_per_account: 64,
            access_entries: 256,
            sessions_per_user: 64,
            verification_ms: 24 * 60 * 60 * 1000,
            invitations: 32,
            accepted: 64,
            past_users: 1000,
            nick: NICKLEN,
            // With its `~`.
            username: USERLEN + 1,
            host: HOSTLEN,
            realname: NAMELEN,
            channel: CHANNELLEN,
            key: KEYLEN,
            mask: 128,
            topic: TOPICLEN,
            kick: KICKLEN,
            away: AWAYLEN,
            metadata_keys: 20,
            metadata_value: 256,
            former_name_ms: 7 * 24 * 60 * 60 * 1000,
            redaction_seconds: 86_400,
            commons: None,
        }
    }
}

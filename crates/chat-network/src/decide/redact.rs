//! A message is withdrawn: by who sent it, for some time, and by operators of its channel.

use chat_proto::name::is_channel_like;
use smol_str::SmolStr;

use super::{Asker, Decision, cut_text};
use crate::{
    AccountId, Event, Identity, KnownMessage, MemberModes, MemberPrefix, Network, Recipient,
    RedactRefusal, Redaction, Rejection, Stamp, User,
};

pub(super) fn decide(network: &Network, user: &User, wanted: &Redaction, stamp: Stamp) -> Decision {
    let refuse = |why| Rejection::Redact {
        target: wanted.target.clone(),
        id: wanted.id.clone(),
        why,
    };
    let (ranks, place) =
        place(network, user, &wanted.target).ok_or_else(|| refuse(RedactRefusal::Target))?;
    let message = wanted
        .message
        .as_ref()
        .filter(|message| place.is_of(message, user, ranks))
        .ok_or_else(|| refuse(RedactRefusal::Unknown))?;
    let moderates = ranks.reaches(MemberPrefix::Operator);
    let own = message.sender == Some(user.identity());
    if !own && !moderates {
        return Err(refuse(RedactRefusal::Forbidden));
    }
    let window = network.limits.redaction_seconds;
    let age = stamp.time.0.saturating_sub(message.time.0) / 1000;
    if !moderates && window > 0 && age > i64::from(window) {
        return Err(refuse(RedactRefusal::Expired(window)));
    }
    Ok(Event::Redacted {
        by: Asker::User(user).actor(),
        to: place.recipient(message),
        message: message.id,
        reason: wanted
            .reason
            .as_ref()
            .map(|reason| cut_text(reason, network.limits.kick)),
    })
}

/// Where the message must be.
enum Place<'a> {
    Channel(&'a crate::Channel),
    User(&'a User),
    /// The owner of an account, who is not on.
    Absent(AccountId),
}

/// The place of a target, if the asker may read there, and the ranks of the asker.
fn place<'a>(
    network: &'a Network,
    user: &User,
    target: &SmolStr,
) -> Option<(MemberModes, Place<'a>)> {
    if is_channel_like(target) {
        let channel = network.channel_by_name(target)?;
        return Some((channel.member(user.id())?, Place::Channel(channel)));
    }
    let place = match network.user_by_nick(target) {
        Some(other) => Place::User(other),
        None => {
            let account = network.account_by_name(target)?.id();
            let other = network.user_by_identity(Identity::Account(account));
            other.map_or(Place::Absent(account), Place::User)
        }
    };
    Some((MemberModes::NONE, place))
}

impl Place<'_> {
    /// Whether a message is in this place, where the asker can see it.
    fn is_of(&self, message: &KnownMessage, asker: &User, ranks: MemberModes) -> bool {
        match self {
            Self::Channel(channel) => {
                let own = message.sender == Some(asker.identity());
                message.recipient.is_none()
                    && message.channel == channel.place()
                    && (own || message.rank.is_none_or(|rank| ranks.reaches(rank)))
            }
            Self::User(_) | Self::Absent(_) => {
                let other = match self {
                    Self::User(other) => other.identity(),
                    Self::Absent(account) => Identity::Account(*account),
                    Self::Channel(_) => return false,
                };
                let two = (asker.identity(), other);
                match (message.sender, message.recipient) {
                    (Some(sender), Some(recipient)) => {
                        two == (sender, recipient) || two == (recipient, sender)
                    }
                    _ => false,
                }
            }
        }
    }

    /// Who is told: who got the message.
    fn recipient(&self, message: &KnownMessage) -> Recipient {
        match (self, message.rank) {
            (Self::Channel(channel), Some(rank)) => Recipient::Ranked(channel.id(), rank),
            (Self::Channel(channel), None) => Recipient::Channel(channel.id()),
            (Self::User(user), _) => Recipient::User(user.id()),
            (Self::Absent(account), _) => Recipient::Absent(*account),
        }
    }
}

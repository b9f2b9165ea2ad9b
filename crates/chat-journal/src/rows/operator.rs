//! What operators did, as it can be listed later, and the bans that outlive the program.

use chat_network::{AccountId, ChannelId, Entry, Event, Network, User, UserId};
use chat_store::{OperatorAct, Row};

/// The act of guarding the chat in another way; what it is about is the level.
pub(crate) const DEFCON: &str = "DEFCON";

/// Appends the rows of an act. `network` is the state before it.
pub(super) fn append(network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
    let Event::Operated {
        by,
        operator,
        effect,
    } = &entry.event
    else {
        return;
    };
    let who = network.user(*by).map(|user| user.prefix().to_string());
    let (act, detail) = described(network, effect);
    rows.push(Row::OperatorAct(OperatorAct {
        id: entry.stamp.position.0,
        time_ms: entry.stamp.time.0,
        operator: operator.to_string(),
        who: who.unwrap_or_default(),
        act: act.to_owned(),
        detail,
    }));
    match &**effect {
        Event::NetworkBanned { ban } | Event::ChannelPurged { ban, .. } => {
            rows.extend(serde_json::to_string(ban).ok().map(|record| {
                let mask = ban.mask.to_string();
                Row::NetworkBan { mask, record }
            }))
        }
        Event::NetworkUnbanned { mask } => rows.push(Row::NetworkBanGone {
            mask: mask.to_string(),
        }),
        _ => {}
    }
}

/// What was done, in a word, and to whom or what.
fn described(network: &Network, effect: &Event) -> (&'static str, String) {
    let nick = |user: &UserId| network.user(*user).map_or("?", User::nick);
    let channel = |id| {
        let channel = network.channel(id);
        channel.map_or("?", |channel| channel.name().as_str())
    };
    match effect {
        Event::OperatorEntered { .. } => ("OPER", String::new()),
        Event::Disconnected { user, reason, .. } => ("KILL", format!("{} {reason}", nick(user))),
        Event::Wallops { text, .. } => ("WALLOPS", text.to_string()),
        Event::Joined {
            user,
            channel: id,
            created,
            ..
        } => {
            let name = created.as_deref().unwrap_or_else(|| channel(*id));
            ("SAJOIN", format!("{} {name}", nick(user)))
        }
        Event::ChannelModes {
            channel: id,
            changes,
            ..
        } => {
            let modes = super::history::modes(network, changes).replace('\n', " ");
            ("SAMODE", format!("{} {modes}", channel(*id)))
        }
        Event::UserModes { user, .. } => ("SAMODE", nick(user).to_owned()),
        Event::HostChanged { user, host } => ("CHGHOST", format!("{} {host}", nick(user))),
        Event::NetworkBanned { ban } => ("UBAN ADD", format!("{} {}", ban.mask, ban.reason)),
        Event::ChannelPurged { ban, .. } => ("PURGE ADD", format!("{} {}", ban.mask, ban.reason)),
        Event::NetworkUnbanned { mask } if mask.starts_with('#') => ("PURGE DEL", mask.to_string()),
        Event::NetworkUnbanned { mask } => ("UBAN DEL", mask.to_string()),
        Event::RehashAsked => ("REHASH", String::new()),
        Event::DefconSet { defcon } => (DEFCON, defcon.level().to_string()),
        other => managed(network, other),
    }
}

/// What was done to an account or a registered channel.
fn managed(network: &Network, effect: &Event) -> (&'static str, String) {
    let name = |id: &AccountId| {
        let account = network.account(*id);
        account.map_or_else(String::new, |account| account.name().to_string())
    };
    let channel = |id: &ChannelId| {
        let channel = network.channel(*id);
        channel.map_or_else(String::new, |channel| channel.name().to_string())
    };
    match effect {
        Event::AccountRegistered { account, .. } => ("SAREGISTER", account.name.to_string()),
        Event::AccountVerified { account, .. } => ("SAVERIFY", name(account)),
        Event::SecretsSet { account, .. } => ("SAPASSWD", name(account)),
        Event::AccountDropped { account } => ("SADROP", name(account)),
        Event::AccountSuspended { account, reason } => {
            ("SUSPEND", format!("{} {reason}", name(account)))
        }
        Event::AccountUnsuspended { account } => ("UNSUSPEND", name(account)),
        Event::AccountSettingChanged { account, .. }
        | Event::CertificateChanged { account, .. } => ("SASET", name(account)),
        Event::ChannelRegistered {
            channel: id,
            founder,
        } => ("SAREGISTER", format!("{} {}", channel(id), name(founder))),
        Event::ChannelDropped { channel: id } => ("SADROP", channel(id)),
        Event::ChannelTransferred {
            channel: id,
            founder,
        } => ("SATRANSFER", format!("{} {}", channel(id), name(founder))),
        Event::AccessChanged {
            channel: id,
            account,
            ..
        } => ("AMODE", format!("{} {}", channel(id), name(account))),
        _ => ("OTHER", String::new()),
    }
}

//! Random requests: what histories are made of. Names are few, so that they meet each other.

use chat_network::{
    AccountId, AccountSetting, Action, ChannelFlag, ChannelModeChange, Configuration, Defcon,
    Identity, KnownMessage, Limits, ListKind, MemberPrefix, MessageId, MessageKind, MetadataWish,
    Network, NewUser, OperatorAction, Origin, Position, Redaction, Relay, Request, Right, Rights,
    ServerId, SessionId, Timestamp, UserId, UserModeChange,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::select;

use crate::support::{
    access, disconnect, enter, ghost, grant, invite, join, kick, lost, manage, new_account,
    new_user, nick, operate, reconfiguration, register_as, say, secrets, suspend, topic, transfer,
};

const NICKS: [&str; 9] = [
    "ann",
    "Ann",
    "bob",
    "eve",
    "eVe",
    "\u{435}ve",
    "zoe",
    "bad.",
    "#room",
];
const CHANNELS: [&str; 7] = ["#room", "#Room", "#r\u{43e}om", "#b", "#c", "#d", "bad"];
const MASKS: [&str; 11] = [
    "ann",
    "*",
    "e*!*@*",
    "*@host.example",
    "B?b",
    "",
    "x y",
    "m:e*",
    "a:ann",
    "m:a:*",
    "m:m:x",
];

/// Tight enough that a history meets every bound.
pub(super) fn limits() -> Limits {
    Limits {
        channels_per_user: 3,
        list_entries: 3,
        invitations: 2,
        metadata_keys: 2,
        metadata_value: 4,
        former_name_ms: 100,
        commons: Some("#d".into()),
        ..Limits::default()
    }
}

fn a_nick() -> impl Strategy<Value = &'static str> {
    select(&NICKS)
}

fn a_channel() -> impl Strategy<Value = &'static str> {
    select(&CHANNELS)
}

fn a_session() -> impl Strategy<Value = SessionId> {
    (1..=3_u16, 1..=2_u16, 0..2_u32)
        .prop_map(|(server, life, serial)| SessionId::new(ServerId(server), life, serial))
}

fn an_origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        20 => a_session().prop_map(Origin::Session),
        3 => Just(Origin::Operator(SessionId::new(ServerId::HUB, 1, 1))),
        1 => (0..=3_u16).prop_map(|server| Origin::Server(ServerId(server))),
    ]
}

fn a_mode_change() -> impl Strategy<Value = ChannelModeChange> {
    let lists = [
        ListKind::Ban,
        ListKind::BanException,
        ListKind::InviteException,
    ];
    let key = option::of(select(&["k", "", "a b"][..]));
    prop_oneof![
        (any::<bool>(), select(ChannelFlag::ALL.to_vec()))
            .prop_map(|(on, f)| ChannelModeChange::Flag(on, f)),
        key.prop_map(|key| ChannelModeChange::Key(key.map(Into::into))),
        option::of(0..4_u32).prop_map(ChannelModeChange::Limit),
        option::of(a_channel()).prop_map(|name| ChannelModeChange::Forward(name.map(Into::into))),
        (any::<bool>(), select(lists.to_vec()), select(&MASKS[..]))
            .prop_map(|(on, list, mask)| ChannelModeChange::List(on, list, mask.into())),
        (any::<bool>(), select(MemberPrefix::ALL.to_vec()), a_nick())
            .prop_map(|(on, rank, nick)| ChannelModeChange::Member(on, rank, nick.into())),
    ]
}

fn a_newcomer() -> impl Strategy<Value = Action> {
    let away = option::weighted(0.2, select(&["out", "*"][..]));
    (a_nick(), away).prop_map(|(nick, away)| {
        Action::Register(Box::new(NewUser {
            away: away.map(Into::into),
            ..new_user(nick)
        }))
    })
}

fn a_message() -> impl Strategy<Value = Action> {
    let kinds = [
        MessageKind::Privmsg,
        MessageKind::Notice,
        MessageKind::Tagmsg,
    ];
    let target = prop_oneof![a_nick(), a_channel()];
    (select(kinds.to_vec()), target).prop_map(|(wanted, target)| match say(target, "x") {
        Action::Message {
            target, text, tags, ..
        } => Action::Message {
            kind: wanted,
            target,
            text,
            tags,
        },
        other => other,
    })
}

fn of_a_channel() -> impl Strategy<Value = Action> {
    let key = || option::of(Just("k"));
    prop_oneof![
        8 => (a_channel(), key()).prop_map(|(channel, key)| join(channel, key)),
        3 => (a_channel(), key()).prop_map(|(channel, reason)| Action::Part {
            channel: channel.into(),
            reason: reason.map(Into::into),
        }),
        2 => (a_channel(), select(&["", "tea"][..])).prop_map(|(name, text)| topic(name, text)),
        2 => (a_channel(), a_nick()).prop_map(|(channel, nick)| kick(channel, nick)),
        1 => (a_channel(), a_channel()).prop_map(|(channel, wanted)| Action::Rename {
            channel: channel.into(),
            wanted: wanted.into(),
            reason: None,
        }),
        1 => (a_channel(), select(&["x/y", "x"][..])).prop_map(|(channel, nick)| {
            Action::Relay(Box::new(Relay {
                channel: channel.into(),
                nick: nick.into(),
                text: "x".into(),
                tags: Vec::new(),
            }))
        }),
        1 => (a_nick(), any::<bool>())
            .prop_map(|(nick, on)| Action::Accept { nick: nick.into(), on }),
        3 => (a_channel(), a_nick()).prop_map(|(channel, nick)| invite(channel, nick)),
        6 => (a_channel(), vec(a_mode_change(), 0..5))
            .prop_map(|(name, changes)| Action::ChannelModes { channel: name.into(), changes }),
    ]
}

fn of_a_user() -> impl Strategy<Value = Action> {
    let change = || {
        prop_oneof![
            any::<bool>().prop_map(UserModeChange::Invisible),
            any::<bool>().prop_map(UserModeChange::Bot),
            any::<bool>().prop_map(UserModeChange::AccountsOnly),
            any::<bool>().prop_map(UserModeChange::NoCtcp),
            any::<bool>().prop_map(UserModeChange::Wallops),
            any::<bool>().prop_map(UserModeChange::Operator),
        ]
    };
    prop_oneof![
        8 => a_newcomer(),
        6 => (a_nick(), an_account()).prop_map(|(nick, account)| register_as(nick, account)),
        3 => a_nick().prop_map(nick),
        2 => Just(Action::Quit { reason: "bye".into() }),
        1 => vec(change(), 0..4).prop_map(|c| Action::UserModes { changes: c.into() }),
        2 => option::of(select(&["out", "*", ""][..])).prop_map(|message| Action::Away {
            message: message.map(Into::into),
        }),
        1 => (0..7_u8).prop_map(|stars| Action::Rate { stars }),
        10 => prop_oneof![5 => a_redaction(), 2 => a_mark(), 3 => of_metadata()],
        1 => Just(Action::Nothing),
        1 => a_nick().prop_map(disconnect),
        1 => (1..=3_u16, 1..=2_u16).prop_map(|(server, life)| lost(server, life)),
    ]
}

fn of_an_operator() -> impl Strategy<Value = Action> {
    let rights = prop_oneof![
        Just(Rights::all()),
        select(Right::ALL.to_vec()).prop_map(|right| Rights::from_iter([right])),
    ];
    let modes = vec(a_mode_change(), 0..3);
    let own = vec(
        prop_oneof![
            any::<bool>().prop_map(UserModeChange::Operator),
            any::<bool>().prop_map(UserModeChange::Invisible),
        ],
        0..3,
    );
    prop_oneof![
        4 => rights.prop_map(enter),
        1 => a_nick().prop_map(|nick| operate(OperatorAction::Kill {
            nick: nick.into(),
            reason: "enough".into(),
        })),
        1 => (a_nick(), option::of(Just(1_u32))).prop_map(|(mask, seconds)| {
            operate(OperatorAction::Ban {
                mask: mask.into(),
                seconds,
                reason: "enough".into(),
            })
        }),
        2 => a_nick().prop_map(|mask| operate(OperatorAction::Unban { mask: mask.into() })),
        1 => select(&[4_u8, 5, 5, 5][..]).prop_map(|level| {
            operate(OperatorAction::Defcon(Defcon::new(level).unwrap()))
        }),
        1 => Just(operate(OperatorAction::Wallops { text: "hear".into() })),
        1 => Just(operate(OperatorAction::Rehash)),
        1 => (a_channel(), option::weighted(0.3, Just("why".into()))).prop_map(
            |(channel, reason)| {
                let channel = channel.into();
                operate(OperatorAction::Purge { channel, reason })
            }
        ),
        2 => (option::of(a_nick()), a_channel()).prop_map(|(nick, channel)| {
            operate(OperatorAction::Join {
                nick: nick.map(Into::into),
                channel: channel.into(),
            })
        }),
        2 => (a_channel(), modes).prop_map(|(channel, changes)| {
            operate(OperatorAction::ChannelModes {
                channel: channel.into(),
                changes,
            })
        }),
        2 => (a_nick(), own).prop_map(|(nick, changes)| operate(OperatorAction::UserModes {
            nick: nick.into(),
            changes: changes.into(),
        })),
        1 => (a_nick(), select(&["a.host", "b", "no host"][..])).prop_map(|(nick, host)| {
            operate(OperatorAction::Host {
                nick: nick.into(),
                host: host.into(),
            })
        }),
    ]
}

fn of_metadata() -> impl Strategy<Value = Action> {
    let target = option::of(prop_oneof![a_nick(), a_channel()]);
    let key = select(&["url", "avatar", "Bad"][..]);
    let value = option::of(select(&["", "x", "too long"][..]));
    let change = (key, value).prop_map(|(key, value)| (key.into(), value.map(Into::into)));
    let changes = option::of(vec(change, 0..3));
    (target, changes).prop_map(|(target, changes)| {
        Action::Metadata(Box::new(MetadataWish {
            target: target.map(Into::into),
            changes: changes.map(Into::into),
        }))
    })
}

fn a_mark() -> impl Strategy<Value = Action> {
    (a_channel(), 0..2000_i64).prop_map(|(target, time)| Action::MarkRead {
        target: target.into(),
        time: Timestamp(time),
    })
}

fn a_redaction() -> impl Strategy<Value = Action> {
    let identity = || {
        (1..20_u64, any::<bool>()).prop_map(|(id, account)| {
            if account {
                Identity::Account(AccountId(id))
            } else {
                Identity::Stay(UserId(id))
            }
        })
    };
    let target = prop_oneof![a_nick(), a_channel()];
    let rank = option::of(select(MemberPrefix::ALL.to_vec()));
    let message = (
        identity(),
        option::of(identity()),
        a_channel(),
        rank,
        1..40_u64,
    )
        .prop_map(|(sender, recipient, channel, rank, id)| KnownMessage {
            id: MessageId(Position(id)),
            sender: Some(sender),
            recipient,
            channel: channel.into(),
            rank,
            time: Timestamp(500),
        });
    let here = any::<bool>();
    (target, option::weighted(0.9, message), here).prop_map(|(target, mut message, here)| {
        if here && let Some(message) = &mut message {
            message.channel = target.to_lowercase().into();
            message.recipient = None;
            message.rank = None;
        }
        Action::Redact(Box::new(Redaction {
            target: target.into(),
            id: "x".into(),
            message,
            reason: None,
        }))
    })
}

/// One of the first accounts that there are when it comes to it; see [`resolved`].
fn an_account() -> impl Strategy<Value = AccountId> {
    (0..4_u64).prop_map(AccountId)
}

fn of_an_account() -> impl Strategy<Value = Action> {
    let own = || option::of(a_nick().prop_map(Into::into));
    let setting = (0..3_u8, any::<bool>()).prop_map(|(which, on)| match which {
        0 => AccountSetting::AlwaysOn(on),
        1 => AccountSetting::AutoAway(on),
        _ => AccountSetting::Multiclient(on),
    });
    let print = || select(&["a", "b"][..]).prop_map(|digit| digit.repeat(64).into());
    prop_oneof![
        6 => (a_nick(), any::<bool>()).prop_map(|(name, verified)| new_account(name, verified)),
        2 => a_nick().prop_map(|account| Action::VerifyAccount { account: account.into() }),
        6 => an_account().prop_map(|account| Action::Login { account }),
        2 => Just(Action::Logout),
        1 => own().prop_map(|account| Action::SetSecrets { account, secrets: secrets() }),
        5 => (own(), setting)
            .prop_map(|(account, setting)| Action::SetAccountSetting { account, setting }),
        2 => (own(), print())
            .prop_map(|(account, fingerprint)| Action::AddCertificate { account, fingerprint }),
        1 => (own(), print())
            .prop_map(|(account, fingerprint)| Action::RemoveCertificate { account, fingerprint }),
        1 => own().prop_map(|account| Action::DropAccount { account }),
        2 => a_nick().prop_map(suspend),
        4 => a_nick().prop_map(|account| Action::UnsuspendAccount { account: account.into() }),
        2 => a_nick().prop_map(ghost),
    ]
}

fn of_an_owner() -> impl Strategy<Value = Action> {
    let rank = option::of(select(MemberPrefix::ALL.to_vec()));
    prop_oneof![
        4 => (a_channel(), option::of(a_nick())).prop_map(|(channel, founder)| {
            let (channel, founder) = (channel.into(), founder.map(Into::into));
            Action::RegisterChannel { channel, founder }
        }),
        1 => a_channel().prop_map(|channel| Action::DropChannel { channel: channel.into() }),
        9 => (a_channel(), a_nick()).prop_map(|(channel, to)| transfer(channel, to)),
        3 => a_channel().prop_map(|channel| Action::AcceptChannel { channel: channel.into() }),
        1 => option::of(Just("a@b.example".into())).prop_map(|email| Action::SetEmail { email }),
        3 => (a_channel(), a_nick(), rank)
            .prop_map(|(channel, account, rank)| access(channel, account, rank)),
        2 => (a_channel(), option::of(a_nick())).prop_map(|(channel, nick)| grant(channel, nick)),
        2 => a_channel().prop_map(|channel| manage(Action::DropChannel { channel: channel.into() })),
        2 => a_nick().prop_map(|name| manage(new_account(name, true))),
        2 => a_nick().prop_map(|name| manage(suspend(name))),
    ]
}

/// The configuration, read by the sequencer's side: other bounds, other rights.
fn a_configuration() -> impl Strategy<Value = Request> {
    let change = (0..4_usize, 0..4_usize, any::<bool>()).prop_map(|(channels, entries, named)| {
        let limits = Limits {
            channels_per_user: channels,
            list_entries: entries,
            past_users: channels,
            ..limits()
        };
        reconfiguration(limits, named.then(Rights::all))
    });
    option::of(change).prop_map(|change| Request {
        origin: Origin::Server(ServerId::HUB),
        action: Action::Configure(Box::new(Configuration {
            change: change.map(Box::new),
            ..Configuration::default()
        })),
    })
}

pub(super) fn a_request() -> impl Strategy<Value = Request> {
    let action = prop_oneof![
        6 => of_a_user(),
        8 => of_a_channel(),
        4 => a_message(),
        3 => of_an_operator(),
        4 => of_an_account(),
        4 => of_an_owner(),
    ];
    prop_oneof![
        1500 => (an_origin(), action).prop_map(|(origin, action)| Request { origin, action }),
        1 => a_configuration(),
    ]
}

/// The request with the id of an account in place of its number.
pub(super) fn resolved(network: &Network, request: &Request) -> Request {
    let mut request = request.clone();
    let account = match &mut request.action {
        Action::Register(new) => new.account.as_mut(),
        Action::Login { account } => Some(account),
        _ => None,
    };
    if let Some(account) = account {
        let number = usize::try_from(account.0).unwrap();
        let known = network.accounts().nth(number);
        *account = known.map_or(AccountId(u64::MAX), chat_network::Account::id);
    }
    request
}

use chat_network::{ChannelFlag, ChannelModeChange, Event, Limits, ListKind, Rejection};

use crate::support::{Chat, OPERATOR, PLAIN, ban, invite, join, key, list, on, part};

#[test]
fn the_first_creates_the_channel_and_is_its_operator() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let event = chat.join(ann, "#Room").unwrap();
    let channel = chat.channel("#rOOM");
    assert_eq!(channel.id().0, chat.now.position.0);
    let (user, id) = (chat.id(ann), channel.id());
    assert_eq!(
        event,
        Event::Joined {
            user,
            channel: id,
            created: Some("#Room".into()),
            forwarded: None,
        }
    );
    assert_eq!(
        (channel.name().as_str(), channel.created()),
        ("#Room", chat.now.time)
    );
    let flags = channel.flags().iter().collect::<Vec<_>>();
    assert_eq!(flags, [ChannelFlag::NoExternal, ChannelFlag::TopicLock]);
    assert_eq!(chat.ranks(ann, "#room"), OPERATOR);
    assert_eq!(chat.of(ann).channels(), [id]);
}

#[test]
fn what_belongs_to_everyone_has_no_operator_and_an_open_topic() {
    let mut chat = Chat::with(Limits {
        commons: Some("#Lobby".into()),
        ..Limits::default()
    });
    let ann = chat.user("ann");
    chat.join(ann, "#lobby").unwrap();
    assert_eq!(chat.ranks(ann, "#lobby"), PLAIN);
    let flags = chat.channel("#lobby").flags().iter().collect::<Vec<_>>();
    assert_eq!(flags, [ChannelFlag::NoExternal]);
    chat.join(ann, "#other").unwrap();
    assert_eq!(chat.ranks(ann, "#other"), OPERATOR);
}

#[test]
fn the_next_enters_without_rank() {
    let mut chat = Chat::new();
    let [_, bob] = chat.in_channel("#a", ["ann", "bob"]);
    assert_eq!(chat.ranks(bob, "#a"), PLAIN);
    assert_eq!(chat.channel("#a").member_count(), 2);
    assert_eq!(chat.join(bob, "#A"), Err(Rejection::NoChange));
}

#[test]
fn what_is_not_a_channel_name_is_refused() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let long = format!("#{}", "a".repeat(64));
    for bad in [
        "", "#", "a", "&a", "#a b", "#a,b", "#a\u{7}", "#a:b", "#a\r", &long,
    ] {
        let refused = Err(Rejection::BadChannelName(bad.into()));
        assert_eq!(chat.join(ann, bad), refused, "{bad:?}");
    }
    assert!(chat.join(ann, &long[..64]).is_ok());
}

#[test]
fn a_user_is_in_so_many_channels_only() {
    let mut chat = Chat::with(Limits {
        channels_per_user: 2,
        ..Limits::default()
    });
    let ann = chat.user("ann");
    chat.join(ann, "#a").unwrap();
    chat.join(ann, "#b").unwrap();
    assert_eq!(
        chat.join(ann, "#c"),
        Err(Rejection::TooManyChannels("#c".into()))
    );
    chat.by(ann, part("#a")).unwrap();
    assert!(chat.join(ann, "#c").is_ok());
}

#[test]
fn a_ban_keeps_out_and_an_exception_lets_in() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#Room", ["op"]);
    let ann = chat.user("ann");
    chat.set(op, "#room", [ban("*!*@HOST.*")]);
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::Banned("#Room".into()))
    );
    chat.set(op, "#room", [list(true, ListKind::BanException, "ann")]);
    assert!(chat.join(ann, "#room").is_ok());
}

#[test]
fn an_invite_only_channel_takes_the_listed() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#Room", ["op"]);
    let ann = chat.user("ann");
    chat.set(op, "#room", [on(ChannelFlag::InviteOnly)]);
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::InviteOnly("#Room".into()))
    );
    chat.set(op, "#room", [list(true, ListKind::InviteException, "a?n")]);
    assert!(chat.join(ann, "#room").is_ok());
}

#[test]
fn a_key_is_needed_as_it_is() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#Room", ["op"]);
    let ann = chat.user("ann");
    chat.set(op, "#room", [key(Some("Sesame"))]);
    let refused = Err(Rejection::BadChannelKey("#Room".into()));
    for wrong in [None, Some(""), Some("sesame"), Some("Sesame2")] {
        assert_eq!(chat.by(ann, join("#room", wrong)), refused, "{wrong:?}");
    }
    assert!(chat.by(ann, join("#room", Some("Sesame"))).is_ok());
    let bob = chat.user("bob");
    chat.set(op, "#room", [key(None)]);
    assert!(chat.by(bob, join("#room", Some("needless"))).is_ok());
}

#[test]
fn a_full_channel_takes_nobody() {
    let mut chat = Chat::new();
    let [op, bob] = chat.in_channel("#Room", ["op", "bob"]);
    chat.set(op, "#room", [ChannelModeChange::Limit(Some(2))]);
    let ann = chat.user("ann");
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::ChannelIsFull("#Room".into()))
    );
    chat.by(bob, part("#room")).unwrap();
    assert!(chat.join(ann, "#room").is_ok());
}

#[test]
fn an_invitation_passes_everything_once() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#room", ["op"]);
    let ann = chat.user("ann");
    let limit = ChannelModeChange::Limit(Some(1));
    chat.set(
        op,
        "#room",
        [
            ban("ann"),
            on(ChannelFlag::InviteOnly),
            key(Some("k")),
            limit,
        ],
    );
    chat.by(op, invite("#room", "ann")).unwrap();
    assert!(chat.of(ann).is_invited_to(chat.channel("#room").id()));
    chat.join(ann, "#room").unwrap();
    assert!(!chat.of(ann).is_invited_to(chat.channel("#room").id()));
    chat.by(ann, part("#room")).unwrap();
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::Banned("#room".into()))
    );
}

#[test]
fn who_is_not_registered_does_not_join() {
    let mut chat = Chat::new();
    let session = chat.session(1);
    assert_eq!(chat.join(session, "#a"), Err(Rejection::NotRegistered));
}

#[test]
fn a_channel_that_can_be_taken_for_another_is_not_made() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#paypal", ["ann"]);
    let alike = "#\u{440}aypal";
    assert_eq!(
        chat.join(ann, alike),
        Err(Rejection::ConfusableChannelName(alike.into()))
    );
    chat.by(ann, part("#paypal")).unwrap();
    assert!(chat.join(ann, alike).is_ok());
}

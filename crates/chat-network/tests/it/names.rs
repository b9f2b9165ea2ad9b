use chat_network::{ChannelFlag, ListKind, MemberPrefix, Rejection};

use crate::support::{Chat, new_account, nick, register};

#[test]
fn names_longer_than_a_word_are_found_in_any_case() {
    let mut chat = Chat::new();
    let name = format!("#{}", "Abcdefghi".repeat(7));
    chat.in_channel(&name, ["ann"]);
    assert!(chat.network.channel_by_name(&name.to_uppercase()).is_some());
    assert!(chat.network.channel_by_name(&name[..63]).is_none());
}

#[test]
fn only_letters_have_two_cases() {
    let mut chat = Chat::new();
    let (square, curly) = (chat.user("a[]\\"), chat.user("A{}|"));
    assert_eq!(
        chat.network.user_by_nick("A[]\\").map(|user| user.id()),
        Some(chat.id(square))
    );
    assert_eq!(
        chat.network.user_by_nick("a{}|").map(|user| user.id()),
        Some(chat.id(curly))
    );
}

#[test]
fn many_nicks_come_and_go() {
    let mut chat = Chat::new();
    let users = (0..500)
        .map(|n| chat.user(&format!("Nick{n}")))
        .collect::<Vec<_>>();
    for (n, session) in users.iter().enumerate() {
        let found = chat.network.user_by_nick(&format!("nICK{n}"));
        assert_eq!(found, Some(chat.of(*session)));
    }
    for session in users {
        chat.by(session, crate::support::quit("bye")).unwrap();
    }
    assert_eq!(
        (chat.network.user_count(), chat.network.session_count()),
        (0, 0)
    );
}

#[test]
fn modes_have_their_letters() {
    let [ann] = Chat::new().in_channel("#a", ["ann"]);
    assert_eq!(ann.server().to_string(), "Server-1");
    let flags = [
        (ChannelFlag::InviteOnly, 'i'),
        (ChannelFlag::Moderated, 'm'),
        (ChannelFlag::NoExternal, 'n'),
        (ChannelFlag::Secret, 's'),
        (ChannelFlag::TopicLock, 't'),
    ];
    assert!(flags.iter().all(|(flag, letter)| flag.letter() == *letter));
    let lists = [
        ListKind::Ban,
        ListKind::BanException,
        ListKind::InviteException,
    ];
    assert_eq!(lists.map(ListKind::letter), ['b', 'e', 'I']);
    let ranks = MemberPrefix::ALL.map(|rank| (rank.letter(), rank.symbol()));
    assert_eq!(
        ranks,
        [('q', '~'), ('a', '&'), ('o', '@'), ('h', '%'), ('v', '+')]
    );
    for rank in MemberPrefix::ALL {
        assert_eq!(MemberPrefix::of_letter(rank.letter()), Some(rank));
        assert_eq!(MemberPrefix::of_symbol(rank.symbol()), Some(rank));
    }
    assert_eq!(MemberPrefix::of_letter('b'), None);
    assert_eq!(MemberPrefix::of_symbol('#'), None);
}

#[test]
fn who_shares_a_channel() {
    let mut chat = Chat::new();
    let [ann, bob] = chat.in_channel("#a", ["ann", "bob"]);
    let [eve] = chat.in_channel("#b", ["eve"]);
    assert!(chat.network.share_channel(chat.of(ann), chat.of(bob)));
    assert!(!chat.network.share_channel(chat.of(ann), chat.of(eve)));
}

#[test]
fn nobody_has_the_nick_or_the_account_of_a_service() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    for name in ["NickServ", "nickserv", "CHANSERV", "Nickserv", "NlckServ"] {
        let refused = Err(Rejection::ErroneousNick(name.into()));
        assert_eq!(chat.by(ann, nick(name)), refused, "{name}");
        let session = chat.session(1);
        assert_eq!(chat.by(session, register(name)), refused, "{name}");
        let refused = Err(Rejection::BadAccountName(name.into()));
        assert_eq!(chat.by(ann, new_account(name, true)), refused, "{name}");
    }
    chat.by(ann, nick("NickServer")).unwrap();
}

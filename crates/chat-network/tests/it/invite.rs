use chat_network::{ChannelFlag, Event, Limits, Rejection};

use crate::support::{Chat, SERVER, invite, kick, on, part};

#[test]
fn a_member_invites() {
    let mut chat = Chat::new();
    let [op, bob] = chat.in_channel("#room", ["op", "bob"]);
    let ann = chat.user("ann");
    let (by, user, channel) = (chat.id(bob), chat.id(ann), chat.channel("#room").id());
    let event = chat.by(bob, invite("#room", "Ann"));
    let invited = |by, opens| Event::Invited {
        by,
        channel,
        user,
        opens,
    };
    assert_eq!(event, Ok(invited(by, false)));
    assert!(
        !chat.of(ann).is_invited_to(channel),
        "only an operator's invitation opens doors"
    );
    let event = chat.by(op, invite("#room", "Ann"));
    let by = chat.id(op);
    assert_eq!(event, Ok(invited(by, true)));
    assert!(chat.of(ann).is_invited_to(channel));
}

#[test]
fn where_invite_only_an_operator_does() {
    let mut chat = Chat::new();
    let [op, bob] = chat.in_channel("#Room", ["op", "bob"]);
    chat.user("ann");
    chat.set(op, "#room", [on(ChannelFlag::InviteOnly)]);
    let refused = Err(Rejection::NotOperator("#Room".into()));
    assert_eq!(chat.by(bob, invite("#room", "ann")), refused);
    assert!(chat.by(op, invite("#room", "ann")).is_ok());
}

#[test]
fn what_cannot_be_is_refused() {
    let mut chat = Chat::new();
    let [op, _] = chat.in_channel("#Room", ["op", "Bob"]);
    let eve = chat.user("eve");
    assert_eq!(
        chat.by(op, invite("#no", "eve")),
        Err(Rejection::NoSuchChannel("#no".into()))
    );
    assert_eq!(
        chat.by(eve, invite("#room", "eve")),
        Err(Rejection::NotOnChannel("#Room".into()))
    );
    assert_eq!(
        chat.by(op, invite("#room", "no")),
        Err(Rejection::NoSuchNick("no".into()))
    );
    let there = Rejection::UserOnChannel {
        nick: "Bob".into(),
        channel: "#Room".into(),
    };
    assert_eq!(chat.by(op, invite("#room", "bob")), Err(there));
    assert_eq!(
        chat.ask(SERVER, invite("#room", "eve")),
        Err(Rejection::NotPermitted)
    );
}

#[test]
fn an_invitation_does_not_outlive_the_channel_or_a_visit() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#room", ["op"]);
    let ann = chat.user("ann");
    chat.by(op, invite("#room", "ann")).unwrap();
    chat.by(op, part("#room")).unwrap();
    chat.join(op, "#room").unwrap();
    chat.set(op, "#room", [on(ChannelFlag::InviteOnly)]);
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::InviteOnly("#room".into()))
    );
    chat.by(op, invite("#room", "ann")).unwrap();
    chat.join(ann, "#room").unwrap();
    chat.by(op, kick("#room", "ann")).unwrap();
    assert_eq!(
        chat.join(ann, "#room"),
        Err(Rejection::InviteOnly("#room".into()))
    );
}

#[test]
fn at_the_bound_the_oldest_is_forgotten() {
    let mut chat = Chat::with(Limits {
        invitations: 2,
        ..Limits::default()
    });
    let [op] = chat.in_channel("#a", ["op"]);
    chat.join(op, "#b").unwrap();
    chat.join(op, "#c").unwrap();
    let ann = chat.user("ann");
    for channel in ["#a", "#b", "#a", "#c"] {
        chat.by(op, invite(channel, "ann")).unwrap();
    }
    let invited = |name| chat.of(ann).is_invited_to(chat.channel(name).id());
    assert_eq!(["#a", "#b", "#c"].map(invited), [true, false, true]);
}

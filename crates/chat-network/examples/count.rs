//! What a hot path takes, for `scripts/count`: does one thing so many times and nothing else.
//!
//! `count WHAT TIMES`, where WHAT is `parse`, `parse-tagged`, `message` (decide and apply a PRIVMSG
//! to 500 members), `message-past` (the same past 100 bans), `enter` (JOIN and PART among them) or `register` (a user comes and goes).

use std::hint::black_box;

use bytes::Bytes;
use chat_network::{
    Action, ChannelModeChange, Entry, Limits, ListKind, MessageKind, Network, NewUser, Origin,
    Position, Request, ServerId, SessionId, Stamp, Timestamp,
};
use chat_proto::Message;
use smallvec::SmallVec;

const PLAIN: &[u8] = b"PRIVMSG #room :What everyone in the channel has been waiting for";
const TAGGED: &[u8] =
    b"@+typing=done;label=a1 PRIVMSG #room :What everyone in the channel has been waiting for";
const MEMBERS: u32 = 500;

/// A chat and the last position in it.
struct Chat(Network, u64);

impl Chat {
    /// A channel with all members but the last.
    fn new() -> Self {
        let mut chat = Self(Network::new(Limits::default()), 0);
        for member in 0..MEMBERS {
            chat.run(&register(member));
            chat.run(&join(member));
        }
        chat
    }

    fn run(&mut self, request: &Request) {
        self.1 += 1;
        let stamp = Stamp {
            position: Position(self.1),
            time: Timestamp(0),
        };
        let event = self.0.decide(request, stamp).expect("it is allowed");
        let origin = request.origin;
        self.0.apply(black_box(&Entry {
            stamp,
            origin,
            event,
        }));
    }
}

fn request(member: u32, action: Action) -> Request {
    Request {
        origin: Origin::Session(SessionId::new(ServerId(1), 1, member)),
        action,
    }
}

fn register(member: u32) -> Request {
    let name = format!("Member{member}");
    let new = NewUser {
        nick: name.as_str().into(),
        username: format!("~{name}").into(),
        host: "client.example.org".into(),
        realname: "A member of the channel".into(),
        secure: false,
        certificate: None,
        account: None,
        away: None,
    };
    request(member, Action::Register(Box::new(new)))
}

fn join(member: u32) -> Request {
    let channel = "#room".into();
    request(member, Action::Join { channel, key: None })
}

fn message(member: u32) -> Request {
    let action = Action::Message {
        kind: MessageKind::Privmsg,
        target: "#room".into(),
        text: "What everyone in the channel has been waiting for".into(),
        tags: SmallVec::new(),
    };
    request(member, action)
}

/// A hundred bans of hosts that nobody is from.
fn bans() -> Request {
    let bans = (0..100).map(|host| {
        let mask = format!("*!*@*.badhost{host}.example.com");
        ChannelModeChange::List(true, ListKind::Ban, mask.into())
    });
    let (channel, changes) = ("#room".into(), bans.collect());
    request(0, Action::ChannelModes { channel, changes })
}

fn parse(line: &'static [u8], times: u32) {
    for _ in 0..times {
        let message = Message::parse(black_box(Bytes::from_static(line))).expect("a message");
        black_box(message.param(1));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().expect("what to count");
    let times = arguments.next().and_then(|times| times.parse().ok());
    let times: u32 = times.expect("how many times");
    let mut chat = Chat::new();
    match what.as_str() {
        "parse" => parse(PLAIN, times),
        "parse-tagged" => parse(TAGGED, times),
        "message" => {
            let message = message(MEMBERS / 2);
            (0..times).for_each(|_| chat.run(&message));
        }
        "message-past" => {
            chat.run(&bans());
            let message = message(MEMBERS / 2);
            (0..times).for_each(|_| chat.run(&message));
        }
        "enter" => {
            let (channel, reason) = ("#room".into(), None);
            let part = request(MEMBERS / 2, Action::Part { channel, reason });
            let join = join(MEMBERS / 2);
            for _ in 0..times {
                chat.run(&part);
                chat.run(&join);
            }
        }
        "register" => {
            let come = register(MEMBERS);
            let reason = "done".into();
            let go = request(MEMBERS, Action::Quit { reason });
            for _ in 0..times {
                chat.run(&come);
                chat.run(&go);
            }
        }
        other => panic!("{other} cannot be counted"),
    }
}

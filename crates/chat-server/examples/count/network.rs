//! What needs no server: parsing, deciding and applying, and what a fleet's frames are made of.

use std::hint::black_box;

use bytes::Bytes;
use chat_network::{
    Action, ChannelModeChange, Entry, Limits, ListKind, MessageKind, Network, NewUser, Origin,
    Position, Request, ServerId, SessionId, Stamp, Timestamp,
};
use chat_proto::Message;

/// A message as most are.
const PLAIN: &[u8] = b"PRIVMSG #room :What everyone in the channel has been waiting for";
const TAGGED: &[u8] =
    b"@+typing=done;label=a1 PRIVMSG #room :What everyone in the channel has been waiting for";
/// Members of the channel.
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
        let entry = self.decide(request);
        self.0.apply(black_box(&entry));
    }

    fn decide(&mut self, request: &Request) -> Entry {
        self.1 += 1;
        let stamp = Stamp {
            position: Position(self.1),
            time: Timestamp(0),
        };
        let event = self.0.decide(request, stamp).expect("it is allowed");
        let origin = request.origin;
        Entry {
            stamp,
            origin,
            event,
        }
    }
}

/// Parses a line so many times.
pub(crate) fn parse(tagged: bool, times: u32) {
    let line = if tagged { TAGGED } else { PLAIN };
    for _ in 0..times {
        let message = Message::parse(black_box(Bytes::from_static(line))).expect("a message");
        black_box(message.param(1));
    }
}

/// Decides and applies messages to the channel, which may have a hundred bans.
pub(crate) fn messages(banned: bool, times: u32) {
    let mut chat = Chat::new();
    if banned {
        chat.run(&bans());
    }
    let message = message(MEMBERS / 2);
    (0..times).for_each(|_| chat.run(&message));
}

/// Somebody leaves the channel and enters it again.
pub(crate) fn enter(times: u32) {
    let mut chat = Chat::new();
    let (channel, reason) = ("#room".into(), None);
    let part = request(MEMBERS / 2, Action::Part { channel, reason });
    let join = join(MEMBERS / 2);
    for _ in 0..times {
        chat.run(&part);
        chat.run(&join);
    }
}

/// A user comes and goes.
pub(crate) fn register_and_quit(times: u32) {
    let mut chat = Chat::new();
    let come = register(MEMBERS);
    let reason = "done".into();
    let go = request(MEMBERS, Action::Quit { reason });
    for _ in 0..times {
        chat.run(&come);
        chat.run(&go);
    }
}

/// The entry of a message becomes bytes, as once for all servers of a fleet.
pub(crate) fn encode(times: u32) {
    let entry = Chat::new().decide(&message(MEMBERS / 2));
    for _ in 0..times {
        let bytes = postcard::to_extend(black_box(&entry), Vec::with_capacity(256));
        black_box(bytes.expect("plain data"));
    }
}

/// And an entry again, as in each of its servers.
pub(crate) fn decode(times: u32) {
    let entry = Chat::new().decide(&message(MEMBERS / 2));
    let bytes = postcard::to_allocvec(&entry).expect("plain data");
    for _ in 0..times {
        let entry: Entry = postcard::from_bytes(black_box(&bytes)).expect("an entry");
        black_box(entry);
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
        tags: Vec::new(),
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

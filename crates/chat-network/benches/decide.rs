//! Decide and apply, as the sequencer does for every request.
//!
//! `cargo bench -p chat-network --bench decide`

use std::hint::black_box;

use chat_network::{
    Action, ChannelModeChange, Entry, Limits, ListKind, MessageKind, Network, NewUser, Origin,
    Position, Request, ServerId, SessionId, Stamp, Timestamp,
};
use criterion::{Criterion, criterion_group, criterion_main};

struct Chat {
    network: Network,
    position: u64,
}

impl Chat {
    /// A channel `#room` with so many members, of which the first is operator.
    fn with_members(members: u32) -> Self {
        let mut chat = Self {
            network: Network::new(Limits::default()),
            position: 0,
        };
        for member in 0..members {
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
            assert!(chat.run(&request(member, Action::Register(Box::new(new)))));
            assert!(chat.run(&request(member, join())));
        }
        chat
    }

    fn run(&mut self, request: &Request) -> bool {
        self.position += 1;
        let stamp = Stamp {
            position: Position(self.position),
            time: Timestamp(0),
        };
        let Ok(event) = self.network.decide(request, stamp) else {
            return false;
        };
        let entry = Entry {
            stamp,
            origin: request.origin,
            event,
        };
        self.network.apply(black_box(&entry));
        true
    }
}

fn request(member: u32, action: Action) -> Request {
    let session = SessionId::new(ServerId(1), 1, member);
    Request {
        origin: Origin::Session(session),
        action,
    }
}

fn join() -> Action {
    Action::Join {
        channel: "#room".into(),
        key: None,
    }
}

fn privmsg(target: &str) -> Action {
    Action::Message {
        kind: MessageKind::Privmsg,
        target: target.into(),
        text: "What everyone in the channel has been waiting for".into(),
        tags: Vec::new(),
    }
}

fn messages(criterion: &mut Criterion) {
    let mut chat = Chat::with_members(500);
    let to_channel = request(250, privmsg("#Room"));
    criterion.bench_function("PRIVMSG to 500 members", |bencher| {
        bencher.iter(|| assert!(chat.run(&to_channel)));
    });
    let to_user = request(250, privmsg("Member499"));
    criterion.bench_function("PRIVMSG to a nick among 500", |bencher| {
        bencher.iter(|| assert!(chat.run(&to_user)));
    });
    let bans = (0..100).map(|n| {
        ChannelModeChange::List(
            true,
            ListKind::Ban,
            format!("*!*@*.badhost{n}.example.com").into(),
        )
    });
    let (channel, changes) = ("#room".into(), bans.collect());
    assert!(chat.run(&request(0, Action::ChannelModes { channel, changes })));
    criterion.bench_function("PRIVMSG to 500 members past 100 bans", |bencher| {
        bencher.iter(|| assert!(chat.run(&to_channel)));
    });
}

fn memberships(criterion: &mut Criterion) {
    let mut chat = Chat::with_members(500);
    let part = request(
        250,
        Action::Part {
            channel: "#room".into(),
            reason: None,
        },
    );
    let join = request(250, join());
    criterion.bench_function("PART and JOIN among 500 members", |bencher| {
        bencher.iter(|| assert!(chat.run(&part) && chat.run(&join)));
    });
}

fn snapshots(criterion: &mut Criterion) {
    let network = Chat::with_members(10_000).network;
    let bytes = postcard::to_stdvec(&network).expect("a network is serialisable");
    criterion.bench_function("read a snapshot of 10,000 users", |bencher| {
        bencher.iter(|| postcard::from_bytes::<Network>(&bytes).is_ok());
    });
}

criterion_group!(benches, messages, memberships, snapshots);
criterion_main!(benches);

//! Sessions without sockets and without a runtime: a line in, steps out.

use bytes::Bytes;
use chat_network::{
    Action, Entry, Event, Limits, Network, NewUser, Origin, Position, ServerId, SessionId, Stamp,
    Timestamp, UserId,
};
use chat_proto::Message;
use chat_stats::{Board, SlotSetup};

use crate::command::{Context, Order, Step, Steps, dispatch, order};
use crate::config::Config;
use crate::session::{Pending, Session, Stage};
use crate::state::State;

struct Fixture {
    state: State,
    session: Session,
}

impl Fixture {
    fn new(config: Config) -> Self {
        let board = Board::private(&[SlotSetup { capacity: 3 }]);
        Self {
            state: State::new(config, Network::new(Limits::default()), Position(0), board),
            session: Session::new(SessionId::new(ServerId(1), 1, 1), "host".into(), false),
        }
    }

    fn open() -> Self {
        Self::new(Config::default())
    }

    /// A session whose user `ann` is known to the replica.
    fn registered() -> Self {
        let fixture = Self::open();
        fixture.add(fixture.session.id, "ann", 1);
        fixture.session.registered(UserId(1), "ann".into());
        fixture
    }

    fn add(&self, session: SessionId, nick: &str, position: u64) {
        let user = NewUser {
            nick: nick.into(),
            username: "~u".into(),
            host: "host".into(),
            realname: "Real".into(),
            secure: false,
            certificate: None,
            account: None,
            away: None,
        };
        self.state.network.borrow_mut().apply(&Entry {
            stamp: Stamp {
                position: Position(position),
                time: Timestamp(0),
            },
            origin: Origin::Session(session),
            event: Event::Registered {
                session,
                user: Box::new(user),
            },
        });
    }

    fn say(&self, line: &str) -> Vec<Step> {
        let message = Message::parse(Bytes::copy_from_slice(line.as_bytes())).unwrap();
        let mut steps = Steps::default();
        dispatch(
            &mut Context {
                state: &self.state,
                session: &self.session,
                steps: &mut steps,
            },
            &message,
        );
        steps.take().into_vec()
    }

    /// The lines of an answer that has nothing else.
    fn lines(&self, line: &str) -> Vec<String> {
        self.say(line)
            .into_iter()
            .map(|step| match step {
                Step::Line(line) => String::from_utf8(line.as_bytes().to_vec()).unwrap(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn order(&self, line: &str) -> Order {
        let message = Message::parse(Bytes::copy_from_slice(line.as_bytes())).unwrap();
        order(self.session.stage(), &message)
    }
}

#[test]
fn nick_and_user_in_any_order_ask_for_registration_once() {
    for lines in [
        ["NICK ann", "USER u 0 * :Real"],
        ["USER u 0 * :Real", "NICK ann"],
    ] {
        let fixture = Fixture::open();
        assert!(fixture.say(lines[0]).is_empty());
        let steps = fixture.say(lines[1]);
        let [Step::Request(Action::Register(user), Pending::Register)] = steps.as_slice() else {
            panic!("{steps:?}");
        };
        assert_eq!((user.nick.as_str(), user.username.as_str()), ("ann", "~u"));
        assert_eq!(
            (user.host.as_str(), user.realname.as_str()),
            ("host", "Real")
        );
        assert_eq!(fixture.session.stage(), Stage::Asked);
        assert!(
            fixture.say("USER u 0 * :Again").is_empty(),
            "it was asked already"
        );
    }
}

#[test]
fn a_refused_nick_can_be_followed_by_another() {
    let fixture = Fixture::open();
    fixture.say("NICK ann");
    fixture.say("USER u 0 * :Real");
    fixture.session.refused();
    assert_eq!(fixture.session.nick().as_str(), "*");
    let steps = fixture.say("NICK bob");
    assert!(
        matches!(steps.as_slice(), [Step::Request(Action::Register(_), _)]),
        "{steps:?}"
    );
}

#[test]
fn a_nick_that_is_taken_is_told_before_it_is_asked() {
    let fixture = Fixture::open();
    fixture.add(SessionId::new(ServerId(2), 1, 1), "Ann", 1);
    let lines = fixture.lines("NICK aNN");
    assert_eq!(
        lines,
        [":chat.local 433 * aNN :Nickname is already in use\r\n"]
    );
}

#[test]
fn a_wrong_password_ends_the_connection() {
    let fixture = Fixture::new(Config {
        password: "sesame".into(),
        ..Config::default()
    });
    fixture.say("PASS wrong");
    fixture.say("NICK ann");
    let steps = fixture.say("USER u 0 * :Real");
    assert!(
        matches!(steps.as_slice(), [Step::Line(_), Step::Close(_)]),
        "{steps:?}"
    );
}

#[test]
fn a_request_of_http_ends_a_connection_that_is_no_users() {
    for line in [
        "GET / HTTP/1.1",
        "POST /chat HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ] {
        let steps = Fixture::open().say(line);
        assert!(matches!(steps.as_slice(), [Step::Close(_)]), "{steps:?}");
    }
    for fixture in [Fixture::open(), Fixture::registered()] {
        let lines = fixture.lines("GETS / HTTP/1.1");
        assert!(lines[0].contains(" 421 "), "{lines:?}");
    }
    let lines = Fixture::registered().lines("GET / HTTP/1.1");
    assert!(lines[0].contains(" 421 ann GET "), "{lines:?}");
}

#[test]
fn what_only_asks_may_overtake_and_what_is_answered_here_may_not() {
    let fixture = Fixture::registered();
    for line in [
        "PRIVMSG #a :x",
        "JOIN #a",
        "PART #a",
        "TOPIC #a :x",
        "MODE #a +o bob",
        "MODE #a +b x",
        "KICK #a bob",
        "NICK bob",
        "RATE 5",
        "AWAY",
        "QUIT",
    ] {
        assert_eq!(fixture.order(line), Order::Request, "{line}");
    }
    for line in [
        "PING x",
        "NAMES #a",
        "WHO",
        "WHOIS bob",
        "LIST",
        "TOPIC #a",
        "MODE #a",
        "MODE #a b",
        "MODE #a +ob bob",
        "JOIN 0",
        "LUSERS",
        "STATS",
        "NONSENSE",
        "CAP LIST",
    ] {
        assert_eq!(fixture.order(line), Order::Local, "{line}");
    }
    assert_eq!(
        Fixture::open().order("PRIVMSG #a :x"),
        Order::Local,
        "nothing before registration"
    );
}

#[test]
fn one_line_may_ask_for_several_things_in_order() {
    let fixture = Fixture::registered();
    let steps = fixture.say("JOIN #a,,#b,#c key,,other");
    let joins: Vec<(String, Option<String>)> = steps
        .into_iter()
        .map(|step| match step {
            Step::Request(Action::Join { channel, key }, Pending::Plain) => {
                (channel.to_string(), key.map(|key| key.to_string()))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let other = Some("other".to_owned());
    let key = Some("key".to_owned());
    assert_eq!(
        joins,
        [
            ("#a".into(), key),
            ("#b".into(), None),
            ("#c".into(), other)
        ]
    );
}

#[test]
fn tags_are_taken_from_those_who_agreed_to_tags() {
    let fixture = Fixture::registered();
    let tags = |fixture: &Fixture| {
        let steps = fixture.say("@+a=1\\s2;b=3;+c PRIVMSG bob :x");
        let [Step::Request(Action::Message { tags, .. }, _)] = steps.as_slice() else {
            panic!("{steps:?}");
        };
        tags.iter()
            .map(|tag| format!("{}={}", tag.name, tag.value))
            .collect::<Vec<_>>()
    };
    assert!(tags(&fixture).is_empty());
    fixture.say("CAP REQ message-tags");
    assert_eq!(tags(&fixture), ["+a=1 2", "+c="]);
}

#[test]
fn the_welcome_fits_the_longest_nick() {
    let fixture = Fixture::open();
    let nick = "n".repeat(30);
    let welcome = fixture.state.welcome.to(&nick);
    let text = std::str::from_utf8(welcome.as_bytes()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 3, "{text}");
    assert!(
        lines
            .iter()
            .all(|line| line.len() <= 510 && line.contains(&nick))
    );
    let short = fixture.state.welcome.to("a");
    let short = std::str::from_utf8(short.as_bytes()).unwrap();
    assert_eq!(
        short.replace(" a ", " NICK "),
        text.replace(&format!(" {nick} "), " NICK ")
    );
}

#[test]
fn the_page_about_the_protocol_names_everything() {
    let page = include_str!("../../../../docs/protocol.md");
    let words: std::collections::HashSet<&str> = page
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_./".contains(letter))
        .collect();
    for command in crate::command::table::names() {
        assert!(words.contains(command), "{command}");
    }
    for capability in chat_proto::Capability::ALL {
        assert!(words.contains(capability.name()), "{}", capability.name());
    }
}

//! The door for embedding programs, and what is in the database afterwards.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use chat_server::{AskError, Error, Server, ServerEvent};

use crate::client::Client;
use crate::harness::{Running, builder, limits};

#[test]
fn say_kick_events_and_stats() {
    let server = Running::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut events = runtime.block_on(server.handle().events()).unwrap();
    let mut ann = server.join("ann");
    server.handle().say("#lobby", "one\ntwo").unwrap();
    ann.expect(":irc.test PRIVMSG #lobby :one");
    ann.expect(":irc.test PRIVMSG #lobby :two");
    ann.ask("PRIVMSG #lobby :three");
    server.handle().kick("ann", "enough").unwrap();
    assert_eq!(ann.rest(), ["ERROR :Closing link: enough"]);
    let mut seen = Vec::new();
    runtime.block_on(async {
        while let Some(event) = events.next().await {
            let text = match event {
                ServerEvent::Registered { nick } => format!("{nick} came"),
                ServerEvent::Joined { nick, channel } => format!("{nick} joined {channel}"),
                ServerEvent::Message { from, text, .. } => format!("{from:?}: {text}"),
                ServerEvent::Quit { nick, reason } => {
                    seen.push(format!("{nick} left: {reason}"));
                    break;
                }
                other => format!("{other:?}"),
            };
            seen.push(text);
        }
    });
    assert_eq!(
        seen,
        [
            "ann came",
            "ann joined #lobby",
            "None: one",
            "None: two",
            "Some(\"ann\"): three",
            "ann left: enough",
        ]
    );
    let huge = "x".repeat(1 << 20);
    assert_eq!(
        server.handle().say("#lobby", &huge),
        Err(AskError::TooLarge)
    );
}

#[test]
fn everything_is_written_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("storage.db");
    let server = Running::of(builder().database(&path));
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    bob.send("QUIT");
    bob.rest();
    ann.ask("RATE 3");
    ann.ask("PRIVMSG #lobby :to be kept");
    let mut half = server.connect();
    half.line();
    server.stop("Until tomorrow");
    assert_eq!(half.rest(), ["ERROR :Closing link: Until tomorrow"]);
    assert_eq!(
        ann.rest().last().unwrap(),
        "ERROR :Closing link: Until tomorrow"
    );

    let (writer, reader) = chat_store::open(&chat_store::Config::at(&path)).unwrap();
    let sessions = reader.sessions(None, 10).unwrap();
    assert_eq!(sessions.len(), 2);
    assert!(
        sessions
            .iter()
            .all(|row| row.in_time.is_some() && row.out_time.is_some())
    );
    assert_eq!(reader.message_count().unwrap(), 1);
    let today = sessions[0].date.clone().unwrap();
    let figures = reader.figures(&today).unwrap();
    assert_eq!((figures[0].today, figures[0].total_approaches), (2, 3));
    assert!((figures[0].average_rating - 3.0).abs() < 1e-9);
    writer.close(Duration::from_secs(10)).unwrap();

    let server = Running::of(builder().database(&path));
    let figures = &server.handle().stats().servers[0];
    assert_eq!((figures.now, figures.today, figures.rating_sum), (0, 2, 3));
}

#[test]
fn what_makes_no_sense_is_refused_at_the_start() {
    for (builder, key) in [
        (builder().name("two words"), "name"),
        (builder().network(""), "network"),
        (builder().lobby("lobby"), "lobby"),
    ] {
        match builder.start() {
            Err(Error::Config { key: refused, .. }) => assert_eq!(refused, key),
            other => panic!("{other:?}"),
        }
    }
    let first = Running::new();
    let second = builder().listen(first.address).start();
    assert!(matches!(second, Err(Error::Bind(_))), "{second:?}");
    let missing = builder().database("/nonexistent/storage.db").start();
    assert!(matches!(missing, Err(Error::Store(_))), "{missing:?}");
}

#[test]
fn a_dropped_handle_ends_the_server() {
    let server = Server::builder().limits(limits()).start().unwrap();
    let mut ann = Client::join(server.local_addrs()[0], "ann");
    drop(server);
    assert_eq!(ann.rest(), ["ERROR :Closing link: Server shutting down"]);
}

#[test]
fn the_example_runs() {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    let program = program.join("examples").join("embed");
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("connect to ")
        .unwrap()
        .parse()
        .unwrap();
    let mut ann = Client::join(address, "ann");
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "hello from the program").unwrap();
    ann.expect(":irc.example.org PRIVMSG #lobby :hello from the program");
    drop(input);
    assert_eq!(ann.rest(), ["ERROR :Closing link: The program has ended"]);
    assert!(child.wait().unwrap().success());
}

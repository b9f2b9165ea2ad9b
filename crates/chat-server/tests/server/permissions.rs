//! What other servers have got wrong: a secret is no secret if an answer differs, and who is shut out
//! is shut out by every way.

use chat_network::Action;
use chat_proto::sasl::base64;
use chat_proto::sasl::scram::Client as Scram;

use crate::accounts::{account, with};
use crate::client::Client;
use crate::fleet::{Server, block_on, fleet};
use crate::harness::{Running, next_millisecond};
use crate::lines::msgid;

const CAPS: &str = "batch message-tags server-time echo-message draft/chathistory \
    draft/event-playback draft/message-redaction draft/metadata-2 draft/read-marker \
    soju.im/search draft/channel-rename";

/// What names a channel, NAME.
const ABOUT_A_CHANNEL: &[&str] = &[
    "NAMES NAME",
    "WHO NAME",
    "LIST NAME",
    "TOPIC NAME",
    "TOPIC NAME :x",
    "MODE NAME",
    "MODE NAME b",
    "MODE NAME +i",
    "KICK NAME ann",
    "INVITE ann NAME",
    "PART NAME",
    "RENAME NAME #other",
    "METADATA NAME LIST",
    "METADATA NAME GET url",
    "METADATA NAME SYNC",
    "METADATA NAME SET url :x",
    "METADATA NAME CLEAR",
    "CHATHISTORY LATEST NAME * 10",
    "SEARCH text=treasure;in=NAME",
    "REDACT NAME 0000000000001",
    "MARKREAD NAME",
    "CS INFO NAME",
    "CS OP NAME",
];

/// What names none, and could tell of any.
const ABOUT_ALL: &[&str] = &[
    "LIST",
    "NAMES",
    "WHOIS ann",
    "WHO ann",
    "WHO *",
    "SEARCH text=treasure",
    "SEARCH from=ann",
    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50",
    "METADATA ann SYNC",
    "LUSERS",
];

/// Answers without what is counted or chosen anew for each: names of batches, times and ids.
fn alike(lines: &[String], name: &str) -> Vec<String> {
    let plain = |line: &String| {
        let line = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').map_or(tagged, |(_, rest)| rest),
            None => line,
        };
        let words = line.split(' ').map(|word| {
            let number = word.trim_start_matches(['+', '-', ':']);
            let batch = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            if batch && word.starts_with(['+', '-']) {
                "REF"
            } else {
                word
            }
        });
        words.collect::<Vec<_>>().join(" ").replace(name, "NAME")
    };
    lines.iter().map(plain).collect()
}

#[test]
fn a_secret_channel_is_to_others_as_if_it_were_not_there() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", CAPS);
    for channel in ["#secret", "#open"] {
        ann.ask(&format!("JOIN {channel}"));
        ann.ask(&format!("TOPIC {channel} :treasure"));
        ann.ask(&format!("METADATA {channel} SET url :treasure"));
        ann.ask(&format!("PRIVMSG {channel} :treasure"));
    }
    ann.ask("MODE #secret +s");
    // One has been there, the other never was.
    let mut gone = server.join_with("gone", CAPS);
    gone.ask("JOIN #secret");
    gone.ask("METADATA * SUB url");
    gone.ask("PART #secret");
    let mut eve = server.join_with("eve", CAPS);
    eve.ask("METADATA * SUB url");
    for client in [&mut gone, &mut eve] {
        for asked in ABOUT_A_CHANNEL {
            let [there, not] = ["#secret", "#nowhere"]
                .map(|name| alike(&client.ask(&asked.replace("NAME", name)), name));
            assert_eq!(there, not, "{asked}");
        }
        // What names no channel names none of them either.
        for asked in ABOUT_ALL {
            let told = client.ask(asked).join("\n");
            let known = told.contains("secret") || told.contains("treasure");
            assert!(
                !known || (*asked == "LIST" && !told.contains("#secret")),
                "{asked}: {told}"
            );
        }
    }
    // Nor is anything told when it changes.
    ann.ask("METADATA #secret SET url :other");
    ann.ask("TOPIC #secret :other");
    ann.ask("RENAME #secret #hidden");
    for client in [&mut gone, &mut eve] {
        assert_eq!(client.sync(), Vec::<String>::new());
    }
}

/// The id of the last message that a client has sent, from its echo.
fn id_of(lines: &[String]) -> String {
    msgid(lines.last().expect("an echo"))
}

#[test]
fn what_was_said_to_a_rank_is_given_to_nobody_else_later() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", CAPS);
    ann.ask("JOIN #a");
    let mut bob = server.join_with("bob", CAPS);
    bob.ask("JOIN #a");
    ann.sync();
    let before = id_of(&ann.ask("PRIVMSG #a :for all"));
    // The times of both are compared below, and told in milliseconds.
    next_millisecond();
    let hidden = id_of(&ann.ask("PRIVMSG @#a :treasure"));
    let told = bob.sync().join("\n");
    assert!(
        told.contains("for all") && !told.contains("treasure"),
        "{told}"
    );
    let everything = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    let sees = |client: &mut Client| {
        let asked = [
            "CHATHISTORY LATEST #a * 10".to_owned(),
            format!("CHATHISTORY AROUND #a msgid={hidden} 10"),
            format!("CHATHISTORY AFTER #a msgid={before} 10"),
            format!("CHATHISTORY BETWEEN #a {everything} 10"),
        ];
        asked.map(|asked| client.ask(&asked).join("\n").contains("treasure"))
    };
    assert_eq!(sees(&mut ann), [true; 4]);
    assert_eq!(sees(&mut bob), [false; 4]);
    // Not by its words, its time or its id.
    let found = bob.ask("SEARCH from=ann").join("\n");
    assert!(!found.contains("treasure"), "{found}");
    let targets = |client: &mut Client| {
        alike(
            &client.ask(&format!("CHATHISTORY TARGETS {everything} 10")),
            "#a",
        )
    };
    let (own, others) = (targets(&mut ann), targets(&mut bob));
    assert_eq!(own.len(), others.len());
    assert_ne!(
        own, others,
        "the time of the latest is that of what one sees"
    );
    assert_eq!(
        bob.ask(&format!("REDACT #a {hidden}")),
        [format!(
            ":irc.test FAIL REDACT UNKNOWN_MSGID #a {hidden} :This message does not exist or is too old"
        )]
    );
    // An answer to it, a withdrawal of it: nothing comes to who has not got it.
    ann.ask(&format!("REDACT #a {hidden}"));
    assert_eq!(bob.sync(), Vec::<String>::new());
    let played = bob.ask("CHATHISTORY LATEST #a * 50").join("\n");
    assert!(!played.contains("REDACT"), "{played}");
}

/// What comes of the right password for ann by SCRAM.
async fn prove(server: &Server) -> Vec<String> {
    let mut scram = server.connect().await;
    scram.ask("AUTHENTICATE SCRAM-SHA-256").await;
    let (first, client) = Scram::new("ann", "sesame", "fyko");
    let line = |text: &str| format!("AUTHENTICATE {}", base64::encode(text.as_bytes()));
    let challenge = scram.ask(&line(&first)).await;
    let (_, challenge) = challenge[0].rsplit_once(' ').expect("a challenge");
    let challenge = base64::decode(challenge).expect("is base64");
    let (last, _) = client.answer(&challenge).expect("is one");
    scram.ask(&line(&last)).await;
    scram.ask("AUTHENTICATE +").await
}

#[test]
fn a_suspended_account_is_closed_on_every_way() {
    block_on(async {
        let (journal, servers, _) = fleet(2).await;
        let certificate = Some([0xab; 32]);
        let mut ann = servers[0].connect_with(certificate).await;
        ann.send("NICK ann\r\nUSER a 0 * :A\r\n").await;
        ann.wait_for(" 366 ").await;
        ann.ask("NS REGISTER sesame").await;
        ann.ask("NS CERT ADD").await;
        ann.ask("NS SET ALWAYS-ON ON").await;
        let mut operator = journal.attach(chat_journal::Role::Operator).await.unwrap();
        let action = Action::SuspendAccount {
            account: "ann".into(),
            reason: "why".into(),
        };
        operator.ask(action).await.unwrap().unwrap();
        ann.wait_for("ERROR :Closing link: Account suspended").await;
        let refused = |told: Vec<String>, by: &str| {
            let told = told.join("\n");
            assert!(told.contains("suspended"), "{by}: {told}");
            assert!(
                !told.contains(" 900 ") && !told.contains(" 903 "),
                "{by}: {told}"
            );
        };
        for server in &servers {
            // base64 of `\0ann\0sesame`
            let mut plain = server.connect_with(certificate).await;
            plain.ask("AUTHENTICATE PLAIN").await;
            refused(plain.ask("AUTHENTICATE AGFubgBzZXNhbWU=").await, "PLAIN");
            plain.ask("AUTHENTICATE EXTERNAL").await;
            refused(plain.ask("AUTHENTICATE +").await, "EXTERNAL");

            refused(prove(server).await, "SCRAM");

            let mut bob = server.connect_with(certificate).await;
            bob.send("NICK bob\r\nUSER b 0 * :B\r\n").await;
            bob.wait_for(" 366 ").await;
            for by in ["IDENTIFY ann sesame", "IDENTIFY ann", "IDENTIFY"] {
                refused(bob.ask(&format!("NS {by}")).await, by);
            }
            // Its nick and name stay its own, and nothing about it can be asked for.
            let told = bob.ask("NICK ann").await;
            assert_eq!(
                told,
                [":chat.local 433 bob ann :Nickname is reserved by a different account"]
            );
            let told = bob.ask("REGISTER ann * sesame").await.join("\n");
            assert!(told.contains("FAIL REGISTER ACCOUNT_EXISTS ann"), "{told}");
            for by in ["GHOST ann", "REGAIN ann", "DROP ann", "VERIFY ann x"] {
                bob.ask(&format!("NS {by}")).await;
            }
            let told = bob.ask("NS INFO").await.join("\n");
            assert!(told.contains("not logged in"), "{told}");
            bob.send("QUIT\r\n").await;
            bob.wait_for("ERROR").await;
        }
        for server in servers {
            server.stop();
        }
        journal.shutdown().await;
    });
}

#[test]
fn a_name_that_looks_like_an_accounts_is_nobodys() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    // The first letter is Cyrillic.
    let alike = "\u{430}nn";
    let exists = format!(":irc.test FAIL REGISTER ACCOUNT_EXISTS {alike} :");
    let mut bob = server.join("bob");
    let told = bob.ask(&format!("REGISTER {alike} * sesame"));
    assert!(told[0].starts_with(&exists), "{told:?}");
    let told = bob.ask(&format!("NICK {alike}"));
    assert_eq!(
        told,
        [format!(
            ":irc.test 433 bob {alike} :Nickname is reserved by a different account"
        )]
    );
    let early = Running::of(with(chat_server::config::Accounts {
        before_connect: true,
        ..Default::default()
    }));
    account(&early, "ann", "sesame");
    let mut eve = early.connect();
    eve.line();
    eve.send(&format!("NICK eve\r\nREGISTER {alike} * sesame"));
    let told = eve.line();
    assert!(told.starts_with(&exists), "{told}");
}

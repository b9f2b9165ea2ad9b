//! Who may read what was said before, and who may not find it.

use std::time::{Duration, Instant};

use chat_server::Builder;
use chat_server::config::{Cutoff, History};

use super::{CAPS, NOWHERE, talk, texts};
use crate::accounts::{PASSWORD, account, device};
use crate::client::Client;
use crate::harness::{Running, builder, limits};
use crate::lines::has;

/// A server where one may read from then on.
fn cut_off(cutoff: Cutoff) -> Builder {
    let config = chat_server::Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        history: History {
            cutoff,
            ..History::default()
        },
        limits: limits(),
        ..Default::default()
    };
    builder().config(config)
}

/// The texts that a search finds, once `count` of them are in the index.
fn found(client: &mut Client, ask: &str, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let texts = texts(client, ask);
        if texts.len() >= count {
            return texts;
        }
        assert!(Instant::now() < end, "{ask}: {texts:?}");
        std::thread::yield_now();
    }
}

#[test]
fn who_joins_may_read_from_then_on_where_it_is_so_configured() {
    let server = Running::of(cut_off(Cutoff::JoinTime));
    let (mut ann, mut bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    let targets = "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z \
                   timestamp=2100-01-01T00:00:00.000Z 9";
    eve.ask("JOIN #a");
    assert_eq!(texts(&mut eve, "CHATHISTORY LATEST #a * 9"), [""; 0]);
    assert_eq!(texts(&mut eve, targets), [""; 0]);
    bob.ask("PRIVMSG #a :four");
    assert_eq!(found(&mut ann, "SEARCH in=#a", 4).len(), 4, "its operator");
    for ask in [
        "CHATHISTORY LATEST #a * 9",
        "SEARCH in=#a",
        "SEARCH text=four",
    ] {
        assert_eq!(texts(&mut eve, ask), [":four"], "{ask}");
    }
    let around = "CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00.000Z 9";
    assert_eq!(texts(&mut eve, around), [":four"]);
    assert_eq!(texts(&mut eve, targets).len(), 1);
    assert_eq!(texts(&mut bob, around).len(), 4, "it was there");
    bob.ask("PART #a");
    bob.ask("JOIN #a");
    assert_eq!(texts(&mut bob, around), [""; 0], "it came again");
    ann.ask("MODE #a +h eve");
    assert_eq!(texts(&mut eve, around).len(), 4);
}

#[test]
fn who_registers_may_read_from_then_on_where_it_is_so_configured() {
    let server = Running::of(cut_off(Cutoff::RegistrationTime));
    let (mut ann, _bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    ann.ask("PRIVMSG #a :four");
    eve.ask("JOIN #a");
    let all = "CHATHISTORY LATEST #a * 9";
    assert_eq!(texts(&mut eve, all), [":four"], "since it came");
    eve.ask("NS REGISTER secret");
    assert_eq!(texts(&mut eve, all), [""; 0], "since there is the account");
    ann.ask("PRIVMSG #a :five");
    assert_eq!(texts(&mut eve, all), [":five"]);
    drop(eve);
    let mut eve = server.join_with("other", CAPS);
    ann.ask("PRIVMSG #a :six");
    eve.ask("NS IDENTIFY eve secret");
    eve.ask("JOIN #a");
    assert_eq!(texts(&mut eve, all), [":five", ":six"]);
}

#[test]
fn who_stays_on_reads_from_its_joining_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(cut_off(Cutoff::JoinTime).database(&database));
    let server = begin();
    let (mut ann, _bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    eve.ask(&format!("NS REGISTER {}", PASSWORD));
    eve.ask("NS SET ALWAYS-ON ON");
    eve.ask("JOIN #a");
    ann.ask("PRIVMSG #a :four");
    server.stop("again");
    let server = begin();
    let (mut eve, _) = device(&server, "eve", "eve", CAPS);
    assert_eq!(texts(&mut eve, "CHATHISTORY LATEST #a * 9"), [":four"]);
}

/// The same words for what is not there, what is closed to the asker, and what is hidden.
#[test]
fn strangers_learn_nothing_of_a_channel() {
    let server = Running::quiet();
    let (mut ann, mut bob, ids) = talk(&server);
    ann.ask("MODE #a +s");
    bob.ask("PART #a");
    let mut cleo = server.join_with("cleo", CAPS);
    for stranger in [&mut bob, &mut cleo] {
        for what in ["#a", "#A", "#nowhere", "@#a"] {
            let second = format!("msgid={}", ids[1]);
            for ask in ["LATEST {} * 5", "BEFORE {} {m} 5", "AROUND {} {m} 5"] {
                let ask = ask.replace("{m}", &second).replace("{}", what);
                let subcommand = ask.split(' ').next().unwrap().to_owned();
                let lines = stranger.ask(&format!("CHATHISTORY {ask}"));
                let told = lines.join("\n");
                if what.starts_with('#') {
                    assert_eq!(
                        told,
                        format!(
                            ":irc.test FAIL CHATHISTORY INVALID_TARGET {subcommand} {what} :{NOWHERE}"
                        )
                    );
                }
                assert!(!told.contains("PRIVMSG"), "{told}");
            }
        }
        let all =
            "TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50";
        let lines = stranger.ask(&format!("CHATHISTORY {all}"));
        assert!(!lines.join("\n").contains("#a"), "{lines:?}");
    }
}

#[test]
fn a_channel_founded_again_is_another() {
    let server = Running::new();
    let (mut ann, mut bob, _) = talk(&server);
    ann.ask("PART #a");
    bob.ask("PART #a");
    let mut cleo = server.join_with("cleo", CAPS);
    cleo.ask("JOIN #a");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST #a * 50"), [""; 0]);
    cleo.ask("PRIVMSG #a :new");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST #a * 50"), [":new"]);
    // The lobby is everyone's for ever.
    ann.ask("PRIVMSG #lobby :hello");
    ann.ask("PART #lobby");
    bob.ask("PART #lobby");
    cleo.ask("PART #lobby");
    cleo.ask("JOIN #lobby");
    assert_eq!(
        texts(&mut cleo, "CHATHISTORY LATEST #lobby * 50"),
        [":hello"]
    );
}

#[test]
fn a_message_to_a_rank_is_history_for_that_rank_only() {
    let server = Running::quiet();
    let (mut ann, mut bob, _) = talk(&server);
    ann.ask("PRIVMSG @#a :for operators");
    ann.ask("PRIVMSG +#a :for voices");
    let of = |client: &mut Client| {
        texts(
            client,
            "CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00.000Z 50",
        )
    };
    assert_eq!(of(&mut bob), [":one", ":two", ":three"]);
    ann.ask("MODE #a +v bob");
    assert_eq!(of(&mut bob), [":one", ":two", ":three", ":for voices"]);
    assert_eq!(of(&mut ann).len(), 5);
    ann.ask("MODE #a +o bob");
    ann.ask("MODE #a -o ann");
    assert_eq!(of(&mut bob).len(), 5);
    // One's own are one's own.
    assert_eq!(of(&mut ann).len(), 5);
    let mut cleo = server.join_with("cleo", CAPS);
    cleo.ask("JOIN #a");
    assert_eq!(of(&mut cleo).len(), 3);
}

#[test]
fn a_conversation_is_for_its_two_and_a_nick_alone_opens_nothing() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", CAPS);
    let mut bob = server.join_with("bob", CAPS);
    ann.ask("PRIVMSG bob :secret");
    bob.ask("PRIVMSG ann :whisper");
    bob.sync();
    assert_eq!(
        texts(&mut ann, "CHATHISTORY LATEST bob * 9"),
        [":secret", ":whisper"]
    );
    assert_eq!(
        texts(&mut bob, "CHATHISTORY LATEST ANN * 9"),
        [":secret", ":whisper"]
    );
    let mut cleo = server.join_with("cleo", CAPS);
    for what in ["ann", "bob", "cleo", "nobody"] {
        assert_eq!(
            texts(&mut cleo, &format!("CHATHISTORY LATEST {what} * 9")),
            [""; 0]
        );
    }
    // Another nick is the same person.
    ann.ask("NICK anna");
    assert_eq!(texts(&mut bob, "CHATHISTORY LATEST anna * 9").len(), 2);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9").len(), 2);
    // Who takes the nick of one who is gone reads nothing, and is not taken for them.
    bob.send("QUIT");
    bob.rest();
    cleo.ask("NICK bob");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST anna * 9"), [""; 0]);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9"), [""; 0]);
    cleo.ask("NICK cleo");
    // With nobody of that name on, it is whom one has written with.
    assert_eq!(
        texts(&mut ann, "CHATHISTORY LATEST Bob * 9"),
        [":secret", ":whisper"]
    );
}

/// What was written to an account is the account's, on whichever device and after whichever restart;
/// who has the nick without it reads nothing.
#[test]
fn a_conversation_belongs_to_the_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let server = begin();
    account(&server, "ann", PASSWORD);
    account(&server, "bob", PASSWORD);
    let (mut ann, _) = device(&server, "ann", "ann", "draft/chathistory");
    let (mut bob, _) = device(&server, "bob", "bob", "draft/chathistory");
    let mut guest = server.join("guest");
    ann.ask("PRIVMSG bob :for bob");
    guest.ask("PRIVMSG ann :from a guest");
    bob.sync();
    server.stop("for a moment");
    let server = begin();
    let (mut bob, _) = device(&server, "bob", "bob", "draft/chathistory");
    let (mut phone, _) = device(&server, "ann", "ann", "draft/chathistory");
    assert!(has(&bob.ask("CHATHISTORY LATEST ann * 9"), ":for bob"));
    assert!(has(&phone.ask("CHATHISTORY LATEST bob * 9"), ":for bob"));
    assert!(has(
        &phone.ask("CHATHISTORY LATEST guest * 9"),
        ":from a guest"
    ));
    // Another guest of that name: nothing of the first one, for either.
    let mut guest = server.join("guest");
    assert!(!has(&guest.ask("CHATHISTORY LATEST ann * 9"), "guest"));
    assert!(!has(&phone.ask("CHATHISTORY LATEST guest * 9"), "PRIVMSG"));
    let times = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    let targets = phone.ask(&format!("CHATHISTORY TARGETS {times} 9"));
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert!(targets[0].contains(" TARGETS bob "), "{targets:?}");
}

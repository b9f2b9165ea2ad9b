//! METADATA: what users and channels tell about themselves.

use chat_server::config::{Flood, Limits};

use crate::accounts::{PASSWORD, account, device};
use crate::client::Client;
use crate::harness::{Running, builder, limits};

const CAPABILITIES: &str = "draft/metadata-2 batch";

/// The lines of a batch, without its tag; its beginning and end are checked.
fn batch(lines: &[String], kind: &str) -> Vec<String> {
    let (first, rest) = lines.split_first().expect("a batch begins");
    assert_eq!(first, &format!(":irc.test BATCH +metadata {kind}"));
    let (last, inner) = rest.split_last().expect("a batch ends");
    assert_eq!(last, ":irc.test BATCH -metadata");
    let inner = inner.iter();
    let tag = |line: &String| {
        line.strip_prefix("@batch=metadata ")
            .expect("within the batch")
            .to_owned()
    };
    inner.map(tag).collect()
}

fn join(server: &Running, nick: &str, channel: &str) -> Client {
    let mut client = server.join_with(nick, CAPABILITIES);
    client.ask(&format!("JOIN {channel}"));
    client
}

#[test]
fn what_is_set_is_told_and_what_is_cleared_is_gone() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    ann.ask("PART #lobby");
    let set = ann.ask("METADATA * SET url :https://a.example/ ä");
    assert_eq!(set, [":irc.test 761 ann ann url * :https://a.example/ ä"]);
    ann.ask("METADATA ann SET empty :");
    let told = batch(&ann.ask("METADATA ANN LIST"), "metadata ann");
    assert_eq!(
        told,
        [
            ":irc.test 761 ann ann empty * :",
            ":irc.test 761 ann ann url * :https://a.example/ ä"
        ]
    );
    let told = batch(&ann.ask("METADATA * GET url Bad nothing"), "metadata ann");
    assert_eq!(
        told,
        [
            ":irc.test 761 ann ann url * :https://a.example/ ä",
            ":irc.test FAIL METADATA KEY_INVALID Bad :Not a key",
            ":irc.test 766 ann ann nothing :key not set",
        ]
    );
    let mut bob = server.join_with("bob", CAPABILITIES);
    let about = bob.ask("WHOIS ann");
    assert!(about.contains(&":irc.test 760 bob ann url * :https://a.example/ ä".to_owned()));
    let cleared = batch(&ann.ask("METADATA * CLEAR"), "metadata ann");
    assert_eq!(cleared.len(), 2);
    assert!(cleared.iter().all(|line| line.contains(" 766 ann ann ")));
    assert_eq!(
        batch(&bob.ask("METADATA ann LIST"), "metadata ann"),
        Vec::<String>::new()
    );
    // Who knows no batches gets the lines.
    let mut old = server.join("old");
    ann.ask("METADATA * SET url :x");
    assert_eq!(
        old.ask("METADATA ann LIST"),
        [":irc.test 761 old ann url * :x"]
    );
    assert!(
        old.ask("WHOIS ann")
            .iter()
            .all(|line| !line.contains(" 760 "))
    );
}

#[test]
fn each_refusal_has_its_code() {
    let server = Running::new();
    let mut ann = join(&server, "ann", "#room");
    let mut bob = join(&server, "bob", "#room");
    ann.sync();
    ann.ask("MODE #room +s");
    bob.sync();
    let mut eve = server.join_with("eve", CAPABILITIES);
    let long = format!("METADATA * SET url :{}", "x".repeat(257));
    for (asked, told) in [
        ("METADATA nobody LIST", "INVALID_TARGET nobody"),
        ("METADATA #nowhere GET url", "INVALID_TARGET #nowhere"),
        ("METADATA #room LIST", "INVALID_TARGET #room"),
        ("METADATA #room SET url :x", "INVALID_TARGET #room"),
        ("METADATA ann SET url :x", "KEY_NO_PERMISSION ann url"),
        ("METADATA ann CLEAR", "KEY_NO_PERMISSION ann *"),
        ("METADATA * SET Url :x", "KEY_INVALID Url"),
        (&*long, "VALUE_INVALID"),
        ("METADATA * SET url", "KEY_NOT_SET * url"),
        ("METADATA * DESTROY", "SUBCOMMAND_INVALID DESTROY"),
        ("METADATA ann SUBS", "INVALID_TARGET ann"),
    ] {
        let answer = eve.ask(asked);
        let beginning = format!(":irc.test FAIL METADATA {told} :");
        assert!(
            answer.len() == 1 && answer[0].starts_with(&beginning),
            "{asked}: {answer:?}"
        );
    }
    assert_eq!(
        eve.ask("METADATA * SET"),
        [":irc.test 461 eve METADATA :Not enough parameters"]
    );
    ann.ask("MODE #room -s");
    let answer = eve.ask("METADATA #room GET url");
    assert!(
        answer[0].contains("FAIL METADATA KEY_NO_PERMISSION #room *"),
        "{answer:?}"
    );
    let answer = bob.ask("METADATA #room SET url :x");
    assert!(
        answer
            .iter()
            .any(|line| line.contains("KEY_NO_PERMISSION #room url"))
    );
    for number in 0..20 {
        ann.ask(&format!("METADATA * SET k{number} :x"));
    }
    let answer = ann.ask("METADATA * SET one-more :x");
    assert!(
        answer[0].contains("FAIL METADATA LIMIT_REACHED *"),
        "{answer:?}"
    );
}

#[test]
fn subscriptions_are_counted_listed_and_given_up() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    assert_eq!(
        ann.ask("METADATA * SUB b Bad a b"),
        [
            ":irc.test FAIL METADATA KEY_INVALID Bad :Not a key",
            ":irc.test 770 ann b a b",
        ]
    );
    assert_eq!(
        batch(&ann.ask("METADATA * SUBS"), "metadata-subs"),
        [":irc.test 772 ann a b"]
    );
    assert_eq!(
        ann.ask("METADATA * UNSUB b nothing"),
        [":irc.test 771 ann b nothing"]
    );
    for number in 0..49 {
        ann.ask(&format!("METADATA * SUB k{number}"));
    }
    let answer = ann.ask("METADATA * SUB a more k1");
    assert_eq!(
        answer,
        [
            ":irc.test FAIL METADATA TOO_MANY_SUBS more :Too many subscriptions",
            ":irc.test 770 ann a",
        ]
    );
    let listed = batch(&ann.ask("METADATA * SUBS"), "metadata-subs");
    let keys = listed.iter().map(|line| line.split(' ').count() - 3);
    assert_eq!(keys.sum::<usize>(), 50);
}

#[test]
fn who_wants_to_know_is_told_and_nobody_else() {
    let server = Running::new();
    let mut ann = join(&server, "ann", "#room");
    let mut bob = join(&server, "bob", "#room");
    let mut eve = server.join_with("eve", CAPABILITIES);
    let mut plain = server.join("plain");
    eve.ask("PART #lobby");
    plain.ask("JOIN #room");
    bob.ask("METADATA * SUB url");
    eve.ask("METADATA * SUB url");
    ann.sync();
    ann.ask("METADATA * SET url :x");
    ann.ask("METADATA * SET other :x");
    ann.ask("METADATA #room SET url :y");
    let told = ":ann!~ann@127.0.0.1 METADATA";
    assert_eq!(
        bob.sync(),
        [
            format!("{told} ann url * :x"),
            format!("{told} #room url * :y")
        ]
    );
    assert!(plain.sync().iter().all(|line| !line.contains("METADATA")));
    assert!(
        eve.sync().iter().all(|line| !line.contains("METADATA")),
        "they share no channel"
    );
    // Who monitors is told now, and of every change.
    let now = eve.ask("MONITOR + ann");
    assert_eq!(now.last().unwrap(), ":irc.test METADATA ann url * :x");
    ann.ask("METADATA * SET url");
    assert_eq!(eve.sync(), [format!("{told} ann url *")]);
    // Who subscribes or joins later learns what there is.
    let (late, _stay) = join_and_subscribe(&server);
    assert_eq!(late, [":irc.test METADATA #room url * :y"]);
    bob.sync();
    assert_eq!(
        batch(&bob.ask("METADATA #room SYNC"), "metadata #room"),
        [":irc.test METADATA #room url * :y"]
    );
}

/// What one learns who joins with subscriptions, and then subscribes again.
fn join_and_subscribe(server: &Running) -> (Vec<String>, [Client; 2]) {
    let mut late = server.join_with("late", CAPABILITIES);
    late.ask("METADATA * SUB url");
    let joined = late.ask("JOIN #room");
    let start = joined
        .iter()
        .position(|line| line.contains(" BATCH +"))
        .expect("a batch begins");
    let told = batch(&joined[start..], "metadata #room");
    let mut again = join(server, "again", "#room");
    let answer = again.ask("METADATA * SUB url");
    assert_eq!(answer, [":irc.test 770 again url", &*told[0]]);
    (told, [late, again])
}

#[test]
fn what_is_said_before_the_registration_is_true_with_it() {
    let server = Running::new();
    let mut watcher = server.join_with("watcher", CAPABILITIES);
    watcher.ask("METADATA * SUB display-name");
    let mut ann = server.connect();
    ann.send("CAP LS 302");
    let value = "before-connect,max-subs=50,max-keys=20,max-value-bytes=256";
    let listed = ann.capabilities();
    assert!(
        listed.contains(&format!("draft/metadata-2={value} ")),
        "{listed}"
    );
    ann.send(&format!("CAP REQ :{CAPABILITIES}"));
    ann.wait_for(" ACK ");
    assert_eq!(
        ann.ask("METADATA * SET display-name :Ann the First"),
        [":irc.test 761 * * display-name * :Ann the First"]
    );
    let answer = ann.ask("METADATA watcher LIST");
    assert!(
        answer[0].contains("FAIL METADATA KEY_NO_PERMISSION watcher *"),
        "{answer:?}"
    );
    assert_eq!(batch(&ann.ask("METADATA * LIST"), "metadata *").len(), 1);
    ann.send("NICK ann\r\nUSER ann 0 * :Ann\r\nCAP END");
    ann.wait_for(" BATCH +metadata metadata ann");
    ann.expect("@batch=metadata :irc.test METADATA ann display-name * :Ann the First");
    ann.expect(":irc.test BATCH -metadata");
    ann.wait_for(" 422 ");
    ann.sync();
    let told = batch(&watcher.ask("METADATA ann LIST")[1..], "metadata ann");
    assert_eq!(
        told,
        [":irc.test 761 watcher ann display-name * :Ann the First"]
    );
}

#[test]
fn what_is_told_with_an_account_is_told_again_by_who_comes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let come = |server: &Running| device(server, "ann", "ann", CAPABILITIES);
    let mut server = begin();
    account(&server, "ann", PASSWORD);
    let (mut ann, told) = come(&server);
    assert!(!told.concat().contains(" METADATA "), "{told:?}");
    for set in ["avatar :a", "url :u", "url", "pronouns :they"] {
        ann.ask(&format!("METADATA * SET {set}"));
    }
    for restart in [false, true] {
        ann.send("QUIT");
        ann.rest();
        if restart {
            server.stop("for a moment");
            server = begin();
        }
        let told;
        (ann, told) = come(&server);
        let own = |part: &str| told.iter().any(|line| line.contains(part));
        let both = own(" METADATA ann avatar * ") && own(" METADATA ann pronouns * ");
        assert!(both, "{told:?}");
        assert!(!told.concat().contains(" url "), "{told:?}");
    }
    let listed = batch(&ann.ask("METADATA ann LIST"), "metadata ann");
    assert_eq!(listed.len(), 2);
    ann.ask("METADATA * CLEAR");
    ann.send("QUIT");
    ann.rest();
    let (_ann, told) = come(&server);
    assert!(!told.concat().contains(" avatar "), "{told:?}");
}

#[test]
fn who_changes_too_often_is_told_when_it_may_again() {
    let limits = Limits {
        flood: Some(Flood {
            burst: 1000,
            ..Flood::default()
        }),
        metadata_subscriptions: 1,
        ..limits()
    };
    let server = Running::of(builder().lobby("").limits(limits));
    let mut ann = server.join_with("ann", "draft/metadata-2 batch");
    let mut limited = None;
    // A change is given back each second; nothing takes that long a hundred times.
    for number in 0..100 {
        let answer = ann.ask(&format!("METADATA * SET url :{number}"));
        limited = answer.into_iter().find(|line| line.contains(" FAIL "));
        if limited.is_some() {
            assert!(number >= 20, "after {number}");
            break;
        }
    }
    let limited = limited.expect("too many");
    let fail = ":irc.test FAIL METADATA RATE_LIMITED * url 1 :Too many changes";
    assert_eq!(limited, fail);
    assert_eq!(
        ann.ask("METADATA * SUB url avatar")[0],
        ":irc.test FAIL METADATA TOO_MANY_SUBS avatar :Too many subscriptions"
    );
    let mut bob = server.connect();
    bob.send("CAP LS 302");
    let told = bob.capabilities();
    assert!(told.contains("max-subs=1,max-keys=20,"), "{told}");
}

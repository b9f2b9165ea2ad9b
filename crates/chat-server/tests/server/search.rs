//! SEARCH at byte level.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::harness::Running;
use crate::lines::msgid;

const CAPS: &str = "batch message-tags server-time draft/chathistory soju.im/search";

/// The batch that answers a search.
fn answer(client: &mut Client, ask: &str) -> Vec<String> {
    let mut lines = client.ask(&format!("SEARCH {ask}"));
    let begin = lines.iter().position(|line| line.contains(" BATCH +"));
    lines.split_off(begin.expect("a batch"))
}

/// The texts that are found; waits until the index knows as many as are expected.
fn found(client: &mut Client, ask: &str, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let lines = answer(client, ask);
        let (first, rest) = lines.split_first().expect("a batch");
        assert!(first.contains(" soju.im/search"), "{first}");
        let (_, inside) = rest.split_last().expect("its end");
        let text = |line: &String| line.rsplit(" :").next().unwrap_or_default().to_owned();
        let texts: Vec<String> = inside.iter().map(text).collect();
        if texts.len() >= count {
            return texts;
        }
        assert!(Instant::now() < end, "{ask}: only {texts:?}");
        std::thread::yield_now();
    }
}

/// Nothing is found, although everything that was said is in the index: `known` is found by now.
fn nothing(client: &mut Client, ask: &str, witness: &mut Client, known: &str) {
    found(witness, known, 1);
    let lines = answer(client, ask);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

/// Who said what: ann (operator) and bob in the secret #a, eve in #b.
fn treasures(server: &Running) -> [Client; 3] {
    let mut ann = server.join_with("ann", CAPS);
    let mut bob = server.join_with("bob", CAPS);
    let mut eve = server.join_with("eve", CAPS);
    for client in [&mut ann, &mut bob] {
        client.ask("JOIN #a");
    }
    eve.ask("JOIN #b");
    ann.ask("MODE #a +s");
    ann.ask("PRIVMSG #a :the first treasure");
    bob.ask("PRIVMSG #a :another Treasure");
    ann.ask("PRIVMSG @#a :treasure of operators");
    bob.ask("PRIVMSG ann :treasure between us");
    eve.ask("PRIVMSG #b :treasure elsewhere");
    ann.ask("PRIVMSG #a :the last");
    let mut all = [ann, bob, eve];
    for client in &mut all {
        client.sync();
    }
    all
}

#[test]
fn one_finds_what_was_said_where_one_may_read_and_nothing_else() {
    let server = Running::quiet();
    let [mut ann, mut bob, mut eve] = treasures(&server);
    let all = [
        "the first treasure",
        "another Treasure",
        "treasure of operators",
        "treasure between us",
    ];
    assert_eq!(found(&mut ann, "text=treasure", 4), all);
    assert_eq!(
        found(&mut bob, "text=treasure", 3),
        [all[0], all[1], all[3]]
    );
    assert_eq!(found(&mut ann, "text=treasure;in=#A", 3), all[..3]);
    assert_eq!(found(&mut ann, "text=treasure;in=bob", 1), all[3..]);
    assert_eq!(found(&mut ann, "from=Bob", 2), [all[1], all[3]]);
    assert_eq!(found(&mut ann, "text=treas*;limit=1", 1), all[3..]);
    assert_eq!(
        found(
            &mut ann,
            "text=treasure;after=2000-01-01T00:00:00.000Z;limit=1",
            1
        ),
        all[..1]
    );
    assert_eq!(found(&mut ann, "text=first\\streasure", 1), all[..1]);
    assert_eq!(found(&mut eve, "text=treasure", 1), ["treasure elsewhere"]);
    for ask in [
        "text=first",
        "text=treasure;in=#a",
        "text=treasure;in=#nowhere",
        "text=treasure;in=ann",
        "text=treasure;in=bob",
        "from=ann",
        "text=treasure;before=2000-01-01T00:00:00.000Z",
    ] {
        nothing(&mut eve, ask, &mut ann, "text=last;in=#a");
    }
    // Who leaves finds nothing any more; nor does anybody find what is withdrawn.
    bob.ask("PART #a");
    assert_eq!(found(&mut bob, "text=treasure", 1), all[3..]);
    nothing(&mut bob, "text=first", &mut ann, "text=last;in=#a");
    let lines = ann.ask("CHATHISTORY LATEST #a * 1");
    ann.ask(&format!("REDACT #a {}", msgid(&lines[1])));
    nothing(&mut ann, "text=last", &mut eve, "text=elsewhere");
}

#[test]
fn wrong_searches_are_told() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", CAPS);
    for (ask, about) in [
        ("nonsense", "*"),
        ("limit=0;text=x", "limit"),
        ("after=now", "after"),
    ] {
        let lines = ann.ask(&format!("SEARCH {ask}"));
        assert_eq!(
            lines,
            [format!(
                ":irc.test FAIL SEARCH INVALID_PARAMS {about} :Invalid parameters"
            )]
        );
    }
    assert_eq!(
        ann.ask("SEARCH"),
        [":irc.test 461 ann SEARCH :Not enough parameters"]
    );
}

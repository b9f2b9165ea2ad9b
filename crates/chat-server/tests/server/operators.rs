//! Who becomes an operator of the chat, and what that allows.

use chat_network::{Right, Rights};
use chat_server::config::{Config, Operator};

use crate::harness::{Running, become_operator, limits, operator};

fn running(operators: Vec<Operator>) -> Running {
    let config = Config {
        name: "irc.test".into(),
        limits: limits(),
        operators,
        ..Config::default()
    };
    Running::of(chat_server::Server::builder().config(config))
}

/// With an operator `root` who may do everything, and `helper` who may only kill.
fn with_two() -> Running {
    running(vec![
        operator("root", Rights::all()),
        operator("helper", Rights::from_iter([Right::Kill])),
    ])
}

#[test]
fn the_right_name_and_password_make_an_operator() {
    let server = with_two();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("OPER root wrong"),
        [":irc.test 464 ann :Password incorrect"]
    );
    assert_eq!(
        ann.ask("OPER nobody secret"),
        [":irc.test 464 ann :Password incorrect"]
    );
    assert_eq!(
        ann.ask("OPER root"),
        [":irc.test 464 ann :Password incorrect"]
    );
    let waits = ann.ask("OPER root secret");
    assert!(waits[0].contains(" 491 ann :Too many tries"), "{waits:?}");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("OPER root secret"),
        [
            ":bob!~bob@127.0.0.1 MODE bob +o",
            ":irc.test 381 bob :You are now an IRC operator",
        ]
    );
    assert_eq!(
        bob.ask("OPER root secret"),
        [":irc.test FAIL OPER ALREADY_OPERATOR :You are an operator already"]
    );
    assert_eq!(bob.ask("MODE bob"), [":irc.test 221 bob +o"]);
    assert!(
        ann.ask("WHOIS bob")
            .contains(&":irc.test 313 ann bob :is an IRC operator".to_owned())
    );
    assert!(ann.ask("WHO bob")[0].contains(" bob H* :0 "));
    let modes = |answer: Vec<String>| answer.into_iter().find(|line| line.contains(" 379 "));
    assert_eq!(modes(ann.ask("WHOIS bob")), None, "a stranger is not told");
    assert_eq!(
        modes(bob.ask("WHOIS bob")).unwrap(),
        ":irc.test 379 bob bob :is using modes +o"
    );
    assert_eq!(
        modes(bob.ask("WHOIS ann")).unwrap(),
        ":irc.test 379 bob ann :is using modes +"
    );
    assert!(ann.ask("USERHOST bob")[0].ends_with(":bob*=+~bob@127.0.0.1"));
    assert!(
        ann.ask("LUSERS")
            .iter()
            .any(|line| line.contains(" 252 ann 1 :"))
    );
    assert_eq!(bob.ask("MODE bob -o"), [":bob!~bob@127.0.0.1 MODE bob -o"]);
    assert!(bob.ask("MODE bob +o").is_empty());
    assert!(
        ann.ask("LUSERS")
            .iter()
            .any(|line| line.contains(" 252 ann 0 :"))
    );
}

#[test]
fn operators_come_from_where_they_may_and_without_any_there_are_none() {
    let server = Running::new();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("OPER root secret"),
        [":irc.test 491 ann :No O-lines for your host"]
    );
    let mut elsewhere = operator("root", Rights::all());
    elsewhere.hosts = vec!["*@192.0.2.*".into()];
    let mut here = operator("here", Rights::all());
    here.hosts = vec!["*@192.0.2.*".into(), "~ann@127.0.0.1".into()];
    here.hidden = true;
    here.vhost = "staff.example".into();
    let mut certified = operator("certified", Rights::all());
    certified.certificate = "ab".repeat(32);
    let server = running(vec![elsewhere, here, certified]);
    let mut ann = server.join_with("ann", "chghost");
    let mut bob = server.join_with("bob", "chghost");
    ann.sync();
    for name in ["root", "certified"] {
        assert_eq!(
            ann.ask(&format!("OPER {name} secret")),
            [":irc.test 464 ann :Password incorrect"]
        );
    }
    assert_eq!(
        ann.ask("OPER here secret"),
        [
            ":ann!~ann@127.0.0.1 MODE ann +o",
            ":irc.test 381 ann :You are now an IRC operator",
            ":ann!~ann@127.0.0.1 CHGHOST ~ann staff.example",
        ]
    );
    bob.expect(":ann!~ann@127.0.0.1 CHGHOST ~ann staff.example");
    let whois = bob.ask("WHOIS ann");
    assert!(whois[0].contains(" 311 bob ann ~ann staff.example "));
    assert!(!whois.iter().any(|line| line.contains(" 313 ")));
    assert!(
        ann.ask("WHOIS ann")
            .iter()
            .any(|line| line.contains(" 313 "))
    );
}

#[test]
fn only_who_may_kills() {
    let server = with_two();
    let [mut ann, mut bob, mut carl] = ["ann", "bob", "carl"].map(|nick| server.join(nick));
    for client in [&mut ann, &mut bob] {
        client.sync();
    }
    assert_eq!(
        bob.ask("KILL carl :no"),
        [":irc.test 481 bob :Permission Denied- You're not an IRC operator"]
    );
    become_operator(&mut ann, "helper");
    assert_eq!(
        ann.ask("KILL nobody"),
        [":irc.test 401 ann nobody :No such nick/channel"]
    );
    assert_eq!(
        ann.ask("KILL"),
        [":irc.test 461 ann KILL :Not enough parameters"]
    );
    assert_eq!(
        ann.ask("KILL carl :enough"),
        [":carl!~carl@127.0.0.1 QUIT :Killed by ann: enough"]
    );
    assert_eq!(
        carl.rest().last().unwrap(),
        "ERROR :Closing link: Killed by ann: enough"
    );
    bob.expect(":carl!~carl@127.0.0.1 QUIT :Killed by ann: enough");
    assert_eq!(
        ann.ask("WALLOPS :hello"),
        [":irc.test 723 ann wallops :Insufficient oper privileges."]
    );
}

#[test]
fn wallops_reach_who_wants_them() {
    let server = with_two();
    let [mut ann, mut bob, mut carl] = ["ann", "bob", "carl"].map(|nick| server.join(nick));
    become_operator(&mut ann, "root");
    assert_eq!(
        bob.ask("MODE bob +w").last().unwrap(),
        ":bob!~bob@127.0.0.1 MODE bob +w"
    );
    carl.sync();
    assert!(ann.ask("WALLOPS :the cellar is open").is_empty());
    bob.expect(":ann!~ann@127.0.0.1 WALLOPS :the cellar is open");
    assert!(carl.sync().is_empty());
}

#[test]
fn an_operator_enters_and_mends_any_channel() {
    let server = with_two();
    let [mut ann, mut bob] = ["ann", "bob"].map(|nick| server.join(nick));
    become_operator(&mut ann, "root");
    ann.sync();
    bob.ask("JOIN #room");
    bob.ask("MODE #room +ik key");
    assert!(ann.ask("JOIN #room")[0].contains(" 473 "));
    let joined = ann.ask("SAJOIN #room");
    assert_eq!(joined[0], ":ann!~ann@127.0.0.1 JOIN #room");
    bob.expect(":ann!~ann@127.0.0.1 JOIN #room");
    assert_eq!(
        ann.ask("SAMODE #room -ik+o * ann"),
        [":ann!~ann@127.0.0.1 MODE #room -ik+o * ann"]
    );
    bob.expect(":ann!~ann@127.0.0.1 MODE #room -ik+o * ann");
    ann.ask("SAMODE bob +i");
    bob.expect(":bob!~bob@127.0.0.1 MODE bob +i");
    assert!(bob.ask("SAJOIN #elsewhere")[0].contains(" 481 "));
    assert!(bob.ask("SAMODE #room +i")[0].contains(" 481 "));
    assert!(bob.ask("CHGHOST ann else")[0].contains(" 481 "));
    assert_eq!(
        ann.ask("CHGHOST bob no!host"),
        [":irc.test FAIL CHGHOST INVALID_HOST :Not a host that can be shown"]
    );
}

#[test]
fn who_is_banned_is_told_why_and_counted_as_rejected() {
    let server = with_two();
    let [mut ann, mut bob] = ["ann", "bob"].map(|nick| server.join(nick));
    assert!(bob.ask("UBAN LIST").last().unwrap().contains(" 481 "));
    assert!(bob.ask("UBAN ADD x")[0].contains(" 481 "));
    become_operator(&mut ann, "root");
    assert_eq!(
        ann.ask("UBAN ADD 10m bad*!*@* :no spam here"),
        [":irc.test NOTICE ann :bad*!*@* is banned: no spam here"]
    );
    ann.ask("UBAN ADD evil");
    let listed = ann.ask("UBAN LIST");
    assert!(listed[0].starts_with(":irc.test NOTICE ann :bad*!*@* by root on 2"));
    assert!(listed[0].ends_with(" s more: no spam here"), "{listed:?}");
    assert!(listed[1].starts_with(":irc.test NOTICE ann :evil!*@* by root on 2"));
    assert!(listed[1].ends_with(" UTC, for good"), "{listed:?}");
    assert_eq!(listed[2], ":irc.test NOTICE ann :End of UBAN LIST");
    let mut banned = server.connect();
    banned.line();
    banned.send("NICK badman\r\nUSER b 0 * :B");
    assert_eq!(
        banned.rest(),
        [
            ":irc.test 465 * :no spam here",
            "ERROR :Closing link: You are not let in",
        ]
    );
    crate::harness::until("it is counted", || {
        server.handle().stats().totals.rejected == 1
    });
    ann.ask("UBAN DEL bad*!*@*");
    assert_eq!(
        ann.ask("UBAN DEL bad*!*@*"),
        [":irc.test FAIL UBAN NO_SUCH_BAN :There is no such ban"]
    );
    assert_eq!(
        ann.ask("UBAN ADD *!*@*"),
        [":irc.test FAIL UBAN INVALID_MASK :Not a mask of somebody"]
    );
    assert_eq!(
        ann.ask("UBAN ADD 5m"),
        [":irc.test 461 ann UBAN :Not enough parameters"]
    );
    server.join("badman");
}

#[test]
fn defcon_is_told_and_changed_by_who_may() {
    let server = with_two();
    let [mut ann, mut bob] = ["ann", "bob"].map(|nick| server.join(nick));
    assert!(bob.ask("DEFCON").last().unwrap().contains(" 481 "));
    become_operator(&mut ann, "root");
    assert_eq!(
        ann.ask("DEFCON").last().unwrap(),
        ":irc.test NOTICE ann :DEFCON is 5"
    );
    assert_eq!(
        ann.ask("DEFCON 2"),
        [":irc.test NOTICE ann :DEFCON is 2 now"]
    );
    assert_eq!(
        ann.ask("DEFCON 6"),
        [":irc.test FAIL DEFCON INVALID_LEVEL 6 :A level is a number from 1 to 5"]
    );
    let guarded =
        ":irc.test FAIL * TEMPORARILY_UNAVAILABLE :Not possible at the moment: the chat is guarded";
    assert_eq!(bob.ask("JOIN #room"), [guarded]);
    let mut late = server.connect();
    late.line();
    late.send("NICK late\r\nUSER l 0 * :L");
    assert_eq!(
        late.rest(),
        [guarded, "ERROR :Closing link: You are not let in"]
    );
}

#[test]
fn a_hashed_password_is_held_against_its_hash() {
    let mut root = operator("root", Rights::all());
    let secrets = chat_server::auth::Secrets::of_password("sesame");
    let text = secrets.to_network();
    let text = std::str::from_utf8(text.as_bytes()).unwrap();
    root.password = text.split(' ').next().unwrap().to_owned();
    assert!(root.password.starts_with("$argon2id$"), "{}", root.password);
    let hash = root.password.clone();
    let server = running(vec![root]);
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("OPER root secret"),
        [":irc.test 464 ann :Password incorrect"]
    );
    // The hash itself is no password.
    assert_eq!(
        ann.ask(&format!("OPER root {hash}")),
        [":irc.test 464 ann :Password incorrect"]
    );
    assert!(
        ann.ask("OPER root sesame")
            .iter()
            .any(|line| line.contains(" 381 "))
    );
}

#[test]
fn who_is_on_and_banned_leaves_and_operators_stay() {
    let server = with_two();
    let [mut ann, mut bob] = ["ann", "bob"].map(|nick| server.join(nick));
    become_operator(&mut ann, "root");
    bob.sync();
    ann.send("UBAN ADD 127.0.0.99/8 :go away");
    ann.expect(":irc.test NOTICE ann :*!*@127.0.0.0/8 is banned: go away");
    ann.expect(":bob!~bob@127.0.0.1 QUIT :Banned: go away");
    let last = bob.rest();
    let last = last.last().unwrap();
    assert!(
        last.starts_with("ERROR :") && last.contains("Banned: go away"),
        "{last}"
    );
    let mut again = server.connect();
    again.send("NICK bob\r\nUSER b 0 * :B");
    again.wait_for(" 465 * :go away");
    assert_eq!(
        ann.ask("UBAN DEL 127.0.0.0/8"),
        [":irc.test NOTICE ann :*!*@127.0.0.0/8 is banned no more"]
    );
    let _bob = server.join("bob");
    ann.sync();
    for nobody in ["0.0.0.0/0", "*@::/0", "a:ann", "m:bob"] {
        assert_eq!(
            ann.ask(&format!("UBAN ADD {nobody}")),
            [":irc.test FAIL UBAN INVALID_MASK :Not a mask of somebody"],
            "{nobody}"
        );
    }
}

#[test]
fn a_host_that_is_shown_hides_nobody_from_a_ban_and_from_operators() {
    let server = with_two();
    let [mut ann, mut bob] = ["ann", "bob"].map(|nick| server.join(nick));
    become_operator(&mut ann, "root");
    ann.ask("CHGHOST bob in.disguise");
    let hidden = |lines: &[String]| {
        let end = " 378 ann bob :is connecting from 127.0.0.1";
        lines.iter().any(|line| line.ends_with(end))
    };
    assert!(hidden(&ann.ask("WHOIS bob")));
    let mut other = server.join("other");
    assert!(!other.ask("WHOIS bob").concat().contains(" 378 "));
    assert!(bob.ask("WHOIS bob").concat().contains(" 378 bob bob :is c"));
    ann.ask("UBAN ADD bob!*@127.0.0.1 :go away");
    let last = bob.rest();
    assert!(last.last().unwrap().contains("Banned: go away"), "{last:?}");
}

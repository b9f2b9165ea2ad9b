//! NickServ: what one does with an account.

use super::{ann, operated, root, says};
use crate::accounts::{account, logged_in};
use crate::harness::{Running, builder};

#[test]
fn identify_takes_a_name_or_not() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut client = server.join("bob");
    let text = says(&mut client, "NS IDENTIFY ann sesame");
    assert_eq!(text, "You're now logged in as ann");
    assert!(says(&mut client, "NS IDENTIFY ann sesame").contains("logged in already"));
    let info = says(&mut client, "NS INFO");
    assert!(
        info.contains("Account: ann") && info.contains("Registered: 20"),
        "{info}"
    );
    assert!(says(&mut client, "NS INFO nobody").contains("no such account"));
}

#[test]
fn a_nick_is_its_owner_s() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut thief = server.connect();
    thief.wait_for("NOTICE");
    thief.send("NICK ann\r\nUSER t 0 * :T");
    thief.wait_for(" 433 ");
    let mut owner = server.join("ann2");
    owner.ask("NS IDENTIFY ann sesame");
    let text = says(&mut owner, "NS REGAIN ann");
    assert_eq!(text, "");
    let whois = owner.ask("WHOIS ann").join("\n");
    assert!(whois.contains(" 330 ann ann ann "), "{whois}");
}

#[test]
fn a_ghost_is_sent_away() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut ghost = logged_in(&server, "elsewhere", "ann", "sesame");
    let mut owner = server.join("bob");
    assert!(says(&mut owner, "NS GHOST elsewhere").contains("not logged in"));
    owner.ask("NS IDENTIFY ann sesame");
    assert!(says(&mut owner, "NS GHOST nobody").contains("Nobody has that nick"));
    assert!(says(&mut owner, "NS GHOST bob").contains("cannot do that"));
    let _eve = server.join("eve");
    assert!(says(&mut owner, "NS GHOST eve").contains("cannot do that"));
    assert_eq!(says(&mut owner, "NS GHOST elsewhere"), "elsewhere is free");
    assert!(
        ghost
            .rest()
            .last()
            .is_some_and(|line| line.starts_with("ERROR :"))
    );
}

#[test]
fn settings_are_kept() {
    let server = Running::quiet();
    let mut client = ann(&server);
    assert_eq!(says(&mut client, "NS GET always-on"), "ALWAYS-ON is off");
    assert_eq!(
        says(&mut client, "NS SET always-on true"),
        "ALWAYS-ON is on"
    );
    assert_eq!(says(&mut client, "NS SET ALWAYS-ON on"), "ALWAYS-ON is on");
    assert_eq!(says(&mut client, "NS GET ALWAYS-ON"), "ALWAYS-ON is on");
    assert_eq!(
        says(&mut client, "NS SET multiclient off"),
        "MULTICLIENT is off"
    );
    assert!(says(&mut client, "NS SET always-on maybe").contains("on or off"));
    assert!(says(&mut client, "NS SET nothing on").contains("no such setting"));
    assert!(says(&mut client, "NS GET nothing").contains("no such setting"));
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let server = Running::quiet();
    let mut client = ann(&server);
    assert!(says(&mut client, "NS PASSWD wrong better").contains("not the present"));
    assert!(says(&mut client, "NS PASSWD sesame better worse").contains("differ"));
    assert!(says(&mut client, "NS PASSWD sesame ann").contains("not the name"));
    let text = says(&mut client, "NS PASSWD sesame better better");
    assert_eq!(text, "The password is changed");
    client.send("QUIT");
    client.rest();
    let mut other = server.join("bob");
    assert!(says(&mut other, "NS IDENTIFY ann sesame").contains("Invalid"));
    assert!(says(&mut other, "NS IDENTIFY ann better").contains("logged in as ann"));
}

#[test]
fn certificates_are_listed_added_and_deleted() {
    let server = Running::quiet();
    let mut client = ann(&server);
    let fingerprint = "AB:".repeat(31) + "CD";
    assert!(says(&mut client, "NS CERT ADD").contains("Usage"));
    assert!(says(&mut client, "NS CERT ADD abc").contains("64 hexadecimal"));
    let add = format!("NS CERT ADD {fingerprint}");
    assert!(says(&mut client, &add).contains("from now on"));
    assert!(says(&mut client, &add).contains("already"));
    let list = says(&mut client, "NS CERT LIST");
    assert!(list.contains(&("ab".repeat(31) + "cd")), "{list}");
    let del = format!("NS CERT DEL {fingerprint}");
    assert!(says(&mut client, &del).contains("not log you in any more"));
    assert!(says(&mut client, &del).contains("did not"));
}

#[test]
fn an_account_is_deleted_by_who_means_it() {
    let server = Running::quiet();
    let mut client = ann(&server);
    let text = says(&mut client, "NS DROP");
    let (_, code) = text.rsplit_once(' ').expect("a code");
    assert!(says(&mut client, "NS DROP ann 123").contains("If you mean it"));
    assert!(says(&mut client, "NS DROP bob").contains("not your account"));
    let drop = format!("NS DROP ann {code}");
    assert_eq!(says(&mut client, &drop), "The account ann is deleted");
    assert!(says(&mut client, "NS INFO ann").contains("no such account"));
    assert!(says(&mut client, &drop).contains("not logged in"));
}

#[test]
fn connections_are_listed() {
    let server = Running::quiet();
    let mut client = ann(&server);
    let _phone = logged_in(&server, "ann", "ann", "sesame");
    let text = says(&mut client, "NS SESSIONS");
    assert!(
        text.contains("Connections of ann: 2") && text.contains("this one"),
        "{text}"
    );
}

#[test]
fn an_address_is_kept_and_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let server = Running::of(builder().database(&database));
    let mut client = server.join("ann");
    assert!(says(&mut client, "NS SET EMAIL a@b.example").contains("not logged in"));
    client.ask("NS REGISTER sesame");
    assert_eq!(
        says(&mut client, "NS SET EMAIL nonsense"),
        "This is no address"
    );
    let kept = || {
        let reader = chat_store::Reader::open(&database).unwrap();
        (0..200).find_map(|account| reader.email(account).unwrap())
    };
    assert_eq!(kept(), None);
    assert_eq!(
        says(&mut client, "NS SET EMAIL ann@b.example"),
        "Your address is changed"
    );
    assert_eq!(kept().as_deref(), Some("ann@b.example"));
    assert!(!says(&mut client, "NS INFO").contains("b.example"));
    assert_eq!(
        says(&mut client, "NS SET EMAIL none"),
        "Your address is forgotten"
    );
    assert_eq!(kept(), None);
}

#[test]
fn operators_manage_the_accounts_of_others() {
    let server = operated();
    let mut bob = server.join("bob");
    for words in [
        "SAREGISTER ann sesame",
        "LIST",
        "SUSPEND LIST",
        "SADROP ann",
    ] {
        let text = says(&mut bob, &format!("NS {words}"));
        assert_eq!(text, "This is for operators", "{words}");
    }
    let mut root = root(&server);
    assert!(says(&mut root, "NS HELP").contains("SAREGISTER"));
    let text = says(&mut root, "PRIVMSG NickServ :SAREGISTER ann sesame");
    assert_eq!(text, "The account ann is made");
    assert!(says(&mut root, "NS SAREGISTER ann sesame").contains("taken"));
    assert!(says(&mut root, "NS SAREGISTER eve x").contains("at least"));
    // It is ann's, not the operator's.
    assert!(says(&mut root, "NS INFO").contains("not logged in"));
    let mut ann = logged_in(&server, "ann", "ann", "sesame");
    let list = says(&mut root, "NS LIST a*");
    assert_eq!(list, "There are 1 accounts\nann");
    assert_eq!(says(&mut root, "NS LIST b*"), "There are 0 accounts");
    let text = says(&mut root, "NS SUSPEND ADD ann too loud");
    assert_eq!(text, "The account ann is suspended");
    assert!(
        ann.rest()
            .last()
            .is_some_and(|line| line.contains("too loud"))
    );
    assert!(says(&mut root, "NS SUSPEND LIST").contains("too loud"));
    assert!(says(&mut bob, "NS IDENTIFY ann sesame").contains("suspended"));
    // Who does not know the password is not told.
    assert!(says(&mut bob, "NS IDENTIFY ann wrong").contains("Invalid"));
    assert!(says(&mut root, "NS SUSPEND DEL ann").contains("used again"));
    assert!(says(&mut root, "NS SUSPEND DEL ann").contains("so already"));
    let text = says(&mut root, "NS SAPASSWD ann better");
    assert_eq!(text, "The password of ann is changed");
    drop(logged_in(&server, "ann", "ann", "better"));
    let text = says(&mut root, "NS SADROP ann");
    let (_, code) = text.rsplit_once(' ').expect("a code");
    let text = says(&mut root, &format!("NS SADROP ann {code}"));
    assert_eq!(text, "The account ann is deleted");
}

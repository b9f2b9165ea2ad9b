//! NickServ and ChanServ, byte for byte.

use chat_network::Rights;
use chat_server::Config;
use chat_server::config::Operator;

use crate::harness::{Running, builder, limits, until};
use crate::login::{account, logged_in, server};

/// What a service says to a line.
fn says(client: &mut crate::client::Client, line: &str) -> String {
    client
        .ask(line)
        .iter()
        .filter(|line| line.contains("Serv@localhost NOTICE "))
        .filter_map(|line| line.split_once(" :").map(|(_, text)| text.to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn ann(server: &Running) -> crate::client::Client {
    account(server, "ann", "sesame");
    logged_in(server, "ann", "ann", "sesame")
}

#[test]
fn they_answer_to_their_names_and_their_commands() {
    let server = server();
    let mut client = server.join("bob");
    for line in [
        "NS INFO",
        "NICKSERV INFO",
        "ns :info",
        "PRIVMSG NickServ :INFO",
        "PRIVMSG nickserv info",
    ] {
        client.send(line);
        let source = ":NickServ!NickServ@localhost";
        client.expect(&format!(
            "{source} NOTICE bob :You are not logged in to an account"
        ));
    }
    let source = ":ChanServ!ChanServ@localhost";
    client.send("CS INFO #none");
    client.expect(&format!("{source} NOTICE bob :There is no such channel"));
    client.send("NS");
    client.expect(":irc.test 412 bob :No text to send");
    client.send("NS FROBNICATE");
    client.wait_for("NOTICE bob :I do not know that word.");
    client.send("NS REGISTER");
    client.wait_for("NOTICE bob :Usage: REGISTER <password>");
    client.send("NS SET ALWAYS-ON on");
    client.wait_for("NOTICE bob :You are not logged in to an account");
    // Nothing is answered to a NOTICE.
    assert!(client.ask("NOTICE NickServ :INFO").is_empty());
    client.send("PRIVMSG NickServ :\u{1}VERSION\u{1}");
    client.wait_for(" NOTICE bob :\u{1}VERSION chat-server-");
}

#[test]
fn they_help() {
    let server = server();
    let mut client = server.join("bob");
    let text = says(&mut client, "NS HELP");
    assert!(
        text.contains("REGISTER") && text.contains("GHOST"),
        "{text}"
    );
    assert!(!text.contains("SAREGISTER"), "{text}");
    let text = says(&mut client, "CS HELP amode");
    assert!(text.contains("AMODE") && text.contains("+o"), "{text}");
    assert!(says(&mut client, "NS HELP nothing").contains("do not know"));
}

#[test]
fn nobody_takes_their_names() {
    let server = server();
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("NICK NickServ");
    client.wait_for(" 432 ");
    client.send("NICK bob\r\nUSER b 0 * :B");
    client.wait_for(" 001 ");
    client.sync();
    client.send("NICK chanserv");
    client.wait_for(" 432 bob chanserv :");
    let whois = client.ask("WHOIS NickServ").join("\n");
    assert!(
        whois.contains(" 311 bob NickServ NickServ localhost * :"),
        "{whois}"
    );
    assert!(whois.contains(" 318 bob NickServ "), "{whois}");
}

#[test]
fn identify_takes_a_name_or_not() {
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
    let mut client = ann(&server);
    let _phone = logged_in(&server, "ann", "ann", "sesame");
    let text = says(&mut client, "NS SESSIONS");
    assert!(
        text.contains("Connections of ann: 2") && text.contains("this one"),
        "{text}"
    );
}

#[test]
fn a_channel_is_registered_and_its_founder_stays_it() {
    let server = server();
    let mut client = ann(&server);
    client.ask("JOIN #a");
    let lines = client.ask("CS REGISTER #a");
    assert!(
        lines.iter().any(|line| line.ends_with("MODE #a +q ann")),
        "{lines:#?}"
    );
    assert!(says(&mut client, "CS REGISTER #a").contains("registered already"));
    let info = says(&mut client, "CS INFO #a");
    assert!(
        info.contains("Founder: ann") && info.contains("Registered: 20"),
        "{info}"
    );
    client.ask("PART #a");
    let mut bob = server.join("bob");
    let names = bob.ask("JOIN #a").join("\n");
    assert!(names.contains(" 353 bob = #a :bob"), "{names}");
    let names = client.ask("JOIN #a").join("\n");
    assert!(names.contains("~ann"), "{names}");
    assert!(says(&mut bob, "CS DROP #a").contains("not logged in"));
}

#[test]
fn ranks_are_kept_given_and_taken() {
    let server = server();
    account(&server, "bob", "sesame");
    let mut client = ann(&server);
    client.ask("JOIN #a");
    client.ask("CS REGISTER #a");
    let mut bob = logged_in(&server, "bob", "bob", "sesame");
    bob.ask("JOIN #a");
    assert!(
        says(&mut bob, "CS OP #a").contains("no rank kept"),
        "none is kept"
    );
    assert!(says(&mut bob, "CS AMODE #a +o bob").contains("founder"));
    assert!(says(&mut bob, "CS AMODE #a").contains("who has a rank"));
    assert!(says(&mut client, "CS AMODE #a +o nobody").contains("no such account"));
    assert!(says(&mut client, "CS AMODE #a +x bob").contains("one rank"));
    assert!(says(&mut client, "CS AMODE #a +o bob").contains("bob has +o in #a"));
    assert!(says(&mut client, "CS AMODE #a").contains("+o bob"));
    bob.ask("CS OP #a");
    assert!(bob.ask("NAMES #a").join("\n").contains("@bob"));
    assert_eq!(says(&mut client, "CS DEOP #a bob"), "Done");
    assert!(!bob.ask("NAMES #a").join("\n").contains("@bob"));
    assert!(says(&mut client, "CS DEOP #a bob").contains("no rank"));
    let _eve = server.join("eve").ask("JOIN #a");
    assert!(says(&mut bob, "CS OP #a eve").contains("founder"));
    assert!(says(&mut client, "CS AMODE #a -o bob").contains("no rank kept"));
}

#[test]
fn a_channel_changes_hands_and_is_given_up_by_who_means_it() {
    let server = server();
    account(&server, "bob", "sesame");
    let mut client = ann(&server);
    client.ask("JOIN #a");
    client.ask("CS REGISTER #a");
    let mut bob = logged_in(&server, "bob", "bob", "sesame");
    assert!(says(&mut bob, "CS TRANSFER #a bob").contains("founder"));
    assert!(says(&mut client, "CS TRANSFER #a nobody").contains("no such account"));
    let text = says(&mut client, "CS TRANSFER #a bob");
    let (_, code) = text.rsplit_once(' ').expect("a code");
    let transfer = format!("CS TRANSFER #a bob {code}");
    assert_eq!(
        says(&mut bob, "CS TRANSFER ACCEPT #a"),
        "That channel is not offered to you"
    );
    assert_eq!(
        says(&mut client, &transfer),
        "#a is bob's when they accept it"
    );
    bob.wait_for(
        "ChanServ!ChanServ@localhost NOTICE bob :ann offers you the channel #a. \
         To take it: /msg ChanServ TRANSFER ACCEPT #a",
    );
    assert!(says(&mut bob, "CS INFO #a").contains("Offered to: bob"));
    assert_eq!(
        says(&mut client, "CS TRANSFER #a ann"),
        "#a is not offered to anybody any more"
    );
    says(&mut client, &transfer);
    bob.wait_for(" offers you the channel #a");
    assert_eq!(says(&mut bob, "CS TRANSFER ACCEPT #a"), "#a is yours now");
    assert!(says(&mut client, "CS DROP #a").contains("founder"));
    let text = says(&mut bob, "CS DROP #a");
    let (_, code) = text.rsplit_once(' ').expect("a code");
    let drop = format!("CS DROP #a {code}");
    assert_eq!(says(&mut bob, &drop), "#a is not registered any more");
    assert!(says(&mut bob, "CS INFO #a").contains("not registered"));
}

#[test]
fn operators_of_a_channel_learn_how_to_ban_and_take_bans_away() {
    let server = server();
    let mut client = ann(&server);
    let mut bob = server.join("bob");
    bob.ask("NS REGISTER sesame");
    for client in [&mut client, &mut bob] {
        client.ask("JOIN #a");
    }
    let operator = "You must be an operator of that channel";
    assert_eq!(says(&mut bob, "CS HOWTOBAN #a ann"), operator);
    assert_eq!(says(&mut bob, "CS UNBAN #a bob"), operator);
    let text = says(&mut client, "CS HOWTOBAN #a BOB");
    assert!(text.contains("/mode #a +b *!*@127.0.0.1\n"), "{text}");
    assert!(text.contains("/mode #a +b a:bob\n"), "{text}");
    assert!(!text.contains("already"), "{text}");
    assert_eq!(
        says(&mut client, "CS UNBAN #a bob"),
        "No ban is about that nick"
    );
    client.ask("MODE #a +bbb a:bob m:bob eve");
    let text = says(&mut client, "CS HOWTOBAN #a bob");
    assert!(text.ends_with("bob is banned already"), "{text}");
    client.send("CS UNBAN #a bob");
    client.wait_for(" MODE #a -bb a:bob m:bob!*@*");
    client.wait_for("Taken away: a:bob m:bob!*@*");
    let left = client.ask("MODE #a b");
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(
        says(&mut client, "CS UNBAN #a nobody"),
        "Nobody has that nick"
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
fn a_channel_is_cleared_by_its_founder() {
    let server = server();
    let mut client = ann(&server);
    client.ask("JOIN #a");
    client.ask("CS REGISTER #a");
    client.ask("MODE #a +b eve!*@*");
    let mut bob = server.join("bob");
    bob.ask("JOIN #a");
    assert!(says(&mut client, "CS CLEAR #a everything").contains("USERS or ACCESS"));
    client.ask("CS CLEAR #a ACCESS");
    let bans = client.ask("MODE #a b").join("\n");
    assert!(!bans.contains(" 367 "), "{bans}");
    client.ask("CS CLEAR #a USERS");
    bob.wait_for(" KICK #a bob :");
    let names = client.ask("NAMES #a").join("\n");
    assert!(names.contains("~ann") && !names.contains("bob"), "{names}");
}

#[test]
fn a_secret_channel_is_not_told() {
    let server = server();
    let mut client = ann(&server);
    client.ask("JOIN #a");
    client.ask("MODE #a +s");
    client.ask("CS REGISTER #a");
    let mut bob = server.join("bob");
    assert_eq!(
        says(&mut bob, "CS INFO #a"),
        says(&mut bob, "CS INFO #b").replace("#b", "#a")
    );
    client.ask("PART #a");
    assert!(says(&mut client, "CS INFO #a").contains("Founder: ann"));
}

#[test]
fn nothing_of_it_is_kept_as_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("storage.db");
    let server = Running::of(crate::login::with(Default::default()).database(&path));
    account(&server, "ann", "sesame");
    let mut client = server.join("bob");
    client.ask("PRIVMSG NickServ :IDENTIFY ann sesame");
    client.ask("PRIVMSG bob :marker");
    let reader = chat_store::Reader::open(&path).unwrap();
    until("the marker is kept", || {
        reader.message_count().is_ok_and(|count| count == 1)
    });
    server.stop("over");
    let bytes = std::fs::read(&path).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"marker") && !holds(b"sesame"));
}

/// A client that has become an operator with all rights.
fn operator(server: &Running) -> crate::client::Client {
    let mut root = server.join("root");
    root.send("OPER root secret");
    root.wait_for(" 381 root ");
    root.sync();
    root
}

fn operated() -> Running {
    let operators = vec![Operator {
        name: "root".to_owned(),
        password: "secret".to_owned(),
        certificate: String::new(),
        hosts: Vec::new(),
        title: String::new(),
        rights: Rights::all(),
        vhost: String::new(),
        hidden: false,
    }];
    Running::of(builder().config(Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        limits: limits(),
        operators,
        ..Config::default()
    }))
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
    let mut root = operator(&server);
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

#[test]
fn operators_manage_the_channels_of_others() {
    let server = operated();
    account(&server, "bob", "sesame");
    let mut ann = ann(&server);
    ann.ask("JOIN #a");
    ann.ask("CS REGISTER #a");
    let mut root = operator(&server);
    assert_eq!(
        says(&mut root, "CS LIST"),
        "There are 1 registered channels\n#a"
    );
    assert_eq!(says(&mut root, "CS SATRANSFER #a bob"), "#a is bob's now");
    let text = says(&mut root, "CS SADROP #a");
    let (_, code) = text.rsplit_once(' ').expect("a code");
    let text = says(&mut root, &format!("CS SADROP #a {code}"));
    assert_eq!(text, "#a is not registered any more");
    assert_eq!(says(&mut ann, "CS SADROP #a"), "This is for operators");
}

#[test]
fn operators_close_channels() {
    let server = operated();
    let mut ann = server.join("ann");
    ann.ask("JOIN #bad");
    assert_eq!(says(&mut ann, "CS PURGE ADD #bad"), "This is for operators");
    let mut root = operator(&server);
    assert_eq!(
        says(&mut root, "CS PURGE ADD #bad spam only"),
        "#bad is closed"
    );
    ann.expect(":irc.test KICK #bad ann :This channel is closed: spam only");
    assert_eq!(
        ann.ask("JOIN #bad"),
        [":irc.test 403 ann #bad :This channel was closed by an operator"]
    );
    assert_eq!(
        says(&mut root, "CS PURGE LIST"),
        "There are 1 closed channels\n#bad by root: spam only"
    );
    assert_eq!(
        root.ask("UBAN LIST"),
        [":irc.test NOTICE root :End of UBAN LIST"]
    );
    assert_eq!(
        says(&mut root, "CS PURGE DEL #bad"),
        "#bad may be made again"
    );
    assert_eq!(
        says(&mut root, "CS PURGE DEL #bad"),
        "That channel is not closed"
    );
    let lines = ann.ask("JOIN #bad");
    assert_eq!(lines[0], ":ann!~ann@127.0.0.1 JOIN #bad");
}

//! ChanServ: what one does with a channel of one's own.

use super::{ann, operated, root, says};
use crate::accounts::{account, logged_in};
use crate::harness::Running;

#[test]
fn a_channel_is_registered_and_its_founder_stays_it() {
    let server = Running::quiet();
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
    let server = Running::quiet();
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
    let server = Running::quiet();
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
    let server = Running::quiet();
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
fn a_channel_is_cleared_by_its_founder() {
    let server = Running::quiet();
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
    let server = Running::quiet();
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
fn operators_manage_the_channels_of_others() {
    let server = operated();
    account(&server, "bob", "sesame");
    let mut ann = ann(&server);
    ann.ask("JOIN #a");
    ann.ask("CS REGISTER #a");
    let mut root = root(&server);
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
    let mut root = root(&server);
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

//! JOIN, PART, TOPIC, KICK, INVITE, NAMES, LIST.

use crate::harness::Running;

#[test]
fn joining_shows_topic_and_names_and_leaving_is_told() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("JOIN #a,#b"),
        [
            ":ann!~ann@127.0.0.1 JOIN #a",
            ":irc.test 353 ann = #a :@ann",
            ":irc.test 366 ann #a :End of /NAMES list",
            ":ann!~ann@127.0.0.1 JOIN #b",
            ":irc.test 353 ann = #b :@ann",
            ":irc.test 366 ann #b :End of /NAMES list",
        ]
    );
    assert!(ann.ask("JOIN #A").is_empty(), "already there");
    assert_eq!(
        ann.ask("TOPIC #a"),
        [":irc.test 331 ann #a :No topic is set"]
    );
    assert_eq!(
        ann.ask("TOPIC #a :On birds"),
        [":ann!~ann@127.0.0.1 TOPIC #a :On birds"]
    );
    let mut bob = server.join("bob");
    let lines = bob.ask("JOIN #a");
    assert_eq!(lines[0], ":bob!~bob@127.0.0.1 JOIN #a");
    assert_eq!(lines[1], ":irc.test 332 bob #a :On birds");
    assert!(
        lines[2].starts_with(":irc.test 333 bob #a ann!~ann@127.0.0.1 "),
        "{lines:?}"
    );
    assert_eq!(lines[3], ":irc.test 353 bob = #a :@ann bob");
    assert_eq!(lines[4], ":irc.test 366 bob #a :End of /NAMES list");
    ann.expect(":bob!~bob@127.0.0.1 JOIN #a");
    assert_eq!(
        bob.ask("TOPIC #a :Bees"),
        [":irc.test 482 bob #a :You're not channel operator"]
    );

    bob.send("PART #a :so long");
    bob.expect(":bob!~bob@127.0.0.1 PART #a :so long");
    ann.expect(":bob!~bob@127.0.0.1 PART #a :so long");
    assert_eq!(
        bob.ask("PART #a"),
        [":irc.test 442 bob #a :You're not on that channel"]
    );
    assert_eq!(
        bob.ask("PART #none"),
        [":irc.test 403 bob #none :No such channel"]
    );
    assert_eq!(
        bob.ask("JOIN birds"),
        [":irc.test 476 bob birds :Bad Channel Mask"]
    );
    let left = ann.ask("JOIN 0");
    assert_eq!(left.len(), 2);
    assert!(
        left.iter()
            .all(|line| line.starts_with(":ann!~ann@127.0.0.1 PART #")),
        "{left:?}"
    );
}

#[test]
fn kicking_takes_an_operator_and_a_member() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    let mut bob = server.join("bob");
    bob.ask("JOIN #a");
    ann.sync();
    assert_eq!(
        bob.ask("KICK #a ann"),
        [":irc.test 482 bob #a :You're not channel operator"]
    );
    assert_eq!(
        ann.ask("KICK #a carl"),
        [":irc.test 401 ann carl :No such nick/channel"]
    );
    assert_eq!(
        ann.ask("KICK #a"),
        [":irc.test 461 ann KICK :Not enough parameters"]
    );
    ann.send("KICK #a bob :enough");
    ann.expect(":ann!~ann@127.0.0.1 KICK #a bob :enough");
    bob.expect(":ann!~ann@127.0.0.1 KICK #a bob :enough");
    ann.send("PRIVMSG #a :alone");
    assert!(ann.sync().is_empty());
    assert!(bob.sync().is_empty(), "not a member any more");
    assert_eq!(
        ann.ask("KICK #a bob"),
        [":irc.test 441 ann bob #a :They aren't on that channel"]
    );
}

#[test]
fn an_invitation_opens_an_invite_only_channel_once() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    ann.ask("MODE #a +i");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 473 bob #a :Cannot join channel (+i)"]
    );
    assert_eq!(ann.ask("INVITE bob #a"), [":irc.test 341 ann bob #a"]);
    bob.expect(":ann!~ann@127.0.0.1 INVITE bob #a");
    assert_eq!(bob.ask("JOIN #a")[0], ":bob!~bob@127.0.0.1 JOIN #a");
    ann.sync();
    assert_eq!(
        ann.ask("INVITE bob #a"),
        [":irc.test 443 ann bob #a :is already on channel"]
    );
    assert_eq!(
        ann.ask("INVITE zoe #a"),
        [":irc.test 401 ann zoe :No such nick/channel"]
    );
    bob.ask("PART #a");
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 473 bob #a :Cannot join channel (+i)"]
    );
}

#[test]
fn keys_limits_and_bans_hold() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    ann.ask("MODE #a +k sesame");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 475 bob #a :Cannot join channel (+k)"]
    );
    assert_eq!(bob.ask("JOIN #a sesame")[0], ":bob!~bob@127.0.0.1 JOIN #a");
    bob.ask("PART #a");
    ann.ask("MODE #a -k+l * 1");
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 471 bob #a :Cannot join channel (+l)"]
    );
    ann.ask("MODE #a -l+b bob!*@*");
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 474 bob #a :Cannot join channel (+b)"]
    );
    assert_eq!(
        bob.ask("PRIVMSG #a :hi"),
        [":irc.test 404 bob #a :Cannot send to channel"]
    );
}

#[test]
fn secret_channels_are_seen_by_their_members_only() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #open,#secret");
    ann.ask("MODE #secret +s");
    ann.ask("TOPIC #secret :hush");
    ann.ask("TOPIC #open :all welcome");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("LIST"),
        [
            ":irc.test 321 bob Channel :Users  Name",
            ":irc.test 322 bob #open 1 :all welcome",
            ":irc.test 323 bob :End of /LIST",
        ]
    );
    assert_eq!(ann.ask("LIST").len(), 4);
    assert_eq!(ann.ask("LIST #s*").len(), 3);
    assert_eq!(ann.ask("LIST >1").len(), 2);
    assert_eq!(ann.ask("LIST <2,#open").len(), 3);
    assert_eq!(
        bob.ask("NAMES #secret"),
        [":irc.test 366 bob #secret :End of /NAMES list"]
    );
    assert_eq!(
        bob.ask("WHO #secret"),
        [":irc.test 315 bob #secret :End of WHO list"]
    );
    assert_eq!(
        bob.ask("TOPIC #secret"),
        [":irc.test 403 bob #secret :No such channel"]
    );
    assert_eq!(
        bob.ask("MODE #secret"),
        [":irc.test 403 bob #secret :No such channel"]
    );
    let whois = bob.ask("WHOIS ann");
    assert!(
        whois.contains(&":irc.test 319 bob ann :@#open".to_owned()),
        "{whois:?}"
    );
    let names = ann.ask("NAMES #secret,#open");
    assert_eq!(names[0], ":irc.test 353 ann @ #secret :@ann");
    assert_eq!(names[1], ":irc.test 353 ann = #open :@ann");
    assert_eq!(
        bob.ask("NAMES"),
        [":irc.test 366 bob * :End of /NAMES list"]
    );
}

#[test]
fn a_list_of_names_is_cut_into_lines_that_fit() {
    let server = Running::quiet();
    let members: Vec<_> = (0..30)
        .map(|number| {
            let mut member = server.join(&format!("member-with-a-long-name-{number}"));
            member.ask("JOIN #many");
            member
        })
        .collect();
    let mut ann = server.join("ann");
    let lines = ann.ask("JOIN #many");
    let names: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split_once(" 353 ann = #many :"))
        .flat_map(|(_, names)| names.split(' '))
        .collect();
    assert_eq!(names.len(), 31);
    assert!(lines.iter().filter(|line| line.contains(" 353 ")).count() > 1);
    drop(members);
}

#[test]
fn names_of_any_script_are_one_in_all_their_spellings() {
    let server = Running::quiet();
    let mut eve = server.join("Ève");
    let mut bob = server.join("bob");
    eve.ask("JOIN #Łódź");
    bob.send("JOIN #łÓDŹ");
    bob.expect(":bob!~bob@127.0.0.1 JOIN #Łódź");
    bob.sync();
    eve.sync();
    assert!(bob.ask("PRIVMSG #ŁÓDŹ :cześć").is_empty());
    eve.expect(":bob!~bob@127.0.0.1 PRIVMSG #Łódź :cześć");
    assert!(bob.ask("PRIVMSG e\u{300}VE :hi").is_empty());
    eve.expect(":bob!~bob@127.0.0.1 PRIVMSG Ève :hi");
    assert!(bob.ask("WHOIS ÈVE")[0].starts_with(":irc.test 311 bob Ève ~"));
    assert_eq!(bob.ask("ISON ÈVE"), [":irc.test 303 bob :Ève"]);
    assert_eq!(
        bob.ask("JOIN #Lodz\u{30d}*"),
        [":irc.test 476 bob #Lodz\u{30d}* :Bad Channel Mask"]
    );
    let list = bob.ask("LIST #łó*");
    assert!(
        list[1].starts_with(":irc.test 322 bob #Łódź 2 "),
        "{list:?}"
    );
    bob.ask("JOIN #paypal");
    assert_eq!(
        eve.ask("JOIN #pаypal"),
        [":irc.test 403 Ève #pаypal :That name is too close to the name of another channel"]
    );
}

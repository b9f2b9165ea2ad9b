use super::*;

fn text(command: Command) -> Vec<String> {
    let lines = command.lines().unwrap();
    let line = |l: &WireLine| String::from_utf8(l.as_bytes().to_vec()).unwrap();
    lines
        .iter()
        .map(|l| line(l).trim_end().to_owned())
        .collect()
}

fn say(text: &str) -> Command {
    Command::Say {
        target: "#lobby".into(),
        text: text.to_owned(),
    }
}

#[test]
fn commands_become_lines() {
    assert_eq!(text(say("hello there")), ["PRIVMSG #lobby :hello there"]);
    assert_eq!(text(Command::Rate(5)), ["RATE 5"]);
    assert_eq!(text(Command::Away(None)), ["AWAY"]);
    assert_eq!(
        text(Command::Quit(Some("bye bye".into()))),
        ["QUIT :bye bye"]
    );
    let topic = Command::Topic {
        channel: "#a".into(),
        text: Some(String::new()),
    };
    assert_eq!(text(topic), ["TOPIC #a :"]);
    let act = Command::Act {
        target: "ana".into(),
        text: "waves".into(),
    };
    assert_eq!(text(act), ["PRIVMSG ana :\u{1}ACTION waves\u{1}"]);
}

#[test]
fn what_refers_to_a_message_names_it_in_its_tags() {
    let reply = Command::Reply {
        target: "#a".into(),
        id: "7".into(),
        text: "yes\nno".into(),
    };
    let lines = ["@+draft/reply=7 PRIVMSG #a :yes", "PRIVMSG #a :no"];
    assert_eq!(text(reply), lines);
    let react = |on| Command::React {
        target: "#a".into(),
        id: "7".into(),
        sign: "+1".into(),
        on,
    };
    assert_eq!(
        text(react(true)),
        ["@+draft/reply=7;+draft/react=+1 TAGMSG #a"]
    );
    assert!(text(react(false))[0].contains("+draft/unreact=+1"));
    let typing = Command::Typing {
        target: "bob".into(),
        state: Typing::Active,
    };
    assert_eq!(text(typing), ["@+typing=active TAGMSG bob"]);
    let asks = Command::MarkRead {
        target: "#a".into(),
        until: None,
    };
    assert_eq!(text(asks), ["MARKREAD #a"]);
    assert_eq!(text(Command::List(Some(">5".into()))), ["LIST >5"]);
}

#[test]
fn many_lines_become_many_messages_up_to_a_bound() {
    assert_eq!(
        text(say("a\nb")),
        ["PRIVMSG #lobby :a", "PRIVMSG #lobby :b"]
    );
    let long = "word ".repeat(500);
    let lines = text(say(&long));
    assert!(lines.len() > 4 && lines.iter().all(|l| l.len() < 400));
    let far_too_long = say(&"x\n".repeat(MAX_LINES + 1));
    assert_eq!(far_too_long.lines(), Err(CommandError::TooLong));
    assert_eq!(say(" \n ").lines(), Err(CommandError::Empty));
}

#[test]
fn what_is_no_name_or_no_rating_is_refused() {
    assert_eq!(Command::Rate(0).lines(), Err(CommandError::Stars(0)));
    assert_eq!(Command::Rate(6).lines(), Err(CommandError::Stars(6)));
    let spaced = Command::Nick("a b".into());
    assert_eq!(spaced.lines(), Err(CommandError::Name("a b".into())));
    assert!(Command::Nick("".into()).lines().is_err());
}

#[test]
fn a_raw_line_is_checked_and_cannot_smuggle_a_second_one() {
    assert_eq!(text(Command::Raw("mode #a +o ana".into())).len(), 1);
    let two = Command::Raw("PING a\r\nQUIT".into());
    assert!(matches!(two.lines(), Err(CommandError::Raw(_))));
    let smuggle = say("hi\r\nQUIT :x");
    assert_eq!(
        text(smuggle),
        ["PRIVMSG #lobby :hi", "PRIVMSG #lobby :QUIT :x"]
    );
}

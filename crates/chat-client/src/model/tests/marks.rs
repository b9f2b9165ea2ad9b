//! Read markers, typing, replies and signs.

use super::*;

fn online() -> Model {
    let mut model = model();
    model.apply(&Update::Connected);
    feed(
        &mut model,
        &[":s.example CAP * ACK :message-tags draft/read-marker"],
    );
    let nick = "ana".into();
    model.apply(&Update::Registered { nick });
    feed(&mut model, &[":ana!a@h JOIN #a"]);
    model
}

fn said(second: i64) -> String {
    format!(
        "@msgid={second};time=1970-01-01T00:00:{second:02}.000Z :bob!b@h PRIVMSG #a :ana {second}"
    )
}

fn wishes(model: &mut Model) -> Vec<Command> {
    let mut all = Vec::new();
    while let Some(wish) = model.wish() {
        all.push(wish.clone());
        model.wish_sent();
    }
    all
}

fn mark(second: i64) -> Command {
    Command::MarkRead {
        target: "#a".into(),
        until: Some(at(second)),
    }
}

#[test]
fn looking_is_told_to_the_server_once() {
    let mut model = online();
    let id = model.find("#a").unwrap().id().clone();
    feed(&mut model, &[&said(1), &said(2)]);
    assert!(wishes(&mut model).is_empty());
    model.look_at(&id);
    model.look_at(&id);
    assert_eq!(wishes(&mut model), [mark(2)]);
    // While one looks it is told now and then, not for each line.
    feed(&mut model, &[&said(3), &said(4)]);
    assert!(wishes(&mut model).is_empty() && model.has_untold_marks());
    model.tell_marks();
    assert_eq!(wishes(&mut model), [mark(4)]);
    assert!(!model.has_untold_marks());
    model.set_attentive(false);
    feed(&mut model, &[&said(5)]);
    assert!(!model.has_untold_marks());
    assert_eq!(model.find("#a").unwrap().unread(), 1);
}

#[test]
fn reading_elsewhere_is_reading_here() {
    let mut model = online();
    feed(&mut model, &[&said(1), &said(2), &said(3)]);
    let counts = |model: &Model| {
        let buffer = model.find("#a").unwrap();
        (buffer.unread(), buffer.highlights())
    };
    assert_eq!(counts(&model), (3, 3));
    feed(
        &mut model,
        &[":s MARKREAD #a timestamp=1970-01-01T00:00:02.000Z"],
    );
    assert_eq!(counts(&model), (1, 1));
    feed(
        &mut model,
        &[":s MARKREAD #a timestamp=1970-01-01T00:00:01.000Z"],
    );
    assert_eq!(counts(&model), (1, 1), "it only moves on");
    feed(&mut model, &[":s MARKREAD #a *"]);
    assert_eq!(counts(&model), (1, 1));
}

#[test]
fn who_has_no_markers_is_not_troubled_by_it() {
    let mut model = online();
    let before = model.find("").unwrap().lines().len();
    feed(
        &mut model,
        &[
            "FAIL MARKREAD INTERNAL_ERROR #a timestamp=x :You have no account",
            &said(1),
        ],
    );
    let id = model.find("#a").unwrap().id().clone();
    model.look_at(&id);
    assert!(wishes(&mut model).is_empty());
    assert_eq!(model.find("").unwrap().lines().len(), before);
}

#[test]
fn signs_come_and_go_and_replies_quote() {
    let mut model = online();
    feed(
        &mut model,
        &[
            &said(1),
            "@+draft/reply=1;+draft/react=x :bob!b@h TAGMSG #a",
            "@+draft/reply=1;+draft/react=x :ana!a@h TAGMSG #a",
            "@+draft/reply=1;+draft/react=x :Ana!a@h TAGMSG #a",
            "@+draft/reply=1;+draft/react=y :bob!b@h TAGMSG #a",
            "@+draft/reply=1;+draft/unreact=y :bob!b@h TAGMSG #a",
            "@+draft/reply=99;+draft/react=z :bob!b@h TAGMSG #a",
        ],
    );
    let line = model.find("#a").unwrap().by_id("1").unwrap();
    let signs: Vec<(&str, usize, bool)> = line
        .reactions
        .iter()
        .map(|r| (r.sign.as_str(), r.by.len(), r.own))
        .collect();
    assert_eq!(signs, [("x", 2, true)]);
    feed(
        &mut model,
        &["@msgid=8;+draft/reply=1 :cleo!c@h PRIVMSG #a :yes"],
    );
    let reply = last(&model, "#a").reply.clone().unwrap();
    assert_eq!(reply.quote, Some(("bob".into(), "ana 1".into())));
    feed(&mut model, &[":bob!b@h REDACT #a 1 :oops"]);
    let line = model.find("#a").unwrap().by_id("1").unwrap();
    assert!(line.withdrawn && line.text.is_empty() && line.reactions.is_empty());
}

#[test]
fn who_is_typing_is_known_until_it_is_said() {
    let mut model = online();
    feed(&mut model, &["@+typing=active :bob!b@h TAGMSG #a"]);
    let typing = |model: &Model, second: i64| -> Vec<String> {
        let buffer = model.find("#a").unwrap();
        let now = at(1_800_000_000 + second);
        buffer.typing(now).map(str::to_owned).collect()
    };
    assert_eq!(typing(&model, 5), ["bob"]);
    assert!(typing(&model, 6).is_empty());
    feed(
        &mut model,
        &["@+typing=active :ana!a@h TAGMSG #a", &said(1)],
    );
    assert!(typing(&model, 0).is_empty(), "one's own does not count");
}

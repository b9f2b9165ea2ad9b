//! Messages of several lines.

use super::*;

/// A message of several lines as a server sends it; `tags` are those of its beginning.
fn block<'a>(tags: &'a str, lines: &[&'a str]) -> Vec<String> {
    let begin = format!("{tags}:bob!b@h BATCH +7 draft/multiline #lobby");
    let lines = lines.iter().map(|line| {
        let (tag, text) = match line.strip_prefix('+') {
            Some(text) => (";draft/multiline-concat", text),
            None => ("", *line),
        };
        format!("@batch=7{tag} :bob!b@h PRIVMSG #lobby :{text}")
    });
    let end = ":bob!b@h BATCH -7".to_owned();
    std::iter::once(begin).chain(lines).chain([end]).collect()
}

fn feed_all(model: &mut Model, lines: &[String]) -> Vec<Change> {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    feed(model, &lines)
}

#[test]
fn several_lines_are_one_message_when_the_last_has_come() {
    let mut model = online();
    let before = model.find("#lobby").unwrap().lines().len();
    let lines = block(
        "@msgid=77;time=2026-11-22T10:00:00.000Z ",
        &["hello ana,", "", "\u{2}how is ", "+everyone?\u{2}"],
    );
    let (last_line, first) = lines.split_last().unwrap();
    feed_all(&mut model, first);
    assert_eq!(model.find("#lobby").unwrap().lines().len(), before);
    let changes = feed(&mut model, &[last_line]);
    let line = last(&model, "#lobby");
    assert_eq!(&*line.text, "hello ana,\n\nhow is everyone?");
    assert_eq!(
        (line.id.as_deref(), line.sender.as_str()),
        (Some("77"), "bob")
    );
    assert!(line.highlight && line.at.to_string() == "2026-11-22T10:00:00Z");
    assert!(matches!(changes[..], [Change::Line(..)]), "{changes:?}");
}

#[test]
fn in_history_it_is_put_in_its_place_once() {
    let mut model = online();
    let lines = block(
        "@batch=h;msgid=5;time=2026-11-22T10:00:05.000Z ",
        &["one", "two"],
    );
    for _ in 0..2 {
        feed(&mut model, &[":s BATCH +h chathistory #lobby"]);
        feed_all(&mut model, &lines);
        feed(&mut model, &[":s BATCH -h"]);
    }
    let lobby = model.find("#lobby").unwrap().lines();
    let texts: Vec<&str> = lobby.iter().map(|line| &*line.text).collect();
    assert_eq!(
        texts.iter().filter(|text| **text == "one\ntwo").count(),
        1,
        "{texts:?}"
    );
    assert!(!texts.contains(&"one"));
}

#[test]
fn an_action_a_notice_and_what_is_empty() {
    let mut model = online();
    feed(
        &mut model,
        &[
            ":bob!b@h BATCH +n draft/multiline #lobby",
            "@batch=n :bob!b@h NOTICE #lobby :a",
            "@batch=n :bob!b@h NOTICE #lobby :b",
            ":bob!b@h BATCH -n",
        ],
    );
    let line = last(&model, "#lobby");
    assert_eq!((&*line.text, line.kind), ("a\nb", LineKind::Notice));
    let before = line.number;
    feed_all(&mut model, &block("", &[]));
    feed(&mut model, &[":bob!b@h BATCH -7"]);
    assert_eq!(last(&model, "#lobby").number, before);
}

#[test]
fn what_never_ends_is_bounded_and_forgotten_with_the_connection() {
    let mut model = online();
    let long = "x".repeat(400);
    let mut lines = block("", &vec![long.as_str(); 500]);
    let end = lines.pop().unwrap();
    feed_all(&mut model, &lines);
    for n in 0..100 {
        feed(
            &mut model,
            &[&format!(":bob!b@h BATCH +x{n} draft/multiline #lobby")],
        );
    }
    assert!(model.blocks.len() < 20);
    feed(&mut model, &[&end]);
    let text = &last(&model, "#lobby").text;
    assert!(text.len() > 10_000 && text.len() < 40_000, "{}", text.len());
    model.apply(&Update::Disconnected {
        at: at(0),
        reason: "gone".to_owned(),
        retry: None,
    });
    assert!(model.blocks.is_empty());
}

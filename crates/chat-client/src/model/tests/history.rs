//! What was said before: asked for, put in its place, none twice.

use super::*;
use crate::query::{Point, SearchFor, Span};

/// Online, with everything that history needs.
fn online() -> Model {
    let mut model = model();
    model.apply(&Update::Connected);
    let caps = "batch server-time message-tags draft/chathistory draft/read-marker soju.im/search";
    feed(&mut model, &[&format!(":s.example CAP * ACK :{caps}")]);
    let nick = "ana".into();
    model.apply(&Update::Registered { nick });
    feed(
        &mut model,
        &[":s.example 005 ana CHATHISTORY=60 :are supported"],
    );
    model
}

fn wishes(model: &mut Model) -> Vec<Command> {
    let mut all = Vec::new();
    while let Some(wish) = model.wish() {
        all.push(wish.clone());
        model.wish_sent();
    }
    all
}

/// The lines that the wishes become.
fn asked(model: &mut Model) -> Vec<String> {
    let lines = wishes(model).into_iter().flat_map(|w| w.lines().unwrap());
    let text = |l: chat_proto::WireLine| String::from_utf8(l.as_bytes().to_vec()).unwrap();
    lines.map(|l| text(l).trim_end().to_owned()).collect()
}

fn said(second: u32, target: &str) -> String {
    format!(
        "@time=2026-11-22T10:{:02}:{:02}.000Z;msgid={second} :bob!b@h PRIVMSG {target} :{second}",
        second / 60,
        second % 60
    )
}

/// A batch of history of messages that were said at these seconds, which are their ids and texts.
fn batch(target: &str, seconds: &[u32], end: bool) -> Vec<String> {
    let tag = if end { "@draft/chathistory-end " } else { "" };
    let begin = format!("{tag}:s.example BATCH +7 chathistory {target}");
    let line = |second: &u32| said(*second, target).replacen('@', "@batch=7;", 1);
    let lines = seconds.iter().map(line);
    let end = std::iter::once(":s.example BATCH -7".to_owned());
    std::iter::once(begin).chain(lines).chain(end).collect()
}

fn answer(model: &mut Model, target: &str, seconds: &[u32], end: bool) -> Vec<Change> {
    let lines = batch(target, seconds, end);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    feed(model, &lines)
}

fn talk_of(model: &Model, name: &str) -> Vec<u32> {
    let lines = model.find(name).unwrap().shown().iter();
    let talk = lines.filter(|line| line.kind == LineKind::Message);
    talk.map(|line| line.text.parse().unwrap()).collect()
}

fn id(model: &Model, name: &str) -> BufferId {
    model.find(name).unwrap().id().clone()
}

const JOIN: &str = "@time=2026-11-22T10:30:00.000Z;msgid=j :ana!a@h JOIN #a";

#[test]
fn the_newest_are_asked_for_on_entering_and_older_ones_on_reading_back() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    let lobby = id(&model, "#a");
    assert_eq!(asked(&mut model), ["CHATHISTORY LATEST #a * 50"]);
    let seconds: Vec<u32> = (200..250).collect();
    answer(&mut model, "#a", &seconds, false);
    assert_eq!(talk_of(&model, "#a"), seconds);
    assert_eq!(model.find("#a").unwrap().unread(), 0);
    assert_eq!(model.find("#a").unwrap().earlier(), Edge::More);

    model.want_earlier(&lobby);
    model.want_earlier(&lobby);
    assert_eq!(
        asked(&mut model),
        ["CHATHISTORY BEFORE #a msgid=200 60"],
        "once, and no more than the server gives"
    );
    assert_eq!(model.find("#a").unwrap().earlier(), Edge::Asked);
    let changes = answer(&mut model, "#a", &[150, 160], true);
    assert!(changes.contains(&Change::Past(lobby.clone())));
    assert_eq!(talk_of(&model, "#a")[..3], [150, 160, 200]);
    assert_eq!(model.find("#a").unwrap().earlier(), Edge::Nothing);
    model.want_earlier(&lobby);
    assert!(asked(&mut model).is_empty(), "there is nothing before");
}

#[test]
fn what_was_missed_is_put_in_its_place_and_is_unread() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    answer(&mut model, "#a", &[10, 20], true);
    feed(&mut model, &[&said(1900, "#a")]);
    assert_eq!(model.find("#a").unwrap().unread(), 1);
    model.look_at(&id(&model, "#a"));
    model.set_attentive(false);
    model.apply(&Update::Disconnected {
        at: "2026-11-22T10:40:00Z".parse().unwrap(),
        reason: "gone".to_owned(),
        retry: None,
    });
    let mut again = online();
    std::mem::swap(&mut again.buffers, &mut model.buffers);
    again.active = id(&again, "#a");
    again.attentive = false;
    let mut model = again;
    asked(&mut model);
    feed(
        &mut model,
        &[&JOIN.replace("10:30", "10:50").replace("=j", "=k")],
    );
    assert_eq!(
        asked(&mut model),
        ["CHATHISTORY LATEST #a timestamp=2026-11-22T10:31:39.999Z 60"]
    );
    answer(&mut model, "#a", &[1900, 2500, 2800], false);
    assert_eq!(talk_of(&model, "#a"), [10, 20, 1900, 2500, 2800]);
    let buffer = model.find("#a").unwrap();
    assert_eq!(buffer.unread(), 2);
    let kinds: Vec<LineKind> = buffer.lines().iter().map(|line| line.kind).collect();
    assert_eq!(kinds.last(), Some(&LineKind::Join), "after what was missed");
    let marked = model.line(buffer.id(), buffer.marker().unwrap()).unwrap();
    assert_eq!(&*marked.text, "2500");
}

#[test]
fn a_hole_in_what_was_missed_is_not_papered_over() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    answer(&mut model, "#a", &[10, 20], true);
    feed(&mut model, &[":ana!a@h JOIN #a"]);
    let seconds: Vec<u32> = (2000..2060).collect();
    answer(&mut model, "#a", &seconds, false);
    assert_eq!(
        talk_of(&model, "#a"),
        seconds,
        "what is before can be asked for"
    );
    assert_eq!(model.find("#a").unwrap().earlier(), Edge::More);
}

#[test]
fn nothing_is_twice_whoever_tells_it_first() {
    let mut model = online();
    feed(&mut model, &[JOIN, &said(1801, "#a")]);
    answer(&mut model, "#a", &[20, 1801], true);
    feed(&mut model, &[&said(1801, "#a"), &said(20, "#a")]);
    // A batch that nobody has asked for, as servers send to who was always on.
    answer(&mut model, "#a", &[20, 30, 1801, 1900], false);
    assert_eq!(talk_of(&model, "#a"), [20, 30, 1801, 1900]);
    // Lines of a batch that has ended are what they are.
    feed(
        &mut model,
        &[&said(2000, "#a").replacen('@', "@batch=7;", 1)],
    );
    assert_eq!(talk_of(&model, "#a").last(), Some(&2000));
}

#[test]
fn what_happened_is_told_but_does_not_happen_again() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    asked(&mut model);
    feed(
        &mut model,
        &[
            ":s BATCH +h chathistory #a",
            "@batch=h;msgid=1;time=2026-11-22T10:00:01.000Z :zoe!z@h JOIN #a",
            "@batch=h;msgid=2;time=2026-11-22T10:00:02.000Z :zoe!z@h PRIVMSG #a :hello",
            "@batch=h;msgid=3;time=2026-11-22T10:00:03.000Z;+draft/reply=2;+draft/react=+1 :yan!y@h TAGMSG #a",
            "@batch=h;msgid=4;time=2026-11-22T10:00:04.000Z;+draft/reply=2 :yan!y@h PRIVMSG #a :you",
            "@batch=h;msgid=5;time=2026-11-22T10:00:05.000Z :zoe!z@h TOPIC #a :old",
            "@batch=h;msgid=6;time=2026-11-22T10:00:06.000Z :ana!a@h PART #a :bye",
            "@batch=h;msgid=7;time=2026-11-22T10:00:07.000Z :yan!y@h REDACT #a 4",
            ":s BATCH -h",
        ],
    );
    let buffer = model.find("#a").unwrap();
    assert!(buffer.joined() && buffer.topic().is_none());
    assert!(!buffer.members().contains("zoe"));
    let lines: Vec<(&str, &str)> = buffer
        .lines()
        .iter()
        .map(|line| (line.sender.as_str(), &*line.text))
        .collect();
    assert_eq!(
        lines,
        [
            ("zoe", "joined"),
            ("zoe", "hello"),
            ("yan", ""),
            ("zoe", "set the topic: old"),
            ("ana", "left (bye)"),
            ("ana", "joined"),
        ]
    );
    let hello = buffer.by_id("2").unwrap();
    assert_eq!(hello.reactions[0].by, ["yan"]);
    assert!(buffer.by_id("4").unwrap().withdrawn);
}

#[test]
fn conversations_are_found_again_and_filled() {
    let mut model = online();
    feed(&mut model, &[":s.example 376 ana :End of /MOTD command"]);
    assert!(matches!(
        wishes(&mut model)[..],
        [Command::Conversations { limit: 20, .. }]
    ));
    let targets = [
        ":s BATCH +t draft/chathistory-targets",
        "@batch=t :s CHATHISTORY TARGETS #a 2026-11-22T10:00:00.000Z",
        "@batch=t :s CHATHISTORY TARGETS bob 2026-11-22T10:00:05.000Z",
        ":s BATCH -t",
    ];
    feed(&mut model, &targets);
    assert!(model.find("#a").is_none(), "one is not on it");
    let bob = id(&model, "bob");
    assert_eq!(
        asked(&mut model),
        ["MARKREAD bob", "CHATHISTORY LATEST bob * 50"]
    );
    feed(
        &mut model,
        &[":s MARKREAD bob timestamp=2026-11-22T10:00:03.000Z"],
    );
    answer(&mut model, "bob", &[2, 3, 4, 5], true);
    assert_eq!(talk_of(&model, "bob"), [2, 3, 4, 5]);
    let buffer = model.find("bob").unwrap();
    assert_eq!((buffer.unread(), buffer.highlights()), (2, 2));
    model.close(&bob);
    feed(&mut model, &targets);
    assert!(model.find("bob").is_none(), "closed, and nothing new");
    feed(&mut model, &[":s BATCH +t draft/chathistory-targets"]);
    feed(
        &mut model,
        &["@batch=t :s CHATHISTORY TARGETS bob 2026-11-22T11:00:00.000Z"],
    );
    assert!(model.find("bob").is_some());
}

#[test]
fn one_can_jump_to_a_message_and_read_on_to_what_is_new() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    answer(&mut model, "#a", &[1500, 1501], false);
    let lobby = id(&model, "#a");
    asked(&mut model);
    model.want_around(&lobby, "300");
    assert_eq!(
        wishes(&mut model),
        [Command::History {
            target: "#a".into(),
            span: Span::Around(Point::Id("300".into())),
            limit: 50
        }]
    );
    let changes = answer(&mut model, "#a", &[299, 300, 301], false);
    assert_eq!(changes, [Change::Excerpt(lobby.clone())]);
    assert_eq!(talk_of(&model, "#a"), [299, 300, 301]);
    // What is said meanwhile waits at the other end.
    feed(&mut model, &[&said(1900, "#a")]);
    assert_eq!(talk_of(&model, "#a"), [299, 300, 301]);
    model.want_earlier(&lobby);
    model.want_later(&lobby);
    assert_eq!(
        asked(&mut model),
        [
            "CHATHISTORY BEFORE #a msgid=299 60",
            "CHATHISTORY AFTER #a msgid=301 60"
        ]
    );
    answer(&mut model, "#a", &[298], true);
    let more: Vec<u32> = (302..361).chain([1500]).collect();
    let changes = answer(&mut model, "#a", &more, false);
    let Some(Change::Joined(_, Some(number))) = changes.first() else {
        panic!("{changes:?}");
    };
    assert_eq!(&*model.line(&lobby, *number).unwrap().text, "1500");
    let buffer = model.find("#a").unwrap();
    assert!(!buffer.is_excerpt());
    assert_eq!(buffer.earlier(), Edge::Nothing);
    let expected: Vec<u32> = (298..361).chain([1500, 1501, 1900]).collect();
    assert_eq!(talk_of(&model, "#a"), expected);
}

#[test]
fn a_refusal_ends_the_asking() {
    let mut model = online();
    feed(&mut model, &[JOIN]);
    answer(&mut model, "#a", &[1500], false);
    let lobby = id(&model, "#a");
    model.want_earlier(&lobby);
    let before = model.find("#a").unwrap().lines().len();
    feed(
        &mut model,
        &["FAIL CHATHISTORY MESSAGE_ERROR BEFORE #a :The database cannot be read"],
    );
    let buffer = model.find("#a").unwrap();
    assert_eq!(
        (buffer.earlier(), buffer.lines().len()),
        (Edge::Nothing, before)
    );
    model.want_around(&lobby, "1");
    feed(
        &mut model,
        &["FAIL CHATHISTORY MESSAGE_ERROR AROUND #a :No"],
    );
    assert_eq!(&*last(&model, "").text, "No", "where the user is looking");
}

#[test]
fn a_search_is_answered_with_the_newest_first() {
    let mut model = online();
    model.search_for("  from:bob two words in:#a ", None);
    let search = SearchFor {
        text: "two words".to_owned(),
        place: Some("#a".into()),
        from: Some("bob".into()),
        limit: 100,
    };
    assert_eq!(wishes(&mut model), [Command::Search(search)]);
    assert_eq!(model.search().unwrap().state, SearchState::Waiting);
    feed(
        &mut model,
        &[
            ":s BATCH +s soju.im/search",
            "@batch=s;msgid=1;time=2026-11-22T10:00:01.000Z :bob!b@h PRIVMSG #a :one",
            "@batch=s;msgid=2;time=2026-11-22T10:00:02.000Z :bob!b@h PRIVMSG ana :two",
            "@batch=s;msgid=3;time=2026-11-22T10:00:03.000Z :ana!b@h PRIVMSG bob :three",
            ":s BATCH -s",
        ],
    );
    let SearchState::Done(found) = &model.search().unwrap().state else {
        panic!("{:?}", model.search());
    };
    let found: Vec<(&str, &str)> = found.iter().map(|f| (&*f.place, &*f.text)).collect();
    assert_eq!(found, [("bob", "three"), ("bob", "two"), ("#a", "one")]);
    model.search_for("again", None);
    feed(&mut model, &["FAIL SEARCH INTERNAL_ERROR * :Not now"]);
    let failed = SearchState::Failed("Not now".to_owned());
    assert_eq!(model.search().unwrap().state, failed);
    model.search_for("  ", None);
    assert!(matches!(
        model.search().unwrap().state,
        SearchState::Failed(_)
    ));
}

#[test]
fn channels_are_listed_apart_only_when_that_was_asked_for() {
    let mut model = online();
    let list = [
        ":s 321 ana Channel :Users  Name",
        ":s 322 ana #small 1 :quiet",
        ":s 322 ana #big 9 :loud",
        ":s 323 ana :End of /LIST",
    ];
    model.list_channels(None);
    feed(&mut model, &list);
    let listing = model.listing().unwrap();
    assert!(listing.complete);
    let names: Vec<&str> = listing.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["#big", "#small"]);
    let before = model.find("").unwrap().lines().len();
    model.end_listing();
    feed(&mut model, &list);
    assert_eq!(model.find("").unwrap().lines().len(), before + 2);
}

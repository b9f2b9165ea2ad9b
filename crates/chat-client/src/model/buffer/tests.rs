use super::super::line::LineKind;
use super::*;

fn buffer() -> Buffer {
    Buffer::new(BufferId("#a".into()), BufferKind::Channel, "#a".into(), 3)
}

fn talk(text: &str, highlight: bool) -> Draft {
    let draft = Draft::info(Timestamp::UNIX_EPOCH, text);
    Draft {
        highlight,
        ..draft.of(LineKind::Message).by("bob")
    }
}

fn said(second: i64) -> Draft {
    Draft {
        at: Timestamp::from_second(second).unwrap(),
        id: Some(second.to_string().into()),
        ..talk(&second.to_string(), false)
    }
}

#[test]
fn scrollback_is_bounded_and_numbers_go_on() {
    let mut buffer = buffer();
    for n in 0..5 {
        buffer.push(talk(&n.to_string(), false), false);
    }
    let numbers: Vec<u64> = buffer.lines().iter().map(|l| l.number).collect();
    assert_eq!(numbers, [2, 3, 4].map(|n| FIRST + n));
    assert_eq!(buffer.unread(), 3, "of what is held");
}

#[test]
fn what_was_said_before_comes_before_as_far_as_there_is_room() {
    let mut buffer = buffer();
    buffer.push(said(9), true);
    assert!(buffer.fill([1, 2, 3].map(said).into(), Ties::After, false, false));
    let lines = buffer.lines().iter();
    let lines: Vec<_> = lines.map(|line| (line.number, &*line.text)).collect();
    assert_eq!(lines, [(FIRST - 2, "2"), (FIRST - 1, "3"), (FIRST, "9")]);
    assert_eq!(buffer.unread(), 0);
    assert!(buffer.is_full());
}

#[test]
fn what_was_missed_is_unread_and_what_another_device_has_read_is_not() {
    let mut buffer = Buffer::new(BufferId::default(), BufferKind::Query, "bob".into(), 50);
    buffer.push(said(1), true);
    buffer.left_alone();
    buffer.fill([5, 6, 7].map(said).into(), Ties::After, true, false);
    assert_eq!((buffer.unread(), buffer.marker()), (3, Some(FIRST + 1)));
    buffer.marked(Timestamp::from_second(6).unwrap(), false);
    assert_eq!((buffer.unread(), buffer.marker()), (1, Some(FIRST + 3)));
    // What comes late and is older than the mark is read.
    buffer.fill([2, 3].map(said).into(), Ties::After, true, false);
    assert_eq!((buffer.unread(), buffer.marker()), (1, Some(FIRST + 3)));
    buffer.marked(Timestamp::from_second(7).unwrap(), false);
    assert_eq!((buffer.unread(), buffer.marker()), (0, None));
}

#[test]
fn the_first_mark_of_the_server_also_says_what_is_new() {
    let mut buffer = Buffer::new(BufferId::default(), BufferKind::Query, "bob".into(), 50);
    buffer.fill([1, 2, 3].map(said).into(), Ties::After, false, false);
    assert_eq!(buffer.unread(), 0);
    buffer.marked(Timestamp::from_second(1).unwrap(), false);
    assert_eq!((buffer.unread(), buffer.marker()), (2, Some(FIRST + 1)));
    buffer.looked_at();
    assert_eq!(buffer.unread(), 0);
    assert_eq!(buffer.marker(), Some(FIRST + 1), "until it is left again");
    assert_eq!(buffer.mark.untold(), Timestamp::from_second(3).ok());
}

#[test]
fn an_excerpt_is_shown_until_it_meets_what_is_new() {
    let mut buffer = Buffer::new(BufferId::default(), BufferKind::Query, "bob".into(), 50);
    buffer.push(said(30), true);
    buffer.show_excerpt("11".into(), [10, 11, 12].map(said).into(), 50);
    assert!(buffer.is_excerpt());
    let shown = |buffer: &Buffer| -> Vec<String> {
        buffer.shown().iter().map(|l| l.text.to_string()).collect()
    };
    assert_eq!(shown(&buffer), ["10", "11", "12"]);
    assert_eq!(buffer.target(), Some(EXCERPT_FIRST + 1));
    let last = buffer.join_excerpt();
    assert_eq!(shown(&buffer), ["10", "11", "12", "30"]);
    assert_eq!(last, Some(FIRST - 1));
    assert_eq!(buffer.earlier(), Edge::More);
}

#[test]
fn only_unseen_talk_of_others_is_unread() {
    let mut buffer = Buffer::new(BufferId::default(), BufferKind::Query, "bob".into(), 50);
    buffer.push(talk("seen", true), true);
    buffer.push(Draft::info(Timestamp::UNIX_EPOCH, "event"), false);
    let own = Draft {
        own: true,
        ..talk("mine", false)
    };
    buffer.push(own, false);
    assert_eq!((buffer.unread(), buffer.marker()), (0, None));
    buffer.push(talk("for you", true), false);
    buffer.push(talk("for all", false), false);
    assert_eq!((buffer.unread(), buffer.highlights()), (2, 1));
    assert_eq!(buffer.marker(), Some(FIRST + 3));
    buffer.looked_at();
    assert_eq!((buffer.unread(), buffer.highlights()), (0, 0));
    assert_eq!(buffer.marker(), Some(FIRST + 3), "until it is left again");
    buffer.left_alone();
    assert_eq!(buffer.marker(), None);
}

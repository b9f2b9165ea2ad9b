//! Reading back, searching, replies and signs, who is writing.

use super::*;

/// A screen whose server remembers what was said.
fn chat() -> Chat {
    let mut chat = super::chat();
    let caps =
        "batch server-time message-tags draft/chathistory soju.im/search draft/message-redaction";
    feed(
        &mut chat,
        &[
            &format!(":s.example CAP * ACK :{caps}"),
            ":ana!a@h JOIN #lobby",
        ],
    );
    chat
}

/// A batch of history of so many messages, numbered; with a tag, nothing is before them.
fn page(tag: &str, numbers: std::ops::Range<u32>) -> Vec<String> {
    let begin = format!("{tag}:s BATCH +h chathistory #lobby");
    let line = |n: u32| {
        let (minute, second) = (n / 60, n % 60);
        format!(
            "@batch=h;msgid=m{n};time=2026-11-22T10:{minute:02}:{second:02}.000Z \
             :bob!b@h PRIVMSG #lobby :number {n}."
        )
    };
    let end = ":s BATCH -h".to_owned();
    [begin]
        .into_iter()
        .chain(numbers.map(line))
        .chain([end])
        .collect()
}

fn feed_page(chat: &mut Chat, tag: &str, numbers: std::ops::Range<u32>) {
    let lines = page(tag, numbers);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    feed(chat, &lines);
}

fn wish(chat: &mut Chat) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(wish) = chat.model.wish() {
        let line = wish.lines().unwrap().remove(0);
        lines.push(
            String::from_utf8_lossy(line.as_bytes())
                .trim_end()
                .to_owned(),
        );
        chat.model.wish_sent();
    }
    lines
}

#[test]
fn at_the_first_line_more_is_asked_for_until_the_beginning() {
    let mut chat = chat();
    wish(&mut chat);
    assert!(shows(&chat, "Looking for what was said before…"));
    feed_page(&mut chat, "", 100..150);
    assert!(shows(&chat, "Show what was said before"));
    let _ = chat.update(Message::Scrolled(Place::Start));
    assert_eq!(
        wish(&mut chat),
        ["CHATHISTORY BEFORE #lobby msgid=m100 100"]
    );
    let before = chat.page.range(&reading::held(chat.model.active()));
    feed_page(&mut chat, "@draft/chathistory-end ", 60..100);
    let after = chat.page.range(&reading::held(chat.model.active()));
    assert_eq!(after.end, before.end, "what is read stays where it is");
    assert!(after.start < before.start, "and what came is above it");
    assert!(shows(&chat, "number 60."));
    assert!(shows(&chat, "This is the beginning of #lobby."));
    let _ = chat.update(Message::Scrolled(Place::Start));
    assert!(wish(&mut chat).is_empty());
}

#[test]
fn a_search_lists_what_was_found_and_leads_there() {
    let mut chat = chat();
    feed_page(&mut chat, "", 100..150);
    wish(&mut chat);
    let _ = chat.update(Message::Key(Key::Search));
    act(&mut chat, |ui| {
        ui.click(selector::id("search")).unwrap();
        ui.typewrite("number");
        ui.tap_key(iced::keyboard::key::Named::Enter);
    });
    assert_eq!(wish(&mut chat), ["SEARCH text=number;in=#lobby;limit=100"]);
    assert!(shows(&chat, "Searching…"));
    feed(
        &mut chat,
        &[
            ":s BATCH +s soju.im/search",
            "@batch=s;msgid=m7;time=2026-11-22T10:00:07.000Z :bob!b@h PRIVMSG #lobby :number 7.",
            "@batch=s;msgid=m120;time=2026-11-22T10:02:00.000Z :bob!b@h PRIVMSG #lobby :number 120!",
            ":s BATCH -s",
        ],
    );
    assert!(shows(&chat, "2 messages, the newest first"));
    press(&mut chat, "number 120!");
    assert!(wish(&mut chat).is_empty(), "it is here");
    assert!(!chat.page.follows() && chat.jumped.is_some());
    press(&mut chat, "number 7.");
    assert_eq!(wish(&mut chat), ["CHATHISTORY AROUND #lobby msgid=m7 50"]);
    feed_page(&mut chat, "", 2..30);
    assert!(shows(&chat, "↓  Back to the newest") && shows(&chat, "number 8."));
    let _ = chat.update(Message::Scrolled(Place::End));
    let _ = chat.update(Message::Scrolled(Place::End));
    assert_eq!(wish(&mut chat), ["CHATHISTORY AFTER #lobby msgid=m29 100"]);
    press(&mut chat, "↓  Back to the newest");
    assert!(shows(&chat, "number 149."));
    let _ = chat.update(Message::Key(Key::Escape));
    assert!(!shows(&chat, "2 messages, the newest first"));
    let _ = chat.update(Message::Key(Key::Search));
    assert!(!shows(&chat, "2 messages, the newest first"), "it is over");
    assert!(shows(&chat, "Press Enter to search."));
    let _ = chat.update(Message::Key(Key::Escape));
}

#[test]
fn a_message_is_chosen_to_reply_to_it() {
    let mut chat = chat();
    feed(&mut chat, &["@msgid=m1 :bob!b@h PRIVMSG #lobby :shall we?"]);
    let number = chat.model.active().lines().back().unwrap().number;
    let _ = chat.update(Message::Choose(number));
    assert!(shows(&chat, "Copy") && !shows(&chat, "Withdraw"));
    press(&mut chat, "Reply");
    assert!(shows(&chat, "Reply to bob: shall we?"));
    let said = chat.replied(chat_client::Command::Say {
        target: "#lobby".into(),
        text: "yes".to_owned(),
    });
    assert!(matches!(said, chat_client::Command::Reply { ref id, .. } if id == "m1"));
    feed(
        &mut chat,
        &[
            "@msgid=m2;+draft/reply=m1 :ana!a@h PRIVMSG #lobby :yes",
            "@+draft/reply=m2;+draft/react=+1 :bob!b@h TAGMSG #lobby",
            "@+draft/reply=m2;+draft/react=+1 :cleo!b@h TAGMSG #lobby",
        ],
    );
    assert!(shows(&chat, "↪ bob: shall we?") && shows(&chat, "+1 2"));
    let number = chat.model.active().lines().back().unwrap().number;
    let _ = chat.update(Message::Choose(number));
    assert!(shows(&chat, "Withdraw"), "one's own");
    feed(&mut chat, &[":ana!a@h REDACT #lobby m2"]);
    assert!(shows(&chat, "This message was withdrawn."));
}

#[test]
fn who_is_writing_is_shown_and_forgotten() {
    let mut chat = chat();
    feed(&mut chat, &["@+typing=active :bob!b@h TAGMSG #lobby"]);
    chat.now = Timestamp::from_second(1_800_000_001).unwrap();
    assert!(shows(&chat, "bob is writing…") && chat.needs_ticks());
    chat.tick(Timestamp::from_second(1_800_000_007).unwrap());
    assert!(!shows(&chat, "bob is writing…"));
}

#[test]
fn the_list_of_channels_can_be_narrowed_down() {
    let mut chat = chat();
    wish(&mut chat);
    write(&mut chat, "/list");
    let _ = chat.update(Message::Submit);
    assert_eq!(wish(&mut chat), ["LIST"]);
    feed(
        &mut chat,
        &[
            ":s 322 ana #lobby 3 :Be kind",
            ":s 322 ana #garden 7 :Tomatoes",
            ":s 322 ana #kitchen 2 :Soup",
            ":s 323 ana :End of /LIST",
        ],
    );
    assert!(shows(&chat, "3 channels") && shows(&chat, "3, you among them"));
    let _ = chat.update(Message::FilterChannels("toma".to_owned()));
    assert!(shows(&chat, "#garden") && !shows(&chat, "#kitchen"));
    press(&mut chat, "#garden");
    assert!(!shows(&chat, "1 channel"));
    feed(&mut chat, &[":ana!a@h JOIN #garden"]);
    assert_eq!(chat.title(), "#garden");
}

#[test]
fn help_is_told_where_it_was_asked_for() {
    let mut chat = chat();
    write(&mut chat, "/help kick");
    let _ = chat.update(Message::Submit);
    let told = "/kick nick [reason]: remove somebody from the channel";
    assert!(shows(&chat, told));
}

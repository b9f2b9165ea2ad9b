//! One order, committed before seen, and the whole of it for who comes late.

use std::sync::Arc;

use chat_journal::{Delivery, Link, Role};
use chat_network::{
    Action, ChannelFlag, ChannelModeChange, Entry, Event, MessageKind, Position, ServerId,
    SessionId,
};
use tokio::task::JoinSet;

use crate::support::{Bench, Dice, Follower, join, message, register, say, soon};

const SENDERS: u32 = 8;
const EACH: usize = 1250;

/// Two servers with half of the senders each; answers what the servers saw from a common start.
async fn talk(bench: &Bench, remote: [bool; 2]) -> [Vec<Arc<Entry>>; 2] {
    let mut one = bench.either(1, remote[0]).await;
    let mut two = bench.either(2, remote[1]).await;
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let server = if number % 2 == 0 { &mut one } else { &mut two };
        let session = server.enter(number, &format!("nick{number}")).await;
        let requests = server.requests.clone();
        senders.spawn(async move {
            for count in 0..EACH {
                let action = say("#lobby", &format!("{number} {count}"));
                let origin = chat_network::Origin::Session(session);
                requests
                    .send(chat_network::Request { origin, action })
                    .await
                    .unwrap();
            }
        });
    }
    let all = SENDERS as usize * EACH;
    let (one, two) = tokio::join!(follow(one, all), follow(two, all));
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
    [one, two]
}

async fn follow(mut server: Follower, messages: usize) -> Vec<Arc<Entry>> {
    let mut count = 0;
    let mut counted = 0;
    while count < messages {
        server.step().await.unwrap();
        let entries = server.seen[counted..]
            .iter()
            .filter(|delivery| match delivery {
                Delivery::Entry(entry) => matches!(entry.event, Event::Message { .. }),
                Delivery::Rejected { .. }
                | Delivery::Reached(_)
                | Delivery::Turn(_)
                | Delivery::Gathered(_) => {
                    panic!("nothing is refused here")
                }
            });
        count += entries.count();
        counted = server.seen.len();
    }
    server.entries()
}

async fn is_one_order(remote: [bool; 2]) {
    let bench = Bench::new();
    let [one, two] = talk(&bench, remote).await;
    let length = one.len().min(two.len());
    assert!(one[..length] == two[..length], "two orders");
    for pair in one.windows(2) {
        assert_eq!(pair[1].stamp.position, pair[0].stamp.position.next());
        assert!(pair[1].stamp.time >= pair[0].stamp.time);
    }
    let mut next = vec![0; SENDERS as usize];
    for entry in &one {
        if let Event::Message { text, .. } = &entry.event {
            let (sender, count) = text.split_once(' ').unwrap();
            let next = &mut next[sender.parse::<usize>().unwrap()];
            assert_eq!(count.parse::<usize>().unwrap(), *next);
            *next += 1;
        }
    }
    assert_eq!(next, vec![EACH; SENDERS as usize]);
    assert_eq!(
        bench.reader.message_count().unwrap(),
        u64::from(SENDERS) * EACH as u64
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_kinds_of_links_see_one_order() {
    is_one_order([false, true]).await;
}

#[tokio::test]
async fn two_sockets_see_one_order_on_one_thread() {
    is_one_order([true, true]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_can_be_read_from_the_database() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let mut two = bench.either(2, remote).await;
        let alice = one.enter(1, "alice").await;
        two.until(|own| own.network.user_by_nick("alice").is_some())
            .await;
        let requests = one.requests.clone();
        let talk = tokio::spawn(async move {
            for number in 0..2000 {
                let action = say("#Lobby", &number.to_string());
                let origin = chat_network::Origin::Session(alice);
                requests
                    .send(chat_network::Request { origin, action })
                    .await
                    .unwrap();
            }
        });
        let mut checked = 0;
        let mut looked = 0;
        while checked < 2000 {
            two.step().await.unwrap();
            for delivery in &two.seen[looked..] {
                let Delivery::Entry(entry) = delivery else {
                    continue;
                };
                let Event::Message { text, .. } = &entry.event else {
                    continue;
                };
                let row = bench
                    .reader
                    .message(entry.stamp.position.0)
                    .unwrap()
                    .unwrap();
                assert_eq!((&row.text, row.time_ms), (text, entry.stamp.time.0));
                assert_eq!(
                    (row.target.as_str(), row.target_key.as_str()),
                    ("#lobby", "#lobby")
                );
                assert_eq!(
                    (row.sender.as_str(), row.server),
                    ("alice!~alice@localhost", 1)
                );
                checked += 1;
            }
            looked = two.seen.len();
        }
        talk.await.unwrap();
    }
}

/// A server of a random history, with its sessions.
struct Player {
    follower: Follower,
    sessions: Vec<SessionId>,
}

fn any_action(dice: &mut Dice) -> Action {
    let channel = format!("#{}", dice.roll(4));
    let nick = format!("n{}", dice.roll(12));
    match dice.roll(14) {
        0..3 => register(&nick),
        3..6 => join(&channel),
        6 => Action::Part {
            channel: channel.into(),
            reason: None,
        },
        7 => Action::Quit {
            reason: "enough".into(),
        },
        8 => Action::Nick { nick: nick.into() },
        9 => Action::Topic {
            channel: channel.into(),
            topic: nick.as_str().into(),
        },
        10 => Action::Kick {
            channel: channel.into(),
            nick: nick.into(),
            reason: "so".into(),
        },
        11 => Action::ChannelModes {
            channel: channel.into(),
            changes: vec![ChannelModeChange::Flag(
                dice.roll(2) == 0,
                ChannelFlag::Moderated,
            )],
        },
        12 => message(MessageKind::Tagmsg, &channel, ""),
        _ => say(&channel, "words"),
    }
}

async fn any_history(seed: u64) {
    let bench = Bench::new();
    let mut dice = Dice(seed);
    let mut players = Vec::new();
    let mut observers: Vec<Follower> = Vec::new();
    for server in 1..=2 {
        let follower = bench.either(server, server == 2).await;
        let sessions = (1..=6).map(|serial| follower.session(serial)).collect();
        players.push(Player { follower, sessions });
    }
    for step in 0..400 {
        let player = &players[dice.index(2)];
        let session = player.sessions[dice.index(6)];
        player.follower.ask(session, any_action(&mut dice)).await;
        if step % 40 == 13 {
            let link = if dice.roll(2) == 0 {
                soon(bench.journal.attach(Role::Observer)).await.unwrap()
            } else {
                soon(Link::connect(&bench.socket(), Role::Observer))
                    .await
                    .unwrap()
            };
            observers.push(Follower::new(ServerId::HUB, link));
        }
    }
    // Every request has its one answer, and every answer was asked for.
    let mut asked = 0;
    for Player { follower, sessions } in &mut players {
        let last = sessions[0];
        follower.ask(last, Action::Rate { stars: 9 }).await;
        let end = |own: &Follower| {
            matches!(
                own.answers(last).last(),
                Some(Err(
                    chat_network::Rejection::BadRating | chat_network::Rejection::NotRegistered
                ))
            )
        };
        follower.until(end).await;
        asked += sessions
            .iter()
            .map(|session| follower.answers(*session).len())
            .sum::<usize>();
    }
    assert!(asked <= 402);
    soon(bench.journal.shutdown()).await;
    let mut followers: Vec<Follower> = players.into_iter().map(|player| player.follower).collect();
    followers.append(&mut observers);
    let mut whole = None;
    for mut follower in followers {
        follower.follow_to_the_end().await;
        let entries = follower.entries();
        let (first, network) =
            whole.get_or_insert_with(|| (entries.clone(), follower.network.clone()));
        let start = usize::try_from(follower.start.0).unwrap();
        assert!(first[start..] == entries[..], "seed {seed}");
        assert_eq!(*network, follower.network, "seed {seed}");
    }
    let last = whole.and_then(|(entries, _)| entries.last().map(|entry| entry.stamp.position));
    assert_eq!(last.unwrap_or(Position(0)), bench.journal.position());
}

#[tokio::test]
async fn snapshot_and_tail_are_the_whole_for_any_history() {
    for seed in 1..=16 {
        any_history(seed * 0x9e37_79b9).await;
    }
}

#[tokio::test]
async fn a_snapshot_of_many_frames_arrives_whole() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    for number in 0..5000 {
        one.ask(one.session(number), register(&format!("nick{number}")))
            .await;
    }
    one.until(|own| own.network.user_count() == 5000).await;
    let two = bench.remote(2).await;
    assert_eq!(two.network, one.network);
    assert_eq!(two.start, Position(5000));
}

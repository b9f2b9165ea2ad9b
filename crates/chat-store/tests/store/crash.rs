//! kill -9 in the middle of commits loses nothing that was reported as stored.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;

use chat_store::{Batch, Config, EventKind, Outcome, Reader, Record, Row, Selection, View, open};
use tempfile::tempdir;

use crate::support::{LONG, TIME, event, message, view};

/// Where this is set, the test below is the child that gets killed.
const DATABASE: &str = "CHAT_STORE_TEST_DATABASE";

#[test]
fn nothing_stored_is_lost_when_the_program_is_killed() {
    if let Some(path) = std::env::var_os(DATABASE) {
        commit_until_killed(Path::new(&path));
        return;
    }
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (mut stored, mut came, mut seen, mut sessions) = (Vec::new(), Vec::new(), 0, 0);
    let mut happened = Vec::new();
    for round in 0..6 {
        let life = run_and_kill(&path, 150 * round + 1);
        assert!(
            life.first > seen,
            "round {round} starts at {} after {seen}",
            life.first
        );
        seen = life.seen;
        // The session is the first thing a life commits: it is there if anything is.
        sessions += usize::from(!life.stored.is_empty());
        stored.extend(life.stored);
        came.extend(life.came);
        happened.extend(life.happened);
    }
    let (writer, reader) = open(&Config::at(&path)).unwrap();
    assert!(writer.start_state("2026-11-22").unwrap().position > seen);
    assert!(stored.len() > 1000);
    for id in stored {
        let found = reader
            .message(id)
            .unwrap()
            .unwrap_or_else(|| panic!("{id} is lost"));
        assert_eq!(found, message(id, "#a", &format!("text of {id}")));
    }
    // So many that they were moved to where they are more than once.
    assert!(happened.len() > 250);
    for place in PLACES {
        let found = events_of(&reader, place);
        assert!(found.is_sorted_by(|one, other| one < other), "{place}");
        for id in &happened {
            assert!(found.binary_search(id).is_ok(), "{id} is lost in {place}");
        }
    }
    let rows = reader.sessions(None, 10_000).unwrap();
    let users: HashSet<&str> = rows.iter().filter_map(|row| row.user.as_deref()).collect();
    assert!(came.len() > 100);
    for user in came {
        assert!(users.contains(&*format!("at{user}")), "{user} is lost");
    }
    assert!(
        sessions >= 5 && rows.len() >= sessions,
        "{sessions} lives: {rows:?}"
    );
    assert!(rows.iter().all(|row| row.out_time.is_some()), "{rows:?}");
}

/// Where the same happens at once, as when somebody quits who is in all of them.
const PLACES: [&str; 8] = ["#0", "#1", "#2", "#3", "#4", "#5", "#6", "#7"];

/// The ids of all events of a place.
fn events_of(reader: &Reader, place: &str) -> Vec<u64> {
    let view = View {
        events: true,
        ..view(place)
    };
    let page = reader.page(&view, Selection::Latest(None), 10_000).unwrap();
    page.records.iter().map(Record::id).collect()
}

/// What a child said before it was killed.
#[derive(Default)]
struct Life {
    first: u64,
    stored: Vec<u64>,
    /// Where somebody came.
    came: Vec<u64>,
    /// Where something happened in all places.
    happened: Vec<u64>,
    seen: u64,
}

fn run_and_kill(path: &Path, after_lines: usize) -> Life {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::nothing_stored_is_lost_when_the_program_is_killed",
        ])
        .args(["--nocapture", "--test-threads=1"])
        .env(DATABASE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut life = Life::default();
    let mut lines = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The harness may have begun the line; the last one may be cut.
        let Some((_, said)) = line.split_once('@') else {
            continue;
        };
        let Some((what, number)) = said.strip_suffix(';').and_then(|said| said.split_once(' '))
        else {
            continue;
        };
        let number = number.parse().unwrap();
        match what {
            "first" => life.first = number,
            "stored" => life.stored.push(number),
            "came" => life.came.push(number),
            "happened" => life.happened.push(number),
            "seen" => life.seen = number,
            other => panic!("{other}"),
        }
        lines += 1;
        if lines == after_lines {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(life.first > 0 && lines >= after_lines);
    life
}

/// Batches of three positions, of which the first has no row; every tenth without rows at all. With
/// every fifth somebody comes and who came before goes, but for some who stay. With every second
/// something happens in many places.
fn commit_until_killed(path: &Path) {
    let (writer, _reader) = open(&Config::at(path)).unwrap();
    let mut position = writer.start_state("2026-11-22").unwrap().position;
    say(&format!("@first {position};\n"));
    let rows = vec![Row::SessionOpened {
        session: 1,
        user: "ann".into(),
        time_ms: TIME,
    }];
    writer.commit(Batch { rows, position }, |outcome| {
        assert_eq!(outcome, Outcome::Stored)
    });
    // Far more than are wanted, so that a child whose parent is gone ends at last.
    for round in 1..200_000_u64 {
        let ids = if round % 10 == 0 {
            vec![]
        } else {
            vec![position + 2, position + 3]
        };
        position += 3;
        let row = |&id: &u64| Row::Message(message(id, "#a", &format!("text of {id}")));
        let came = (round % 5 == 1).then_some(position);
        let mut rows: Vec<Row> = ids.iter().map(row).collect();
        if let Some(at) = came {
            rows.push(Row::SessionOpened {
                session: 1000 + round,
                user: format!("at{at}"),
                time_ms: TIME,
            });
            rows.extend((round % 3 > 0).then_some(Row::SessionClosed {
                session: 1000 + round - 5,
                time_ms: TIME,
            }));
        }
        let happened = (round % 2 == 1).then_some(position);
        if let Some(id) = happened {
            rows.extend(PLACES.map(|place| event(id, place, EventKind::Quit)));
        }
        let batch = Batch { rows, position };
        let (tell, told) = sync_channel(1);
        writer.commit(batch, move |outcome| {
            assert_eq!(outcome, Outcome::Stored);
            let stored = ids.iter().map(|id| format!("@stored {id};\n"));
            say(&stored
                .chain(came.map(|at| format!("@came {at};\n")))
                .chain(happened.map(|at| format!("@happened {at};\n")))
                .chain([format!("@seen {position};\n")])
                .collect::<String>());
            let _ = tell.send(());
        });
        // Now and then wait, so that batches come both alone and together.
        if round % 7 == 0 {
            told.recv_timeout(LONG).unwrap();
        }
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .unwrap();
}

//! Leaving cleanly: everybody is told, everything is written, nothing stays behind.

use std::path::PathBuf;

use chat_tests::{Client, Folder};
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;

fn open(folder: &Folder) -> Connection {
    Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database opens")
}

fn segment(instance: &str) -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    PathBuf::from(format!("/dev/shm/client_status.{user}.{instance}"))
}

fn stops_cleanly(program: &str, arguments: &[&str], signal: Signal) {
    let folder = Folder::new();
    let instance = format!("stop-{}-{}", std::process::id(), program.len());
    let mut arguments = arguments.to_vec();
    arguments.extend(["--instance", &instance]);
    let mut running = match program {
        "chat-launcher" => folder.launcher(&arguments),
        _ => folder.server(&arguments),
    };
    assert!(
        segment(&instance).exists(),
        "the counts are in shared memory"
    );
    let mut stays = Client::in_lobby(running.address(), "stays");
    let mut leaves = Client::in_lobby(running.address(), "leaves");
    leaves.send("RATE 4");
    leaves.barrier("rated");
    leaves.send("QUIT :bye");
    assert!(leaves.rest().iter().any(|line| line.starts_with("ERROR ")));
    stays.wait_for(":leaves!");

    running.signal(signal);
    let lines = stays.rest();
    assert!(
        lines.iter().any(|line| line.starts_with("ERROR ")),
        "{lines:?}"
    );
    assert!(running.ended().success());

    let database = open(&folder);
    let sessions: Vec<(String, String, Option<String>)> = database
        .prepare("SELECT User, In_Time, Out_Time FROM session ORDER BY rowid")
        .expect("the original table")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("rows")
        .map(|row| row.expect("a row"))
        .collect();
    let users: Vec<&str> = sessions.iter().map(|(user, ..)| user.as_str()).collect();
    assert_eq!(users, ["stays", "leaves"], "one row per registered session");
    for (user, in_time, out_time) in &sessions {
        assert_eq!(in_time.len(), 8, "{user}: HH:MM:SS");
        assert_eq!(
            out_time.as_ref().map(String::len),
            Some(8),
            "{user} has both times"
        );
    }
    let (today, month, approaches, rating): (i64, i64, i64, f64) = database
        .query_row(
            "SELECT SUM(Today_Count), SUM(Monthly_Count), SUM(Total_Approaches),
                    MAX(Average_Rating) FROM servers",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .expect("the original table has the day's rows");
    assert_eq!((today, month, approaches), (2, 2, 2));
    assert!((rating - 4.0).abs() < 1e-9, "{rating}");

    assert!(!segment(&instance).exists(), "the shared memory is gone");
    assert!(
        !folder.path().join("chat-server").join(&instance).exists(),
        "the sockets are gone"
    );
}

#[test]
fn the_launcher_leaves_cleanly_on_sigterm() {
    stops_cleanly("chat-launcher", &["--servers", "2"], Signal::TERM);
}

#[test]
fn the_launcher_leaves_cleanly_on_ctrl_c() {
    stops_cleanly(
        "chat-launcher",
        &["--servers", "2", "--approach", "fork"],
        Signal::INT,
    );
}

#[test]
fn a_lone_server_leaves_cleanly_on_sigterm() {
    stops_cleanly("chat-server", &[], Signal::TERM);
}

#[test]
fn a_restart_forgets_neither_today_nor_month_nor_total() {
    let folder = Folder::new();
    for round in 1..=2_i64 {
        let mut launcher = folder.launcher(&["--servers", "2"]);
        drop(Client::in_lobby(launcher.address(), "one"));
        drop(Client::in_lobby(launcher.address(), "two"));
        assert!(launcher.stop().success());
        let (today, month, total): (i64, i64, i64) = open(&folder)
            .query_row(
                "SELECT SUM(Today_Count), SUM(Monthly_Count), SUM(Total_Approaches) FROM servers
                 WHERE Date = (SELECT MAX(Date) FROM servers)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .expect("the day's rows");
        assert_eq!(total, 2 * round);
        // Midnight may fall between the rounds; the total knows nothing of days.
        assert!(today == 2 * round || today <= 2, "{today}");
        assert!(month == 2 * round || month <= 2, "{month}");
    }
}

//! Every accept is counted exactly once, and the same numbers are told everywhere: by STATS, on the
//! board (which is what the monitor shows), and in the database.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chat_stats::Snapshot;
use chat_tests::{Client, Folder, PATIENCE, board};
use rusqlite::{Connection, OpenFlags};

/// The numbers of one server in the words of STATS, such as `now` and `free`.
type Numbers = BTreeMap<String, f64>;

/// What STATS tells, by server.
fn stats(client: &mut Client) -> BTreeMap<String, Numbers> {
    client.send("STATS");
    let mut servers = BTreeMap::new();
    loop {
        let line = client.line().expect("the server stays");
        if line.contains(" 219 ") {
            return servers;
        }
        let Some((_, told)) = line.split_once(" :Server-") else {
            continue;
        };
        let mut words = told.split(' ');
        let server = format!("Server-{}", words.next().expect("a number"));
        let numbers = words.filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        servers.insert(server, numbers.collect());
    }
}

/// What the board says, in the words of STATS.
fn on_board(snapshot: &Snapshot) -> BTreeMap<String, Numbers> {
    let numbers = snapshot.servers.iter().map(|server| {
        let numbers = [
            ("now", server.now as f64),
            ("today", server.today as f64),
            ("month", server.month as f64),
            ("total", server.total as f64),
            ("lost", server.lost as f64),
            ("rejected", server.rejected as f64),
            ("approaches", server.approaches as f64),
            ("rating", server.average_rating),
            ("free", f64::from(server.capacity - server.places_taken)),
        ];
        let numbers = numbers.map(|(name, value)| (name.to_owned(), value));
        (server.name(), Numbers::from(numbers))
    });
    numbers.collect()
}

fn sum(servers: &BTreeMap<String, Numbers>, name: &str) -> f64 {
    servers.values().map(|numbers| numbers[name]).sum()
}

#[track_caller]
fn assert_sum(servers: &BTreeMap<String, Numbers>, name: &str, expected: f64) {
    let told = sum(servers, name);
    assert!(
        (told - expected).abs() < 1e-9,
        "{name}: {told} in {servers:#?}"
    );
}

#[test]
fn every_accept_is_counted_once_and_told_the_same_everywhere() {
    let folder = Folder::new();
    let instance = format!("count-{}", std::process::id());
    let mut launcher =
        folder.launcher(&["--servers", "2", "--capacity", "2", "--instance", &instance]);
    let address = launcher.address();
    let mut ann = Client::in_lobby(address, "ann");
    let mut bob = Client::in_lobby(address, "bob");
    let mut eve = Client::in_lobby(address, "eve");
    // Rejected: it leaves before it has registered.
    let mut shy = Client::connect(address);
    shy.send("QUIT");
    shy.rest();
    drop(shy);
    told(&mut ann, |servers| sum(servers, "free") > 0.5);
    let mut zoe = Client::in_lobby(address, "zoe");
    // Lost: there are four places.
    let mut late = Client::connect(address);
    assert!(
        late.rest()
            .iter()
            .any(|line| line.contains("All servers are full"))
    );
    ann.send("RATE 5");
    ann.barrier("rated");
    for refused in ["RATE 0", "RATE 6", "RATE five"] {
        bob.send(refused);
    }
    bob.barrier("refused");
    eve.send("QUIT");
    eve.rest();
    zoe.wait_for(":eve!");

    let told = told(&mut ann, |servers| sum(servers, "free") > 0.5);
    for (name, expected) in [
        ("now", 3.0),
        ("today", 4.0),
        ("month", 4.0),
        ("lost", 1.0),
        ("rejected", 1.0),
        ("approaches", 6.0),
        ("total", 6.0),
        ("rating", 5.0),
        ("free", 1.0),
    ] {
        assert_sum(&told, name, expected);
    }
    let seen = on_board(&board(&instance).snapshot());
    assert_eq!(told, seen, "STATS and the board");

    assert!(launcher.stop().success());
    assert_eq!(in_database(&folder), in_words_of_database(&seen));
}

/// STATS again and again, until it tells what is waited for.
fn told(
    client: &mut Client,
    mut wanted: impl FnMut(&BTreeMap<String, Numbers>) -> bool,
) -> BTreeMap<String, Numbers> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let servers = stats(client);
        if wanted(&servers) {
            return servers;
        }
        assert!(Instant::now() < deadline, "{servers:#?}");
        // Lines are counted by the flood limit: not too many of them.
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// The rows of `servers`, in the words of STATS.
fn in_database(folder: &Folder) -> BTreeMap<String, Numbers> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(folder.database(), flags).expect("it opens");
    let mut statement = database
        .prepare(
            "SELECT Name, Today_Count, Monthly_Count, Total_Approaches, Lost_Count, Average_Rating
             FROM servers",
        )
        .expect("the original table");
    let rows = statement.query_map([], |row| {
        let names = ["today", "month", "approaches", "lost", "rating"];
        let mut numbers = Numbers::new();
        for (column, name) in names.iter().enumerate() {
            numbers.insert((*name).to_owned(), row.get(column + 1)?);
        }
        Ok((row.get(0)?, numbers))
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

fn in_words_of_database(servers: &BTreeMap<String, Numbers>) -> BTreeMap<String, Numbers> {
    let mut servers = servers.clone();
    for numbers in servers.values_mut() {
        numbers.retain(|name, _| !matches!(name.as_str(), "now" | "total" | "rejected" | "free"));
    }
    servers
}

//! Several real processes on one board: this test program starts itself again with a role.

#![cfg(not(miri))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall end")]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use chat_stats::{Board, Day, Error, Identity, SlotSetup, State};

/// Tells a child its role and the board: `count NAME`.
const ROLE: &str = "CHAT_STATS_TEST_ROLE";
const ROUNDS: u64 = 20_000;
const PLACES: u32 = 3;
const DAYS: i8 = 28;

/// A child that does not outlive its test.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(role: &str, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["role_of_a_child", "--exact", "--nocapture"])
            .env(ROLE, format!("{role} {name}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What the child says after `mark`, which it says once.
    fn told(&mut self, mark: &str) -> String {
        let line = self
            .lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.contains(mark));
        let line = line.unwrap_or_else(|| panic!("the child never said {mark:?}"));
        line.split_once(mark).unwrap().1.to_owned()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn name(test: &str) -> String {
    format!("chat_stats_processes.{}.{test}", std::process::id())
}

/// Does nothing unless started by another test.
#[test]
fn role_of_a_child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let (role, name) = role.split_once(' ').unwrap();
    match role {
        "count" => {
            let board = Board::open(name).unwrap();
            println!("opened: yes");
            println!("ended: {}", count_with_another(&board));
        }
        "own" => {
            let board = Board::create(name, &[SlotSetup { capacity: 7 }]).unwrap();
            board.slot(0).admitted();
            println!("created: yes");
            // Killed long before; bounded for the case that the parent dies.
            std::thread::sleep(Duration::from_secs(120));
        }
        "serve" => {
            let slot = Board::open(name).unwrap().slot(0);
            let me = Identity::current();
            slot.occupy(me.pid, me.start_time);
            slot.set_state(State::Running);
            assert!(slot.take_place());
            slot.admitted();
            println!("serving: yes");
            std::thread::sleep(Duration::from_secs(120));
        }
        other => panic!("{other}"),
    }
}

/// Counts as soon as another process does too, so that neither is done before the other begins.
fn count_with_another(board: &Board) -> u64 {
    board.slot(0).messages(1);
    let both = |_| {
        std::thread::yield_now();
        board.snapshot().totals.messages == 2
    };
    assert!((0..10_000_000).any(both), "the other never came");
    count(board)
}

/// Fights with whoever else does this for places and days. Gives the sum of 'today' of all days
/// that this process ended.
fn count(board: &Board) -> u64 {
    let slot = board.slot(0);
    let mut ended = 0;
    for round in 0..ROUNDS {
        if slot.take_place() {
            let taken = slot.places_taken();
            assert!((1..=PLACES).contains(&taken), "{taken}");
            slot.admitted();
            if round % 2 == 0 {
                slot.left();
            }
            assert!(slot.give_back());
        } else {
            slot.lost();
        }
        slot.rejected();
        assert!(slot.rated(4, None));
        let day = i8::try_from(2 + round * u64::from(DAYS.unsigned_abs() - 1) / ROUNDS).unwrap();
        ended += board
            .roll(Day {
                year: 2024,
                month: 6,
                day,
            })
            .map_or(0, |figures| figures.totals.today);
    }
    ended
}

#[test]
fn two_processes_lose_no_count_no_place_and_no_day() {
    let name = name("count");
    let board = Board::create(&name, &[SlotSetup { capacity: PLACES }]).unwrap();
    assert!(
        board
            .roll(Day {
                year: 2024,
                month: 6,
                day: 1
            })
            .is_none()
    );
    let mut child = Running::start("count", &name);
    child.told("opened: ");
    let ended_here = count_with_another(&board);
    let ended_there: u64 = child.told("ended: ").parse().unwrap();
    child.lines.by_ref().for_each(drop);
    assert!(child.child.wait().unwrap().success());

    let server = board.snapshot().servers.remove(0);
    assert_eq!(server.places_taken, 0);
    assert_eq!(server.admitted + server.lost, 2 * ROUNDS);
    assert_eq!(server.rejected, 2 * ROUNDS);
    assert_eq!(server.approaches, 4 * ROUNDS);
    assert_eq!(
        (server.rating_count, server.average_rating),
        (2 * ROUNDS, 4.0)
    );
    assert_eq!(ended_here + ended_there + server.today, server.admitted);
    assert_eq!(server.month, server.admitted);
    assert!(board.is_current(), "the child has gone and removed nothing");
}

#[test]
fn a_board_whose_owner_was_killed_is_replaced() {
    let name = name("killed_owner");
    let mut child = Running::start("own", &name);
    child.told("created: ");
    match Board::create(&name, &[SlotSetup { capacity: 8 }]) {
        Err(Error::InUse { pid, .. }) => assert_eq!(pid, child.child.id()),
        other => panic!("{other:?}"),
    }
    let old = Board::open(&name).unwrap();
    child.kill();

    // It is still there, numbers and all, until somebody creates it anew.
    assert_eq!(Board::open(&name).unwrap().snapshot().totals.admitted, 1);
    let new = Board::create(&name, &[SlotSetup { capacity: 8 }]).unwrap();
    assert_eq!(new.generation(), old.generation() + 1);
    assert_eq!(
        (new.slot(0).capacity(), new.snapshot().totals.admitted),
        (8, 0)
    );
    assert!(new.is_current() && !old.is_current());
    // Whoever still has the old one harms nobody.
    old.slot(0).admitted();
    drop(old);
    assert_eq!(Board::open(&name).unwrap().snapshot().totals.admitted, 0);
}

#[test]
fn a_killed_server_leaves_a_slot_that_its_supervisor_clears() {
    let name = name("killed_server");
    let board = Board::create(&name, &[SlotSetup { capacity: 1 }]).unwrap();
    let slot = board.slot(0);
    let mut child = Running::start("serve", &name);
    child.told("serving: ");
    assert_eq!((slot.state(), slot.take_place()), (State::Running, false));
    let occupant = slot.occupant().unwrap();
    assert!(occupant.is_alive());
    assert_eq!(occupant.pid, child.child.id());

    child.kill();
    assert!(!occupant.is_alive());
    slot.reset();
    let server = board.snapshot().servers.remove(0);
    assert_eq!((server.now, server.places_taken, server.pid), (0, 0, 0));
    assert_eq!(
        (server.admitted, server.state),
        (1, State::Dead),
        "what was counted stays"
    );
    assert!(slot.take_place());
}

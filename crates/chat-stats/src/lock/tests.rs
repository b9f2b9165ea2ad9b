//! The lock among threads, among processes, and after deaths.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;

use super::*;
use crate::layout::Cells;
use crate::segment::Segment;

/// Tells a child what to do and with which segment: `hold NAME` or `add NAME`.
const ROLE: &str = "CHAT_STATS_LOCK_TEST_ROLE";
const ADDITIONS: u64 = 2_000;

struct Fixture {
    segment: Segment,
    name: String,
}

impl Fixture {
    fn new(test: &str) -> Self {
        let name = format!("chat_stats_lock.{}.{test}", std::process::id());
        let segment = Segment::create(&name, 1).unwrap();
        segment.mapping().header().set_ready();
        Self { segment, name }
    }

    fn mapping(&self) -> &Mapping {
        self.segment.mapping()
    }

    fn generation(&self) -> u32 {
        self.mapping()
            .header()
            .lock_generation
            .load(Ordering::Relaxed)
    }

    /// Starts this very test program again with a role, and waits until it says `what`.
    fn child(&self, role: &str, what: &str) -> Running {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["lock::tests::role_of_a_child", "--exact", "--nocapture"])
            .env(ROLE, format!("{role} {}", self.name))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Running {
            child,
            lines: output.lines(),
        };
        let mut said = running.lines.by_ref().map_while(Result::ok);
        assert!(said.any(|line| line.contains(what)));
        running
    }

    /// A child that holds the lock and never lets go.
    fn holder(&self) -> Running {
        self.child("hold", "the lock is held")
    }
}

/// A child that does not outlive its test. Its output stays open, so that it can say all it wants.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Kills without waiting: what is left is a zombie.
    fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not atomic as a whole: two at once would lose additions.
fn add_slowly(cells: &Cells) {
    let before = cells.messages.load(Ordering::Relaxed);
    thread::yield_now();
    cells.messages.store(before + 1, Ordering::Relaxed);
}

fn add_under_lock(mapping: &Mapping) {
    for _ in 0..ADDITIONS {
        with(mapping, || add_slowly(&mapping.cells()[0])).unwrap();
    }
}

/// Does nothing unless started by another test.
#[test]
fn role_of_a_child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let (role, name) = role.split_once(' ').unwrap();
    let segment = Segment::open(name).unwrap();
    let mapping = segment.mapping();
    match role {
        "hold" => with(mapping, || {
            println!("the lock is held");
            // Killed long before; bounded for the case that the parent dies.
            thread::sleep(Duration::from_secs(120));
        })
        .unwrap(),
        "add" => {
            println!("about to add");
            add_under_lock(mapping);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn threads_and_processes_exclude_each_other() {
    let fixture = Fixture::new("exclude");
    let mapping = fixture.mapping();
    let mut adding = fixture.child("add", "about to add");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| add_under_lock(mapping));
        }
    });
    // To the end of its output first, so that it is not stopped by a full pipe.
    adding.lines.by_ref().for_each(drop);
    assert!(adding.child.wait().unwrap().success());
    assert_eq!(
        mapping.cells()[0].messages.load(Ordering::Relaxed),
        3 * ADDITIONS
    );
    assert_eq!(fixture.generation(), 0, "nobody died, nothing was to heal");
}

#[test]
fn a_living_holder_is_waited_for_and_a_killed_one_is_not() {
    let fixture = Fixture::new("killed");
    let mut holder = fixture.holder();
    match with(fixture.mapping(), || ()) {
        Err(Error::LockBusy(pid)) => assert_eq!(pid, holder.child.id()),
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.generation(), 0);

    // Not waited for yet: what is left of it is a zombie, and no holder.
    holder.kill();
    with(fixture.mapping(), || ()).unwrap();
    assert_eq!(fixture.generation(), 1);
    drop(holder);
    with(fixture.mapping(), || ()).unwrap();
    assert_eq!(fixture.generation(), 1, "one death, one generation");
}

#[test]
fn a_holder_that_dies_while_others_wait_lets_them_all_through() {
    let fixture = Fixture::new("waiting");
    let mapping = fixture.mapping();
    let mut holder = fixture.holder();
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| with(mapping, || add_slowly(&mapping.cells()[0]))))
            .collect();
        holder.kill();
        for waiter in waiters {
            waiter.join().unwrap().unwrap();
        }
    });
    assert_eq!(mapping.cells()[0].messages.load(Ordering::Relaxed), 4);
    assert_eq!(fixture.generation(), 1);
}

#[test]
fn a_holder_that_died_unnamed_is_replaced() {
    let fixture = Fixture::new("unnamed");
    let mapping = fixture.mapping();
    // Locked, and never named: as if killed between the two steps.
    std::mem::forget(mapping.try_lock(&mapping.locks()[0]).unwrap());
    with(mapping, || ()).unwrap();
    assert_eq!(fixture.generation(), 1);
}

#[test]
fn a_healer_that_died_is_finished_for() {
    let fixture = Fixture::new("healer");
    fixture.mapping().locks()[0]
        .holder
        .store(ABANDONED, Ordering::Relaxed);
    with(fixture.mapping(), || ()).unwrap();
    assert_eq!(fixture.generation(), 1);
}

#[test]
fn who_slept_between_the_two_steps_does_not_get_an_abandoned_lock() {
    let fixture = Fixture::new("slept");
    let mapping = fixture.mapping();
    let area = &mapping.locks()[0];
    let asleep = mapping.try_lock(area).unwrap();
    abandon(mapping, 0, area, 0);
    drop(asleep);
    assert!(matches!(
        try_generation(mapping, 0, area, 7),
        Attempt::Again
    ));
    assert_eq!(fixture.generation(), 1);
}

#[test]
fn worn_out_locks_leave_the_last_one_which_heals_too() {
    let fixture = Fixture::new("worn");
    let mapping = fixture.mapping();
    for _ in 0..LOCKS {
        let generation = fixture.generation();
        let area = &mapping.locks()[generation as usize];
        std::mem::forget(mapping.try_lock(area).unwrap());
        abandon(mapping, generation, area, 0);
    }
    assert_eq!(fixture.generation() as usize, LOCKS);

    let dead = Identity {
        start_time: 1,
        ..Identity::current()
    };
    mapping
        .header()
        .last_holder
        .store(holder_word(dead), Ordering::Relaxed);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    with(mapping, || add_slowly(&mapping.cells()[0])).unwrap();
                }
            });
        }
    });
    assert_eq!(mapping.cells()[0].messages.load(Ordering::Relaxed), 200);
    assert_eq!(mapping.header().last_holder.load(Ordering::Relaxed), 0);
}

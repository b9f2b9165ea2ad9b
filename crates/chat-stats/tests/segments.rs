//! What may lie under a board's name, and what becomes of it.

#![cfg(not(miri))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall end")]

use std::fs;
use std::path::{Path, PathBuf};

use chat_stats::{Board, Error, Refusal, SlotSetup};

const TWO: [SlotSetup; 2] = [SlotSetup { capacity: 10 }, SlotSetup { capacity: 20 }];

/// A segment name of this test alone; whatever has it at the end is removed.
struct Name(String);

impl Name {
    fn new(test: &str) -> Self {
        Self(format!("chat_stats_test.{}.{test}", std::process::id()))
    }

    /// The system shows segments as files.
    fn path(&self) -> PathBuf {
        Path::new("/dev/shm").join(&self.0)
    }

    fn refusal(&self) -> Refusal {
        match Board::open(&self.0) {
            Err(Error::Refused { name, reason }) if name == self.0 => reason,
            other => panic!("{other:?}"),
        }
    }

    /// Leaves `content` under the name, checks that opening refuses it for the reason given and
    /// leaves it alone, and that creating replaces it.
    fn is_refused_then_replaced(&self, content: &[u8], reason: Refusal) {
        fs::write(self.path(), content).unwrap();
        assert_eq!(self.refusal(), reason);
        assert_eq!(fs::read(self.path()).unwrap(), content);
        let board = Board::create(&self.0, &TWO).unwrap();
        assert_eq!(Board::open(&self.0).unwrap().slot(1).capacity(), 20);
        drop(board);
        assert!(!self.path().exists());
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.path());
    }
}

/// A complete board as bytes, as a dead creator leaves it.
fn board_bytes(name: &Name) -> Vec<u8> {
    let board = Board::create(&name.0, &TWO).unwrap();
    let bytes = fs::read(name.path()).unwrap();
    drop(board);
    bytes
}

#[test]
fn two_handles_see_one_board_and_the_owner_removes_it() {
    let name = Name::new("two_handles");
    let created = Board::create(&name.0, &TWO).unwrap();
    let opened = Board::open(&name.0).unwrap();
    assert_eq!((opened.slot_count(), opened.slot(0).capacity()), (2, 10));
    created.slot(1).admitted();
    assert!(opened.slot(0).take_place());
    assert_eq!(opened.snapshot(), created.snapshot());
    assert_eq!(created.snapshot().totals.now, 1);
    assert!(opened.is_current());

    drop(opened);
    assert!(name.path().exists(), "only the owner removes the name");
    let clone = created.clone();
    drop(created);
    assert!(name.path().exists(), "the last clone does it");
    drop(clone);
    assert!(!name.path().exists());
    assert!(matches!(Board::open(&name.0), Err(Error::Missing(_))));
}

#[test]
fn other_users_may_not_look() {
    use std::os::unix::fs::PermissionsExt;
    let name = Name::new("mode");
    let _board = Board::create(&name.0, &TWO).unwrap();
    assert_eq!(
        fs::metadata(name.path()).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_board_in_use_is_not_replaced() {
    let name = Name::new("in_use");
    let board = Board::create(&name.0, &TWO).unwrap();
    board.slot(0).admitted();
    match Board::create(&name.0, &TWO) {
        Err(Error::InUse { pid, .. }) => assert_eq!(pid, std::process::id()),
        other => panic!("{other:?}"),
    }
    assert_eq!(Board::open(&name.0).unwrap().snapshot().totals.admitted, 1);
}

#[test]
fn nothing_and_nonsense_are_refused_then_replaced() {
    let name = Name::new("nonsense");
    name.is_refused_then_replaced(b"", Refusal::TooSmall(0));
    name.is_refused_then_replaced(b"short", Refusal::TooSmall(5));
    name.is_refused_then_replaced(&[0xff; 100_000], Refusal::Foreign);
    let noise: Vec<u8> = (0..20_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    name.is_refused_then_replaced(&noise, Refusal::Foreign);
    name.is_refused_then_replaced(&[0; 100_000], Refusal::NotReady);
}

#[test]
fn a_damaged_board_is_refused_then_replaced() {
    let name = Name::new("damaged");
    let whole = board_bytes(&name);
    name.is_refused_then_replaced(&whole[..whole.len() - 1], Refusal::Damaged);
    name.is_refused_then_replaced(&[&whole[..], &[0; 64]].concat(), Refusal::Damaged);
    name.is_refused_then_replaced(&whole[..1000], Refusal::TooSmall(1000));

    // Offsets as in the layout: version at 8, slot count at 12, ready at 36.
    let changed = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let expected = u32::from_ne_bytes(whole[8..12].try_into().unwrap());
    let reason = Refusal::Layout {
        found: (9 << 8) | (expected & 0xff),
        expected,
    };
    name.is_refused_then_replaced(&changed(9, 0x09), reason);
    name.is_refused_then_replaced(&changed(12, 200), Refusal::Damaged);
    name.is_refused_then_replaced(&changed(36, 0), Refusal::NotReady);
    name.is_refused_then_replaced(&changed(36, 9), Refusal::Damaged);
}

#[test]
fn the_owner_does_not_remove_its_successor() {
    let name = Name::new("successor");
    let first = Board::create(&name.0, &TWO).unwrap();
    fs::remove_file(name.path()).unwrap();
    assert!(!first.is_current());
    let second = Board::create(&name.0, &TWO).unwrap();
    drop(first);
    assert!(second.is_current());
}

#[test]
fn disowned_is_left_behind() {
    let name = Name::new("disowned");
    let board = Board::create(&name.0, &TWO).unwrap();
    board.disown();
    drop(board);
    assert!(name.path().exists());
}

#[test]
fn names_and_counts_that_cannot_be_are_refused() {
    let long = "x".repeat(201);
    for name in ["", "a/b", "..", ".", "a b", "ä", "nul\0", &long] {
        assert!(
            matches!(Board::create(name, &TWO), Err(Error::Name(_))),
            "{name:?}"
        );
        assert!(matches!(Board::open(name), Err(Error::Name(_))), "{name:?}");
    }
    let name = Name::new("counts");
    let too_many = vec![TWO[0]; chat_stats::MAX_SLOTS + 1];
    for slots in [&[][..], &too_many] {
        assert!(matches!(
            Board::create(&name.0, slots),
            Err(Error::SlotCount(_))
        ));
    }
    let most = Board::create(&name.0, &too_many[1..]).unwrap();
    assert!(most.try_slot(chat_stats::MAX_SLOTS - 1).is_some());
    assert!(most.try_slot(chat_stats::MAX_SLOTS).is_none());
}

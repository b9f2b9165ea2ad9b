//! The accounts that a connection keeps with the board.

use std::cell::Cell;
use std::rc::Rc;

use chat_stats::Place;

use crate::home::Home;

/// The board knows that the client was admitted.
const ADMITTED: u8 = 1;
/// And that it is on its way out.
const LEAVING: u8 = 2;

/// Exactly one outcome, and the place of the connection.
pub(super) struct Accounts {
    pub(super) home: Rc<Home>,
    place: Option<Place>,
    /// [`ADMITTED`] and [`LEAVING`], in one byte: two would make every client larger.
    told: Cell<u8>,
}

impl Accounts {
    /// Those of a connection that has just come; see [`Client::new`](super::Client::new).
    pub(super) fn new(home: Rc<Home>, place: Option<Place>) -> Self {
        Self {
            home,
            place,
            told: Cell::new(0),
        }
    }

    /// It is a user now.
    pub(super) fn admitted(&self) {
        if self.tell(ADMITTED) {
            self.home.slot.admitted();
        }
    }

    /// It has not registered and will not.
    pub(super) fn leaves(&self) {
        if self.tell(LEAVING) {
            self.home.slot.leaving();
        }
    }

    /// Notes that the board knows something; whether it did not before.
    fn tell(&self, what: u8) -> bool {
        let before = self.told.replace(self.told.get() | what);
        before & what == 0
    }

    fn knows(&self, what: u8) -> bool {
        self.told.get() & what != 0
    }
}

impl Drop for Accounts {
    /// However the connection ended, it is counted once and its place is free.
    fn drop(&mut self) {
        if self.knows(ADMITTED) {
            self.home.slot.left();
        } else {
            self.home.slot.rejected();
        }
        match self.place {
            Some(place) => self.home.slot.give_back_place(place),
            None => self.home.slot.give_back(),
        };
        // After the place, so that it is not taken for unknown meanwhile.
        if self.knows(LEAVING) {
            self.home.slot.gone();
        }
    }
}

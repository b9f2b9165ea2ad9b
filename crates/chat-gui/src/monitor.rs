//! The monitor's window: one server's view, or all of them side by side.
//!
//! Counts and free places come from the shared-memory board, once a second; who is on and what is
//! said comes from the journal, which the window follows as an observer. It asks for nothing and
//! changes nothing, and may be opened and closed at any time.

mod app;
mod plot;
mod record;
mod view;
mod watch;

pub use app::{Settings, run};
pub use watch::Source;

#[cfg(test)]
mod tests;

//! The embeddable chat server.
//!
//! A server speaks IRC with IRCv3 to its clients and is linked to the journal, which decides, stores
//! and orders everything that changes the chat. Alone it brings its own journal; in a fleet it is
//! linked to the launcher's.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chat_server::Server;
//!
//! let server = Server::builder().name("irc.example.org").lobby("#lobby").start()?;
//! println!("connect to {}", server.local_addrs()[0]);
//! server.say("#lobby", "hello")?;
//! assert_eq!(server.stats().totals.now, 0);
//! server.shutdown_blocking("that was all")?;
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//!
//! - [`Server`] and its [`Builder`], [`ServerHandle`]: the door for programs that embed a server.
//!   [`Events`] are what it tells them, one [`ServerEvent`] after the other; [`AskError`] is why it did
//!   not do what it was asked. `host` is what runs on its thread.
//! - [`run()`], [`Parts`]: the same one floor below, for programs that bring the link, the board and
//!   the connections themselves. [`Incoming`]: where connections come from, as [`Accepted`] ones, for
//!   which a place is taken already or not ([`PlaceTaken`]); [`AtDoors`] and [`Both`] are two of them.
//! - [`config`]: what can be set, as one [`Config`]. [`Error`]: why a server does not start, or ends.
//!   [`figures`]: from the board to the database and back.
//! - `core` and `state`: what all tasks of one server share; `state` is what handlers may look at,
//!   `settings` what of it may change with the configuration.
//! - [`auth`]: passwords and what is kept of them, hashing off the thread, throttling of tries.
//! - `attend`: the task that hears of all clients' sockets and begins their turns. `serve`: the turn of
//!   one client. `client` is what all tasks know of it, `session` the state machine in it, `queue` what
//!   waits to be written, `flood` how fast it may send; `home` is what all clients have in common.
//! - `command`: the table, the dispatcher and one handler per command. `capabilities`: what the
//!   server has to offer, by its configuration.
//! - `deliver`: the task that applies, renders and queues what the journal says; `render` makes the
//!   lines, `fanout` knows who here gets them, `watchers` who waits for somebody to come (MONITOR).
//! - `history`: what was said before, from the database.
//! - `sweep` and `wheel`: who has been silent for too long. `closing`: the end of a
//!   connection.
//! - `barrier`: who waits for other servers before its PONG. `label`: whose answer carries a label.
//! - `fuzzing`: the inner doors that the fuzz targets need, in builds for them only.
//!
//! # One thread
//!
//! A server is one thread: its tasks share `Rc` and cells, and nothing on the way of a message takes
//! a lock. There is no lock order to be kept because there is no lock. Several cores are used by
//! several servers.
//!
//! # Order
//!
//! What only asks the network is sent on at once, however much is on its way; the network answers in
//! order. What is answered here (`NAMES`, `WHOIS`, errors of the parser, `PONG`) waits until
//! everything that the session asked before has been answered, and the session reads nothing
//! meanwhile. A `PONG` also waits, for at most 50 ms, until all other servers have rendered what the
//! session asked for.
//!
//! # Bounds
//!
//! Bytes that wait for a client: [`config::Limits::sendq`], then "SendQ exceeded". Requests of a
//! client on their way: [`config::Limits::requests_in_flight`] and those of one line, then reading
//! waits. Lines: those of `chat_proto::LineCodec`. Lines per second: [`config::Flood`]. Time to
//! register, silence, last words: [`config::Limits`]. Connections: the places of the board's slot.

mod attend;
pub mod auth;
mod barrier;
mod capabilities;
mod client;
mod closing;
mod command;
pub mod config;
mod core;
mod deliver;
mod error;
mod events;
mod fanout;
pub mod figures;
mod flood;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod handle;
mod history;
mod home;
mod host;
mod incoming;
mod label;
mod queue;
mod render;
mod run;
mod serve;
mod server;
mod session;
mod settings;
mod state;
mod sweep;
mod watchers;
mod wheel;

pub use config::Config;
pub use error::Error;
pub use events::{Events, ServerEvent};
pub use handle::{AskError, ServerHandle};
pub use incoming::{Accepted, AtDoors, Both, Incoming, PlaceTaken};
pub use run::{Parts, run};
pub use server::{Builder, Server};

/// The examples of the guides compile.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/embedding.md")]
    struct Embedding;
}

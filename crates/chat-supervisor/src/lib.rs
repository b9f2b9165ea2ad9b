//! A fleet of servers on one machine: start, watch, restart, and hand connections over.
//!
//! The launcher builds a [`Fleet`]; a server process takes its [`role`]. What a client's line means
//! is not known here, what a server has to know to do its work travels as bytes that only the role
//! understands, and which server a client goes to is decided by chat-balance.
//!
//! # Layout
//!
//! - [`Fleet`], [`Builder`], [`FleetEvent`]: the launcher's door.
//! - [`Program`] and [`Forker`]: the two ways to start a server, joined in [`Approach`].
//! - [`role`]: the server's door.
//! - [`RestartPolicy`]: what happens to servers that die.
//! - Inside: `watch` (the task that alone knows and changes the fleet), `member` (one server),
//!   `life` (one run of it, from start to exit), `process` (the process of that run, by its
//!   descriptor), `place` and `refuse` (the edge), `direct` (a port of a server's own), `handoff` and
//!   `packet` (the control socket), `fork` (the forker's process, and the one call of fork).
//!
//! # How a connection travels
//!
//! 1. It is accepted; the algorithm names a server from the loads on the board.
//! 2. A place is taken in that server's slot. Without one, the algorithm is asked again; if no
//!    server has one the client gets `ERROR :All servers are full, …` and is counted as lost.
//! 3. Its socket goes to the server over the control socket (`SOCK_SEQPACKET`, `SCM_RIGHTS`)
//!    together with what is known of the peer. A control socket that is full (a few hundred clients
//!    that the server has not looked at) makes the edge choose another server; it never waits.
//! 4. The launcher keeps its copy until the server has acknowledged it, which it does when
//!    [`role::Incoming::next`] returns the connection. If the server dies before, another gets it.
//! 5. When the connection ends the server gives the place back. When the server dies the launcher
//!    resets the slot, and counts the connections that had not registered yet as rejected.
//!
//! A client for which a server is expected soon (all are being started, or do not keep up) waits up
//! to five seconds, at most 256 do; the others stay in the kernel's queue.
//!
//! # Life and death of a server
//!
//! A process is held by a process descriptor, so its end is noticed at once and no signal can hit a
//! stranger, for both approaches. Its control socket is its lifeline in the other direction: when
//! the launcher dies the server sees the end of it, also after kill -9. Servers have process groups
//! of their own, so that a Ctrl-C for the launcher does not end them before their clients were told.
//!
//! # Example
//!
//! A launcher whose servers are the same program with another argument:
//!
//! ```no_run
//! use chat_stats::{Board, SlotSetup};
//! use chat_supervisor::{Approach, Fleet, Program};
//! use chat_transport::Listener;
//!
//! # async fn launch() -> Result<(), Box<dyn std::error::Error>> {
//! let mut fleet = Fleet::builder(3)
//!     .approach(Approach::Process(Program::this(["--role", "server"])))
//!     .board(Board::create("client_status.1000.6667", &[SlotSetup { capacity: 500 }; 3])?)
//!     .doors(Listener::bind(&["127.0.0.1:6667".parse()?])?)
//!     .role_payload(|index, attempt| format!("{index} {attempt}").into_bytes())
//!     .start()?;
//! let mut events = fleet.events().expect("asked for once");
//! while let Some(event) = events.recv().await {
//!     tracing::info!(?event, "news of the fleet");
//! #   break;
//! }
//! fleet.stop("The chat is closing").await;
//! # Ok(())
//! # }
//! ```

mod direct;
mod event;
mod fleet;
mod fork;
mod forker;
mod handoff;
mod life;
mod member;
mod packet;
mod place;
mod process;
mod program;
mod refuse;
mod restart;
pub mod role;
mod watch;

pub use event::FleetEvent;
pub use fleet::{Approach, Builder, Fleet, FleetError};
pub use forker::{ForkedRole, Forker, ForkerError};
pub use packet::MAX_PAYLOAD;
pub use program::Program;
pub use restart::RestartPolicy;

//! A headless chat client: connection, reconnection and the model of channels and messages.
//!
//! # Layout
//!
//! - [`Client`] and [`Updates`]: a running client. It connects ([`Config`]), negotiates capabilities,
//!   logs in to an account if it has one, registers (with another nickname if the one wanted is
//!   taken), answers and sends pings, reconnects with back-off and joins its channels again.
//! - [`Update`]: what it reports. [`Command`]: what it can be asked for; [`slash`] reads commands as
//!   people type them.
//! - [`Model`]: all updates together as plain data: [buffers](Buffer) with [lines](Line), members,
//!   topics and counts of what is unread. It asks for what was said before by its
//!   [wishes](Model::wish), which are sent by who wants to have it.
//! - [`sts`]: hosts that want to be connected to by TLS only, and for how long.
//! - Inside: `driver` (the task behind a client: sockets and clocks around a session), `session` (the
//!   state of one connection, without either), `login` (SASL), `query` (the lines that ask for what
//!   was said before), `text` (cutting what is too long for a line).
//!
//! Every queue is bounded. A reader of [`Updates`] that stands still makes the client stop reading
//! from the server; nothing is dropped.
//!
//! There is no window in here, and no type of one: the desktop client, bots and tests use the same
//! crate.
//!
//! # Example
//!
//! ```no_run
//! use chat_client::{Change, Client, Command, Config, Limits, Model};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new("irc.example.org:6667".parse()?, "ana");
//! let (client, mut updates) = Client::connect(config);
//! let mut model = Model::new("ana", "Example", Limits::default());
//! while let Some(update) = updates.next().await {
//!     for change in model.apply(&update) {
//!         let Change::Line(id, number) = change else { continue };
//!         let Some(line) = model.line(&id, number) else { continue };
//!         if &*line.text == "!hello" {
//!             let target = model.active().name().into();
//!             let text = format!("Hello, {}!", line.sender);
//!             client.send(Command::Say { target, text }).await?;
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod command;
mod config;
mod driver;
mod login;
pub mod model;
mod query;
mod session;
pub mod slash;
pub mod sts;
mod text;
mod update;

pub use chat_proto::Capability;
pub use chat_transport::{Endpoint, EndpointError, Transport, tls};
pub use client::{Client, SendError, Updates};
pub use command::{Command, CommandError, MAX_LINES};
pub use config::{Account, Backoff, Config};
pub use model::{
    Buffer, BufferId, BufferKind, Change, ConnectionState, Edge, Found, Goal, Limits, Line,
    LineKind, Listed, Listing, Member, Members, Model, Reaction, Reply, Search, SearchState, Topic,
};
pub use query::{Point, SearchFor, Span, Typing};
pub use update::Update;

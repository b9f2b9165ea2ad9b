//! One order for all servers: the sequencer and its links.
//!
//! Everything that changes the chat is a request. The **sequencer** takes the requests of all
//! servers, decides each against the state of the chat, stores what lasts, numbers it, and hands
//! the resulting entry to every server over that server's **link**. What comes out of a link is
//! already stored (or held, while storage fails; see `chat-store`), and comes in the same order on
//! every link.
//!
//! A [`Link`] is the same whether the sequencer runs in this process ([`Journal::attach`]) or in
//! another one behind a Unix socket ([`Link::connect`], the sequencer's side of which is called the
//! hub). It brings a snapshot of the chat and then, exactly once each, the entries after it.
//!
//! # Example
//!
//! ```
//! use chat_journal::{Delivery, Journal, Role, Setup};
//! use chat_network::{Action, Limits, NewUser, Origin, Position, Request, ServerId, SessionId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (writer, _reader) = chat_store::open(&chat_store::Config::default())?;
//! let journal = Journal::start(Setup::new(Limits::default(), writer, Position(1)))?;
//!
//! let mut link = journal.attach(Role::Server(ServerId(1))).await?;
//! let session = SessionId::new(ServerId(1), link.incarnation, 1);
//! let user = NewUser {
//!     nick: "alice".into(),
//!     username: "~alice".into(),
//!     host: "localhost".into(),
//!     realname: "Alice".into(),
//!     secure: false,
//!     certificate: None,
//!     account: None,
//!     away: None,
//! };
//! let action = Action::Register(Box::new(user));
//! link.requests.send(Request { origin: Origin::Session(session), action }).await?;
//!
//! let mut deliveries = Vec::new();
//! link.deliveries.next(&mut deliveries).await?;
//! let Delivery::Entry(entry) = &deliveries[0] else { panic!("nobody else has that nick") };
//! link.network.apply(entry);
//! assert!(link.network.user_by_nick("Alice").is_some());
//! journal.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//!
//! * `journal`: the handle of a sequencer, and how it is started and ended
//! * `link`: the end of a link that a server holds; `remote` is how it works over a socket
//! * `sequencer`: the task that decides, commits (`rows`, `records`, `commits`) and releases (`fanout`);
//!   its links are a file of their own, as is the way from a decided batch to its release
//! * `hub`, `carrier`: the socket and the tasks that carry its links; `wire` is what they say,
//!   `pipe` what they say it through
//! * `barrier`: who waits until all servers have rendered up to a position
//! * `round`: who waits until all servers have handed in what has come to them
//! * `rehash`: operators who want the configuration read again, and whoever has the file
//! * `queue`, `port`, `shared`, `weight`: what these have between them, and its bounds
//! * `clock`: the time that entries are stamped with; `error`
//!
//! # Bounds
//!
//! * Requests of one link that wait: 1 MiB; at the bound [`Requests::send`] waits, and a hub does
//!   not read from the link's socket.
//! * Batches decided and not yet released: 3, of 1024 requests each.
//! * What waits for one link: [`Setup::link_bytes`]; a link that does not read is cut, and its
//!   server is lost to the others ([`chat_network::Event::ServerLost`]).
//! * Rounds that one link waits for: 8; with more, the last of them is begun again for all.
//! * A frame: 1 MiB; a request: [`MAX_REQUEST_BYTES`]; a snapshot: 1 GiB; links of a hub: 1024.

mod barrier;
mod carrier;
mod clock;
mod commits;
mod error;
mod fanout;
mod hub;
mod journal;
mod link;
mod pipe;
mod port;
mod queue;
mod records;
mod rehash;
mod remote;
mod round;
mod rows;
mod sequencer;
mod shared;
mod weight;
mod wire;

pub use clock::Clock;
pub use error::{Closed, ConnectError, RestoreError, SendError, StartError, TrySendError};
pub use journal::{Figures, Journal, Lag, Setup};
pub use link::{Deliveries, Delivery, Link, Requests, Role};
pub use records::FOLDING;
pub use round::Gate;
pub use rows::Keep;
pub use weight::MAX_REQUEST_BYTES;
pub use wire::VERSION;

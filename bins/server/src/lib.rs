//! What chat-server and chat-launcher share: the [configuration file](config), the
//! [accounts](account) from the command line, the
//! [instance](instance) that names a running fleet, and how the crates are put together for a
//! [lone server](alone) and for the [server role](role) under the launcher.

pub mod account;
pub mod alone;
mod chat;
pub mod config;
mod courier;
pub mod flags;
pub mod history;
pub mod instance;
pub mod operator;
pub mod process;
pub mod rehash;
pub mod role;

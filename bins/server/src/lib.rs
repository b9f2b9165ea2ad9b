//! What chat-server and chat-launcher share: the configuration, the instance that names a running
//! fleet, and how the crates are put together for a lone server and for the server role.
//!
//! # Layout
//!
//! - [`config`]: the configuration file. [`flags`]: the flags that win over it. [`rehash`]: the file,
//!   read again while the chat runs.
//! - [`instance`]: which fleet or server of this machine it is: its name, run directory and lock.
//! - [`alone`]: one server alone. [`role`]: the server role under the launcher.
//! - [`account`], [`history`], [`operator`]: the subcommands that look into a chat and change it,
//!   whether it runs or not. Inside, `chat`: which chat they mean, and the way to it.
//! - [`process`]: what every program does with the process it runs in.
//! - Inside: `courier` (brings codes that verify accounts with a program of the operator's choice).

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

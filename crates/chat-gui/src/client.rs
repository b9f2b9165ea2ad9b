//! The chat client's window.
//!
//! # Layout
//!
//! - [`app`]: which screen is shown, and what happens around it: the connection, the keys, closing.
//! - [`connect`]: the screen that asks where to go and as whom.
//! - [`chat`]: the screen that shows the conversation, on top of [`chat_client::Model`].
//! - [`link`]: links in what is said.
//! - [`worker`]: the subscription that drives [`chat_client::Client`].
//! - [`settings`]: what is remembered until next time.

pub mod app;
pub mod chat;
pub mod connect;
pub mod link;
pub mod settings;
pub mod worker;

pub use app::{App, Start, run};

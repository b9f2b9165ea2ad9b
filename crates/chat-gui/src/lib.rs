//! The windows: the chat client and the monitor.
//!
//! # Layout
//!
//! - `client` (feature `client`): the chat client's window, on top of the crate chat-client.
//! - [`monitor`] (feature `monitor`): the window that shows the servers.
//! - [`theme`]: the colours, sizes and styles that both share. [`widget`]: what both draw that iced
//!   does not have.
//! - [`scale`]: how large everything is drawn, and the keys for it.
//! - [`display`]: whether there is a display to draw on, asked before a window is opened, because
//!   the library below panics where there is none.
//!
//! Each screen owns its state, a `Message`, an `update` and a `view`. Drawing is done in software,
//! and a font is part of the program, so that the windows look the same on any machine.

#[cfg(feature = "client")]
pub mod client;
pub mod display;
#[cfg(feature = "monitor")]
pub mod monitor;
pub mod scale;
pub mod theme;
pub mod widget;

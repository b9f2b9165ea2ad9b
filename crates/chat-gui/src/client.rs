//! The chat client's window.

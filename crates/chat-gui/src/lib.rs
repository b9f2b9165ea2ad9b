//! The windows: the chat client and the monitor.

//! The journal from outside: in this process, and over Unix sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod barrier;
mod basics;
mod ends;
mod kept;
mod operators;
mod order;
mod pressure;
mod round;
mod strangers;
mod support;

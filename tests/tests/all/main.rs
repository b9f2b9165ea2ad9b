//! End-to-end tests of the built programs, in one binary.

mod accounting;
mod accounts;
mod arrows;
mod bad_input;
mod crash;
mod doors;
mod fleet;
mod history;
mod irssi;
mod layout;
mod load;
mod operators;
mod order;
mod rehash;
mod start;
mod stop;
mod unread;

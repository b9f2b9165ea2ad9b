//! The store through its public door.

#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

mod commit;
mod crash;
mod forgotten;
mod history;
mod locked;
mod original;
mod refused;
mod repository;
mod search;
mod support;

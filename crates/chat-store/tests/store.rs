//! The store through its public door.

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

#[path = "store/commit.rs"]
mod commit;
#[path = "store/crash.rs"]
mod crash;
#[path = "store/history.rs"]
mod history;
#[path = "store/locked.rs"]
mod locked;
#[path = "store/original.rs"]
mod original;
#[path = "store/refused.rs"]
mod refused;
#[path = "store/repository.rs"]
mod repository;
#[path = "store/support.rs"]
mod support;

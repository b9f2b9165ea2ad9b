//! The store through its public door.

#[path = "store/commit.rs"]
mod commit;
#[path = "store/support.rs"]
mod support;

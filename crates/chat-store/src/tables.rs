//! SQL, one module per table.

pub(crate) mod journal;
pub(crate) mod messages;
pub(crate) mod ratings;
pub(crate) mod servers;
pub(crate) mod session;

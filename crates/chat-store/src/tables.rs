//! SQL, one module per table.

pub(crate) mod accounts;
pub(crate) mod conversations;
pub(crate) mod events;
pub(crate) mod forgetting;
pub(crate) mod journal;
pub(crate) mod markers;
pub(crate) mod messages;
pub(crate) mod operators;
pub(crate) mod ratings;
pub(crate) mod recent_events;
pub(crate) mod search;
pub(crate) mod secret;
pub(crate) mod servers;
pub(crate) mod session;

//! The state machine from outside: one file per subject, and random histories.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod always_on;
mod away_and_rate;
mod barriers;
mod channel_modes;
mod elsewhere;
mod histories;
mod invite;
mod join;
mod kick;
mod mark_read;
mod message;
mod metadata;
mod names;
mod nick;
mod operator;
mod ownership;
mod part_and_quit;
mod redact;
mod register;
mod server;
mod snapshot;
mod support;
mod topic;
mod user_modes;

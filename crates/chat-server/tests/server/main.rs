//! Real sockets, byte for byte.

#[cfg(test)]
mod accounting;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod barrier;
#[cfg(test)]
mod basics;
#[cfg(test)]
mod capabilities;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod client;
mod devices;
#[cfg(test)]
mod door;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod external;
#[cfg(test)]
mod fanout;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod history;
#[cfg(test)]
mod labels;
#[cfg(test)]
mod login;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod messages;
mod metadata;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod multiline;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod redact;
#[cfg(test)]
mod rehash;
#[cfg(test)]
mod search;
#[cfg(test)]
mod services;
#[cfg(test)]
mod time;

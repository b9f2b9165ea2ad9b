//! Real sockets, byte for byte.

#[cfg(test)]
mod accounting;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod basics;
#[cfg(test)]
mod client;
#[cfg(test)]
mod harness;

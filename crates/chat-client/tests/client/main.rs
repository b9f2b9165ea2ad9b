//! A running client against a small server of lines on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of these tests panic as the tests do"
)]

mod connection;
mod secure;
mod support;

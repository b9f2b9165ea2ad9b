//! Tests of the protocol crate from outside, one module per subject.

mod casemap;
mod codec;
mod fold;
mod message;
mod sasl;
mod tables;
mod tag;
mod wire;

//! One chat server alone.

fn main() {}

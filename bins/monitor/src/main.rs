//! The monitor window.

fn main() {}

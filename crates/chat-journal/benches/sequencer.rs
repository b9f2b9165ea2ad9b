//! Speed of the sequencer.

fn main() {}

//! A fleet of chat servers behind one address.

fn main() {}

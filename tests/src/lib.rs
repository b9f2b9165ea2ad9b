//! A harness that starts the built programs and speaks to them.

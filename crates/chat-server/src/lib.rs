//! The embeddable chat server.

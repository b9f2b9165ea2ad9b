//! A socket becomes a stream of lines, at both ends.

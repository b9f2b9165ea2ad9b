//! Live counts and free places in shared memory.

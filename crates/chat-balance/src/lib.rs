//! Balancing algorithms: from a snapshot of loads to a server.

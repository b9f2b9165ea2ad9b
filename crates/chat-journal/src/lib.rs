//! One order for all servers: the sequencer and its links.

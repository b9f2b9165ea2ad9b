//! A fleet of servers on one machine: start, watch, restart, and hand connections over.

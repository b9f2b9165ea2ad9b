//! The database: sessions, daily figures, messages, ratings; one writer, many readers.

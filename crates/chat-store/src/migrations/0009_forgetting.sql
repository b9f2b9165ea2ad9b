-- What is to be forgotten and is not yet: all that somebody has said, or all of a place.
--   done   all messages up to this id were looked at
--   until  what came later stays
CREATE TABLE forgetting(
  id         INTEGER PRIMARY KEY,
  sender_key TEXT,
  target_key TEXT,
  done       INTEGER NOT NULL,
  until      INTEGER NOT NULL
) STRICT;

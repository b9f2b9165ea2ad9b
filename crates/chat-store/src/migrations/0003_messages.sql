-- What was said. id is the position in the journal; target_key is the folded target.
CREATE TABLE messages(
  id         INTEGER PRIMARY KEY,
  time_ms    INTEGER NOT NULL,
  sender     TEXT NOT NULL,
  account    TEXT,
  server     INTEGER NOT NULL,
  target     TEXT NOT NULL,
  target_key TEXT NOT NULL,
  kind       INTEGER NOT NULL CHECK (kind IN (0, 1)),
  text       TEXT NOT NULL
) STRICT;
-- An index carries the rowid, so this one also orders a target's messages by id.
CREATE INDEX messages_by_target ON messages(target_key);

-- What happened last, of all places in the order in which it came, so that what a commit adds is in a page
-- or two. Some hundred at a time it goes to `events`, where each place has its own.
--   number  1 for the first after that: the highest tells how many there are
CREATE TABLE recent_events(
  number     INTEGER PRIMARY KEY,
  target_key TEXT NOT NULL,
  id         INTEGER NOT NULL,
  time_ms    INTEGER NOT NULL,
  kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 7),
  sender     TEXT NOT NULL,
  account    TEXT,
  detail     TEXT NOT NULL
) STRICT;

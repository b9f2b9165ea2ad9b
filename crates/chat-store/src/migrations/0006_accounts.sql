-- What outlives all servers. `record` is the whole as the journal restores it (JSON); the other
-- columns are what it is found by. `name_key` is the folded name.
CREATE TABLE accounts(
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  name_key   TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  verified   INTEGER NOT NULL CHECK (verified IN (0, 1)),
  suspended  INTEGER NOT NULL CHECK (suspended IN (0, 1)),
  email      TEXT,
  -- What the password is held against; nowhere else.
  secrets    BLOB,
  record     TEXT NOT NULL
) STRICT;
-- Channels that are registered (they have a founder), or have a user in them that stays on.
CREATE TABLE channels(
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  founder  INTEGER,
  record   TEXT NOT NULL
) STRICT;
CREATE INDEX channels_by_founder ON channels(founder) WHERE founder IS NOT NULL;
-- Users that stay on without a session: one per account at most.
CREATE TABLE always_on(
  account INTEGER PRIMARY KEY,
  record  TEXT NOT NULL
) STRICT;

CREATE TABLE ratings(
  id      INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  user    TEXT NOT NULL,
  server  TEXT NOT NULL,
  stars   INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5)
) STRICT;
CREATE INDEX ratings_by_server ON ratings(server, stars);
-- Sessions that are on right now: the row of `session` to close, the rating to replace. Ids are
-- the journal's and only unique within one life of the program, so the table is emptied at start.
CREATE TABLE live_sessions(
  session INTEGER PRIMARY KEY,
  row     INTEGER NOT NULL,
  rating  INTEGER REFERENCES ratings(id)
) STRICT;

-- What nobody else knows, made when the database is first written to. It tells the challenges of
-- accounts that are not there, which must be the same at every time and on every server.
CREATE TABLE secret(
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  value BLOB NOT NULL
) STRICT;

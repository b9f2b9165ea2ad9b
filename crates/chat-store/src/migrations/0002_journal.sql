-- One row: where the journal is.
--   position      the highest position that was committed
--   reserved      the highest position that may have been given to anyone; the next life of the
--                 program starts after it
--   serial        number of the last unit of work written, to recognise it after a commit in doubt
--   last_time_ms  the last time the program is known to have run (ms since 1970, UTC)
CREATE TABLE journal(
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  position     INTEGER NOT NULL,
  reserved     INTEGER NOT NULL,
  serial       INTEGER NOT NULL,
  last_time_ms INTEGER NOT NULL
) STRICT;
INSERT INTO journal VALUES (1, 0, 0, 0, 0);

-- What operators of the chat have done. `id` is the position of the entry; `who` is the prefix of the
-- operator at that moment.
CREATE TABLE operator_acts(
  id       INTEGER PRIMARY KEY,
  time_ms  INTEGER NOT NULL,
  operator TEXT NOT NULL,
  who      TEXT NOT NULL,
  act      TEXT NOT NULL,
  detail   TEXT NOT NULL
) STRICT;
-- Who is kept out of the whole chat. `record` is the whole as the journal restores it (JSON).
CREATE TABLE network_bans(
  mask   TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT;

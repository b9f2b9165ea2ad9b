-- Who is on is known in memory; the database tells what a crash left open.
--   sessions_from  rows of `session` from this one on are of the last life of the program, and those of
--                  them without an out-time were open
ALTER TABLE journal ADD COLUMN sessions_from INTEGER NOT NULL DEFAULT 0;
UPDATE journal SET sessions_from = coalesce(
  (SELECT min(row) FROM live_sessions),
  (SELECT coalesce(max(rowid), 0) + 1 FROM session)
);
DROP TABLE live_sessions;
-- Nothing asks for sessions by their day alone: the newest ones are found from the end.
DROP INDEX session_by_day;

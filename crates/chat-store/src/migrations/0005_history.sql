-- What was said, as history needs it. A table made anew, because its checks have changed.
--   sender_key     who said it: an account, or one stay of somebody without
--   recipient_key  to whom, where it went to one person
--   target_key     where it is found: a folded channel, or the two of a conversation
--   rank           the rank that one needs to read it (0: none), of messages to those with a rank
--   kind           0 PRIVMSG, 1 NOTICE, 2 TAGMSG
--   tags           client-only tags, as JSON: [["+name","value"], …]
CREATE TABLE history(
  id            INTEGER PRIMARY KEY,
  time_ms       INTEGER NOT NULL,
  sender        TEXT NOT NULL,
  sender_key    TEXT NOT NULL,
  account       TEXT,
  server        INTEGER NOT NULL,
  target        TEXT NOT NULL,
  target_key    TEXT NOT NULL,
  recipient_key TEXT,
  rank          INTEGER NOT NULL,
  kind          INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
  text          TEXT NOT NULL,
  tags          TEXT
) STRICT;
-- Whose the older private messages are is not known, so nobody finds them; what went to those with
-- a rank belongs to its channel.
INSERT INTO history
SELECT id, time_ms, sender, '', account, server, target,
  CASE
    WHEN substr(target, 1, 1) = '#' THEN target_key
    WHEN substr(target, 1, 1) IN ('@', '+') THEN substr(target_key, 2)
    ELSE '?' || target_key
  END,
  NULL,
  CASE substr(target, 1, 1) WHEN '+' THEN 1 WHEN '@' THEN 3 ELSE 0 END,
  kind, text, NULL
FROM messages;
DROP TABLE messages;
ALTER TABLE history RENAME TO messages;
-- An index carries the rowid, so this one also orders a target's messages by id.
CREATE INDEX messages_by_target ON messages(target_key);
-- Who has written with whom, seen from each of the two.
CREATE TABLE conversations(
  owner TEXT NOT NULL,
  peer  TEXT NOT NULL,
  PRIMARY KEY (owner, peer)
) STRICT, WITHOUT ROWID;
-- What else happened where, once for each place.
--   kind    0 JOIN, 1 PART, 2 QUIT, 3 NICK, 4 TOPIC, 5 MODE, 6 KICK, 7 REDACT
--   sender  who did it, as a prefix
--   detail  what it says: real name, reason, new nick, topic, modes, nick and reason, id and reason
CREATE TABLE events(
  target_key TEXT NOT NULL,
  id         INTEGER NOT NULL,
  time_ms    INTEGER NOT NULL,
  kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 7),
  sender     TEXT NOT NULL,
  account    TEXT,
  detail     TEXT NOT NULL,
  PRIMARY KEY (target_key, id)
) STRICT, WITHOUT ROWID;

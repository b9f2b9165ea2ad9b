-- How far the owner of an account has read.
CREATE TABLE read_markers(
  account    INTEGER NOT NULL,
  target_key TEXT NOT NULL,
  time_ms    INTEGER NOT NULL,
  PRIMARY KEY (account, target_key)
) STRICT, WITHOUT ROWID;

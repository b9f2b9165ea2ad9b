-- Of what somebody did the events go too: those of this account, place after place.
--   account     the name that its events have
--   event_place, event_id  all events up to this one were looked at
ALTER TABLE forgetting ADD COLUMN account TEXT;
ALTER TABLE forgetting ADD COLUMN event_place TEXT NOT NULL DEFAULT '';
ALTER TABLE forgetting ADD COLUMN event_id INTEGER NOT NULL DEFAULT -1;
-- By which rules the keys are folded; 0: by the first ones, which knew ASCII only.
ALTER TABLE journal ADD COLUMN folding INTEGER NOT NULL DEFAULT 0;

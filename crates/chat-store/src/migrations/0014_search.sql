-- Parts of the index are merged when there are eight of a kind instead of four: merging is a fifth of what
-- the index costs, and a search looks at a few parts more.
INSERT INTO messages_text(messages_text, rank) VALUES ('automerge', 8);

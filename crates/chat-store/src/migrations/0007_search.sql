-- The words of messages, for searching; rows are added behind the writer. It has no copy of the
-- text: who deletes a message gives its words again. place: marks of where it was said and by whom.
CREATE VIRTUAL TABLE messages_text USING fts5(
  text, place, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
-- What is deleted is gone from the index at once, not only marked.
INSERT INTO messages_text(messages_text, rank) VALUES ('secure-delete', 1);
-- One row: up to which id messages are in the index.
CREATE TABLE search(
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  indexed INTEGER NOT NULL
) STRICT;
INSERT INTO search VALUES (1, 0);

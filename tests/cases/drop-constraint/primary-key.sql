-- title: a primary key goes; NOT NULL stays
-- versions: 10 12 15 18
-- setup
CREATE TABLE tags (post bigint NOT NULL, tag text NOT NULL, weight integer NOT NULL DEFAULT 1, PRIMARY KEY (post, tag));
CREATE INDEX tags_by_tag ON tags (tag);
-- rows
INSERT INTO tags SELECT i / 4, 't' || i, i % 9 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE tags DROP CONSTRAINT tags_pkey;

-- title: columns that are NOT NULL already, before 12
-- versions: 10 12
-- value: tag text = 't{n}'
-- differs: rows of public.tags
-- setup
CREATE TABLE tags (id bigint PRIMARY KEY, post bigint NOT NULL, tag text NOT NULL, note text);
-- rows
INSERT INTO tags SELECT i, i / 4, 't' || i, 'n' FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE tags DROP CONSTRAINT tags_pkey, ADD CONSTRAINT one_tag PRIMARY KEY (post, tag);

-- title: a flag is replaced by a time, for the rows that have it
-- versions: 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE posts (id bigserial PRIMARY KEY, title text NOT NULL, deleted boolean NOT NULL DEFAULT false, changed_at timestamptz NOT NULL);
-- rows
INSERT INTO posts (title, deleted, changed_at) SELECT 't' || i, i % 6 = 0, timestamptz '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE posts ADD COLUMN deleted_at timestamptz;
UPDATE posts SET deleted_at = changed_at WHERE deleted;
ALTER TABLE posts DROP COLUMN deleted;

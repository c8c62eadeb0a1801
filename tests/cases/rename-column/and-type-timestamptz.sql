-- title: a moment without a zone gets one, and another name; the way back loses nothing
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE posts (id bigserial PRIMARY KEY, title text, created timestamp NOT NULL DEFAULT now());
CREATE INDEX posts_created ON posts (created DESC);
-- rows
INSERT INTO posts (title, created) SELECT 't' || i, timestamp '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE posts ALTER COLUMN created TYPE timestamptz USING created AT TIME ZONE 'UTC';
ALTER TABLE posts RENAME COLUMN created TO created_at;

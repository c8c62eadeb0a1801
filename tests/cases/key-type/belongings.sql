-- title: comments, grants, statistics and storage options go over with the key
-- versions: 11 12 15 18
-- policy: batch_rows=500
-- setup
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE posts (id bigserial PRIMARY KEY, author integer NOT NULL REFERENCES users ON DELETE CASCADE, title text);
CREATE INDEX posts_by_author ON posts (author, lower(title));
COMMENT ON INDEX posts_by_author IS 'for the profile page';
GRANT SELECT (id) ON users TO PUBLIC;
ALTER TABLE users ALTER COLUMN id SET STATISTICS 500;
ALTER TABLE posts ADD CONSTRAINT author_once UNIQUE (author, id) WITH (fillfactor = 70);
COMMENT ON CONSTRAINT author_once ON posts IS 'for ON CONFLICT';
-- rows
INSERT INTO users (email) SELECT 'u' || i FROM generate_series(1, 800) AS i;
INSERT INTO posts (author, title) SELECT 1 + i % 800, 'T' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE users ALTER COLUMN id TYPE bigint;
ALTER SEQUENCE users_id_seq AS bigint;
ALTER TABLE posts ALTER COLUMN author TYPE bigint;

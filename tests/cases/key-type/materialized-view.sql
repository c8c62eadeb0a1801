-- title: int to bigint keys of two tables under a materialised view that joins them, and one on it
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE users (id serial PRIMARY KEY, name text);
CREATE TABLE orders (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total numeric);
CREATE INDEX ON orders (user_id);
CREATE MATERIALIZED VIEW sums AS SELECT u.id, u.name, sum(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.name;
CREATE UNIQUE INDEX sums_id ON sums (id);
CREATE MATERIALIZED VIEW "Big sums" AS SELECT id FROM sums WHERE total > 10;
GRANT SELECT ON "Big sums" TO PUBLIC;
-- rows
INSERT INTO users (name) SELECT 'u' || g FROM generate_series(1, 300) g;
INSERT INTO orders (user_id, total) SELECT 1 + g % 300, g FROM generate_series(1, 900) g;
REFRESH MATERIALIZED VIEW sums;
REFRESH MATERIALIZED VIEW "Big sums";
-- wish
ALTER TABLE users ALTER COLUMN id TYPE bigint;
-- by hand
DROP MATERIALIZED VIEW "Big sums";
DROP MATERIALIZED VIEW sums;
ALTER TABLE users ALTER COLUMN id TYPE bigint;
ALTER TABLE orders ALTER COLUMN user_id TYPE bigint;
ALTER SEQUENCE users_id_seq AS bigint;
CREATE MATERIALIZED VIEW sums AS SELECT u.id, u.name, sum(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.name;
CREATE UNIQUE INDEX sums_id ON sums (id);
CREATE MATERIALIZED VIEW "Big sums" AS SELECT id FROM sums WHERE total > 10;
GRANT SELECT ON "Big sums" TO PUBLIC;

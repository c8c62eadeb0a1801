-- title: a view with all that belongs to it goes in the end
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW "Best" WITH (security_barrier=true) AS SELECT id, score FROM accounts WHERE score > 3;
COMMENT ON VIEW "Best" IS 'the best';
-- rows
GRANT SELECT ON "Best" TO PUBLIC;
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW "Best";
DROP VIEW IF EXISTS nothing;

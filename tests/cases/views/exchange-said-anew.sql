-- title: what the script says of a view behind its DROP and CREATE is said of the new one
-- versions: 11 14 16 18
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
COMMENT ON VIEW best IS 'before';
COMMENT ON COLUMN best.score IS 'before';
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
COMMENT ON TABLE accounts IS 'all';
DROP VIEW best;
CREATE VIEW best AS SELECT id, score::bigint AS score, fullname FROM accounts WHERE score > 4;
COMMENT ON VIEW best IS 'behind';
COMMENT ON COLUMN best.score IS 'behind';
GRANT SELECT ON best TO PUBLIC;
GRANT UPDATE (score) ON best TO PUBLIC;

-- title: DROP and CREATE of a view under another view, with grants and comment
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW best AS SELECT id, score, fullname FROM accounts WHERE score > 3;
CREATE VIEW very_best AS SELECT id FROM best WHERE score > 5;
-- rows
COMMENT ON VIEW best IS 'the best';
GRANT SELECT ON best TO PUBLIC;
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW IF EXISTS very_best;
DROP VIEW best;
CREATE VIEW best AS SELECT id, score::bigint AS score FROM accounts WHERE score > 3;
COMMENT ON VIEW best IS 'the best';
GRANT SELECT ON best TO PUBLIC;
CREATE VIEW very_best AS SELECT id FROM best WHERE score > 6;

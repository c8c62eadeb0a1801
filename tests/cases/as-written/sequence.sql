-- title: a sequence grows and a grant is given
-- versions: 10 18
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER SEQUENCE accounts_id_seq CACHE 20;
GRANT SELECT ON accounts TO PUBLIC;

-- title: CASCADE would take another view
-- refused: CASCADE would drop
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer NOT NULL DEFAULT 0);
CREATE VIEW good AS SELECT id, email FROM accounts WHERE score > 3;
CREATE VIEW good_count AS SELECT count(*) AS n FROM good;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 20) AS i;
-- wish
DROP VIEW good CASCADE;

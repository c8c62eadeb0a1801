-- title: one row, found by its key
-- versions: 10 18
-- setup
CREATE TABLE plans (id integer PRIMARY KEY, name text NOT NULL);
-- rows
INSERT INTO plans SELECT i, 'p' || i FROM generate_series(1, 90) AS i;
-- wish
DELETE FROM plans WHERE id = 77;

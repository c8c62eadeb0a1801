-- title: a few rows
-- versions: 10 18
-- setup
CREATE TABLE plans (id integer PRIMARY KEY, name text NOT NULL);
-- rows
INSERT INTO plans SELECT i, 'p' || i FROM generate_series(1, 90) AS i;
-- wish
INSERT INTO plans (id, name) VALUES (501, 'gold'), (502, 'silver');
INSERT INTO plans VALUES (503, 'it''s bronze');

-- title: ALTER TABLE ONLY, above a table that inherits
-- versions: 10 15 18
-- refused: leaves out the tables under
-- setup
CREATE TABLE animals (id bigint PRIMARY KEY, name text);
CREATE TABLE cats (lives int) INHERITS (animals);
-- rows
INSERT INTO cats SELECT i, 'c' || i, 9 FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE ONLY animals ALTER COLUMN name SET DEFAULT 'none';

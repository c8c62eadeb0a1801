-- title: a stored generated column cannot be bound to another column
-- versions: 12 15 18
-- refused: stored
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, score integer, double numeric GENERATED ALWAYS AS (score * 2) STORED);
-- rows
INSERT INTO accounts (score) SELECT i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;

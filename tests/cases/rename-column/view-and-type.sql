-- title: a view shows the column as it is: another type goes by itself
-- versions: 15
-- policy: rename=view
-- refused: a view shows the column as it is
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, score integer);
-- wish
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;

-- title: an index by the old name would go with the old column
-- versions: 15
-- refused: is renamed behind
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, plan text);
-- wish
CREATE INDEX accounts_plan ON accounts (plan);
ALTER TABLE accounts RENAME COLUMN plan TO tier;

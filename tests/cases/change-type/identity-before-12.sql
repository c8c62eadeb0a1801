-- title: a column whose index identifies the rows to replicas cannot have a successor before 12
-- versions: 10
-- refused: identifies the rows
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer NOT NULL);
CREATE UNIQUE INDEX "Identity" ON accounts (email, score);
ALTER TABLE accounts REPLICA IDENTITY USING INDEX "Identity";
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;

-- title: another name and another default
-- versions: 10 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, plan text NOT NULL DEFAULT 'old', score integer);
-- rows
INSERT INTO accounts (email, plan) SELECT 'a' || i, 'p' || i % 4 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN plan TO tier;
ALTER TABLE accounts ALTER COLUMN tier SET DEFAULT 'free';
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points SET DEFAULT 0;

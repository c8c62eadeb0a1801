-- title: renamed twice in one script: only the last name counts
-- versions: 15 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, plan text);
-- rows
INSERT INTO accounts (email, plan) SELECT 'a' || i, 'p' || i % 4 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN plan TO tier;
ALTER TABLE accounts RENAME COLUMN tier TO level;

-- title: another name, and NULL is let in
-- versions: 10 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, "Plan" text NOT NULL);
CREATE INDEX accounts_plan ON accounts ("Plan");
-- rows
INSERT INTO accounts (email, "Plan") SELECT 'a' || i, 'p' || i % 4 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN "Plan" DROP NOT NULL;
ALTER TABLE accounts RENAME COLUMN "Plan" TO tier;

-- title: what the script builds on a column of another type, or says of it, is done behind the exchange of names
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: no check
-- differs: undo accounts.Owner at
-- differs: undo accounts_Owner_not_null
-- setup
CREATE TABLE owners (id bigint PRIMARY KEY);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, "Owner" integer NOT NULL, score integer);
CREATE INDEX accounts_owner ON accounts ("Owner");
COMMENT ON COLUMN accounts."Owner" IS 'before';
-- value: Owner integer = 1 + {n} % 5
-- value: Owner bigint = 1 + {n} % 5
-- rows
INSERT INTO owners SELECT generate_series(1, 5);
INSERT INTO accounts (email, "Owner", score) SELECT 'a' || i, 1 + i % 5, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN "Owner" TYPE bigint;
CREATE INDEX accounts_by_owner ON accounts ("Owner", score) WHERE "Owner" > 1;
ALTER TABLE accounts ADD CONSTRAINT owner_counts CHECK ("Owner" > 0);
ALTER TABLE accounts ADD CONSTRAINT accounts_owner_fkey FOREIGN KEY ("Owner") REFERENCES owners (id);
ALTER INDEX accounts_owner RENAME TO accounts_owned;
ALTER TABLE accounts ALTER COLUMN "Owner" SET STATISTICS 250;
CREATE VIEW owned AS SELECT "Owner", count(*) FROM accounts GROUP BY 1;
COMMENT ON COLUMN accounts."Owner" IS 'who has it';
GRANT SELECT ("Owner") ON accounts TO PUBLIC;

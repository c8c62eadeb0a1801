-- title: what the script builds on a column under its new name
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: no check
-- setup
CREATE TABLE owners (id bigint PRIMARY KEY);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, owner integer NOT NULL, score integer);
CREATE INDEX accounts_owner ON accounts (owner);
-- value: owner integer = 1 + {n} % 5
-- value: Owned by bigint = 1 + {n} % 5
-- rows
INSERT INTO owners SELECT generate_series(1, 5);
INSERT INTO accounts (email, owner, score) SELECT 'a' || i, 1 + i % 5, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN owner TO "Owned by";
ALTER TABLE accounts ALTER COLUMN "Owned by" TYPE bigint;
CREATE INDEX accounts_by_owner ON accounts ("Owned by", score) WHERE "Owned by" > 1;
ALTER TABLE accounts ADD CONSTRAINT owner_counts CHECK ("Owned by" > 0);
ALTER TABLE accounts ADD CONSTRAINT accounts_owner_fkey FOREIGN KEY ("Owned by") REFERENCES owners (id);
ALTER TABLE accounts ALTER COLUMN "Owned by" SET STATISTICS 250;
CREATE VIEW owned AS SELECT "Owned by", count(*) FROM accounts GROUP BY 1;
COMMENT ON COLUMN accounts."Owned by" IS 'who has it';
GRANT SELECT ("Owned by") ON accounts TO PUBLIC;

-- title: new columns of which the script says more later: a default for new rows only, another type, another name, a default that goes
-- versions: 10 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN rank integer;
ALTER TABLE accounts ALTER COLUMN rank SET DEFAULT 3;
ALTER TABLE accounts ADD COLUMN "Tmp " varchar(10);
ALTER TABLE accounts RENAME COLUMN "Tmp " TO "Nick name";
ALTER TABLE accounts ALTER COLUMN "Nick name" TYPE text;
ALTER TABLE accounts ADD COLUMN state text NOT NULL DEFAULT 'new';
ALTER TABLE accounts ALTER COLUMN state DROP DEFAULT;
ALTER TABLE accounts ADD COLUMN hits integer DEFAULT 0 NOT NULL;
ALTER TABLE accounts ALTER COLUMN hits DROP NOT NULL;
CREATE INDEX accounts_state ON accounts (state, "Nick name");
COMMENT ON COLUMN accounts.state IS 'where it stands';

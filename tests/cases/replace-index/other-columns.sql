-- title: an index gets other columns under its name
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE INDEX "By score" ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
DROP INDEX "By score";
CREATE INDEX "By score" ON accounts USING btree (score, email DESC) WHERE score IS NOT NULL;

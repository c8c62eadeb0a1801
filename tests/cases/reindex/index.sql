-- title: an index is built anew
-- differs: 12 13 14 15 16 17 18 no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE INDEX "Accounts by score" ON accounts (score DESC, lower(email)) WHERE score > 1;
COMMENT ON TABLE accounts IS 'who';
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
REINDEX INDEX "Accounts by score";

-- title: a comment on a column that the script renames, said before and behind it
-- versions: 10 14 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, nick text);
COMMENT ON COLUMN accounts.nick IS 'short';
-- rows
INSERT INTO accounts (email, nick) SELECT 'a' || i, 'n' || i FROM generate_series(1, 1000) AS i;
-- wish
COMMENT ON COLUMN accounts.email IS 'where mail goes';
ALTER TABLE accounts RENAME COLUMN email TO address;
ALTER TABLE accounts RENAME COLUMN nick TO "Nick name";
COMMENT ON COLUMN accounts."Nick name" IS 'shown to others';

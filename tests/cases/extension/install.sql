-- title: an extension comes, plpgsql is there already
-- versions: 10 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
CREATE EXTENSION IF NOT EXISTS citext;

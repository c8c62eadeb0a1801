-- title: the table has an alias
-- versions: 10 18
-- policy: batch_rows=100
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, "Nick" text);
-- rows
INSERT INTO users (email) SELECT 'U' || i FROM generate_series(1, 500) AS i;
-- wish
UPDATE users AS u SET "Nick" = lower(u.email) WHERE u.id > 60;

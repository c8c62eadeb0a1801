-- title: rows of one table are copied into another, in batches by the key
-- stats: public.users rows=15000000 heap=2GB index=1GB writes=20
-- policy: batch_rows=100
-- differs: undo rows
-- differs: data public.letters.id
-- differs: rows of public.letters
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, "Nick" text);
CREATE TABLE letters (id bigserial PRIMARY KEY, user_id bigint NOT NULL UNIQUE REFERENCES users, address text NOT NULL, sent boolean NOT NULL DEFAULT false);
-- rows
INSERT INTO users (email, "Nick") SELECT 'U' || i, nullif('n' || i % 4, 'n0') FROM generate_series(1, 500) AS i;
INSERT INTO letters (user_id, address) SELECT id, lower(email) FROM users WHERE id <= 450 AND "Nick" IS NOT NULL;
-- wish
INSERT INTO letters (user_id, address) SELECT u.id, lower(u.email) FROM users u WHERE u."Nick" IS NOT NULL AND u.id > 450;
-- compare
SELECT count(*) > 10 FROM letters WHERE user_id BETWEEN 451 AND 500;

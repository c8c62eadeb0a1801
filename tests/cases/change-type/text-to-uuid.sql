-- title: text to uuid, unique
-- versions: 10 15 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo accounts.token at
-- value: token text = md5('{n}')::uuid::text
-- value: token uuid = md5('{n}')::uuid
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, token text NOT NULL);
ALTER TABLE accounts ADD CONSTRAINT accounts_token_key UNIQUE (token);
-- rows
INSERT INTO accounts (email, token) SELECT 'a' || i, md5(i::text)::uuid::text FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN token TYPE uuid USING token::uuid;

-- title: timestamp to timestamptz without USING: the session's zone says what the values mean; no index
-- versions: 10 11 12 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo logins.at at
-- setup
CREATE TABLE logins (id bigserial PRIMARY KEY, at timestamp NOT NULL, who text NOT NULL);
-- rows
INSERT INTO logins (at, who) SELECT timestamp '2026-01-01' + i * interval '1 minute', 'w' || i FROM generate_series(1, 1500) AS i;
-- wish
SET timezone = 'UTC';
ALTER TABLE logins ALTER COLUMN at TYPE timestamptz;

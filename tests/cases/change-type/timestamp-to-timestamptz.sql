-- title: timestamp to timestamptz, read as UTC
-- versions: 10 15
-- policy: batch_rows=300
-- differs: undo logins.at at
-- setup
CREATE TABLE logins (id bigserial PRIMARY KEY, at timestamp NOT NULL DEFAULT localtimestamp, who text NOT NULL);
CREATE INDEX logins_at ON logins (at DESC);
-- rows
INSERT INTO logins (at, who) SELECT timestamp '2026-01-01' + i * interval '1 minute', 'w' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE logins ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';

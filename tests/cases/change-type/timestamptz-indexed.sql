-- title: timestamp to timestamptz in another zone, indexed, with a partial index
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo logins.at at
-- differs: data public.logins.at
-- setup
CREATE TABLE logins (id bigserial PRIMARY KEY, at timestamp NOT NULL, who text NOT NULL);
CREATE INDEX logins_at ON logins (at);
CREATE INDEX logins_recent ON logins (who) WHERE at IS NOT NULL;
-- rows
INSERT INTO logins (at, who) SELECT timestamp '2026-01-01' + i * interval '1 minute', 'w' || i FROM generate_series(1, 1500) AS i;
-- wish
SET timezone = 'Europe/Berlin';
ALTER TABLE logins ALTER COLUMN at TYPE timestamptz;
-- compare
SELECT at = timestamp '2026-01-01 01:40:00' AT TIME ZONE 'Europe/Berlin' FROM logins WHERE id = 100;

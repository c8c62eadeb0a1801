-- title: USING says the zone, whatever the session is in
-- versions: 15
-- setup
CREATE TABLE logins (id bigserial PRIMARY KEY, at timestamp NOT NULL);
-- rows
INSERT INTO logins (at) SELECT timestamp '2026-01-01' FROM generate_series(1, 100) AS i;
-- wish
SET timezone = 'UTC';
ALTER TABLE logins ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'Asia/Tokyo';

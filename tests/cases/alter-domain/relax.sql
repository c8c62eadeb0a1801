-- title: a condition, NOT NULL and the default of a domain go
-- versions: 10 15 18
-- value: mail = 'm{n}@example.org'
-- setup
CREATE DOMAIN email AS text DEFAULT 'none@' NOT NULL CONSTRAINT email_at CHECK (VALUE ~ '@');
CREATE TABLE people (id bigserial PRIMARY KEY, mail email);
-- rows
INSERT INTO people (mail) SELECT 'a' || i || '@b' FROM generate_series(1, 500) AS i;
-- wish
ALTER DOMAIN email DROP CONSTRAINT email_at;
ALTER DOMAIN email DROP NOT NULL;
ALTER DOMAIN email SET DEFAULT 'nobody';

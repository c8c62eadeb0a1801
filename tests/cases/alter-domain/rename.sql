-- title: a domain and one of its constraints under new names
-- refused: breaks code that uses the old one
-- versions: 10 18
-- value: mail = 'm{n}@example.org'
-- setup
CREATE DOMAIN email AS text CONSTRAINT email_at CHECK (VALUE ~ '@');
CREATE TABLE people (id bigserial PRIMARY KEY, mail email);
-- rows
INSERT INTO people (mail) SELECT 'a' || i || '@b' FROM generate_series(1, 500) AS i;
-- wish
ALTER DOMAIN email RENAME CONSTRAINT email_at TO has_at;
ALTER DOMAIN email RENAME TO mail_address;

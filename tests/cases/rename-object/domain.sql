-- title: a domain with a rule
-- setup
CREATE DOMAIN "E-Mail" AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE clients (id bigserial PRIMARY KEY, mail "E-Mail" NOT NULL);
-- rows
INSERT INTO clients (mail) SELECT 'a@' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER DOMAIN "E-Mail" RENAME TO mail_address;

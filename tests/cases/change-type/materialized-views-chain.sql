-- title: a direct change of varchar under materialised views on views on materialised views, one of them never filled
-- policy: batch_rows=300
-- differs: undo accounts.email at
-- differs: undo accounts_email_not_null
-- setup
CREATE SCHEMA "Lists";
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(40) NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW mails AS SELECT id, email, score FROM accounts;
COMMENT ON VIEW mails IS 'for the list';
GRANT SELECT ON mails TO PUBLIC;
CREATE MATERIALIZED VIEW "Lists"."Mails" AS SELECT score, max(email) AS email FROM mails GROUP BY score;
CREATE UNIQUE INDEX ON "Lists"."Mails" (score);
CREATE MATERIALIZED VIEW "Lists".few AS SELECT email FROM "Lists"."Mails" WHERE score > 3;
CREATE INDEX few_email ON "Lists".few (lower(email));
CREATE MATERIALIZED VIEW never AS SELECT email FROM accounts WITH NO DATA;
CREATE UNIQUE INDEX never_email ON never (email);
CREATE VIEW "Lists".fewer AS SELECT f.email, m.id FROM "Lists".few f JOIN mails m ON m.email = f.email;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW "Lists"."Mails";
REFRESH MATERIALIZED VIEW "Lists".few;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE varchar(60);
-- by hand
DROP VIEW mails CASCADE;
DROP MATERIALIZED VIEW never;
ALTER TABLE accounts ALTER COLUMN email TYPE varchar(60);
CREATE VIEW mails AS SELECT id, email, score FROM accounts;
COMMENT ON VIEW mails IS 'for the list';
GRANT SELECT ON mails TO PUBLIC;
CREATE MATERIALIZED VIEW "Lists"."Mails" AS SELECT score, max(email) AS email FROM mails GROUP BY score;
CREATE UNIQUE INDEX ON "Lists"."Mails" (score);
CREATE MATERIALIZED VIEW "Lists".few AS SELECT email FROM "Lists"."Mails" WHERE score > 3;
CREATE INDEX few_email ON "Lists".few (lower(email));
CREATE MATERIALIZED VIEW never AS SELECT email FROM accounts WITH NO DATA;
CREATE UNIQUE INDEX never_email ON never (email);
CREATE VIEW "Lists".fewer AS SELECT f.email, m.id FROM "Lists".few f JOIN mails m ON m.email = f.email;
-- compare
SELECT count(*) = 7 FROM "Lists"."Mails" WHERE score IS NOT NULL;
SELECT count(*) = 0 FROM pg_class WHERE relkind IN ('m', 'v') AND relname LIKE '%\_old';

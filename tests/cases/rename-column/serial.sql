-- title: a serial column that is no key gets another name
-- versions: 10 18
-- policy: batch_rows=300
-- setup
CREATE TABLE tickets (id bigserial PRIMARY KEY, num serial, subject text NOT NULL);
COMMENT ON COLUMN tickets.num IS 'as printed';
ALTER TABLE tickets ALTER COLUMN num SET STATISTICS 300;
-- rows
INSERT INTO tickets (subject) SELECT 's' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE tickets RENAME COLUMN num TO number;

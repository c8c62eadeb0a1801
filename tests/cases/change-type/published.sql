-- title: a publication with a column list and a row filter
-- versions: 15 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE PUBLICATION "To others" FOR TABLE accounts (id, score) WHERE (score > 3) WITH (publish = 'insert');
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
-- by hand
ALTER PUBLICATION "To others" DROP TABLE accounts;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
ALTER PUBLICATION "To others" ADD TABLE accounts (id, score) WHERE (score > 3);

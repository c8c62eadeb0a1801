-- title: a foreign key leans on the index
-- versions: 15
-- refused: needs index
-- setup
CREATE TABLE codes (id bigint PRIMARY KEY, code text NOT NULL);
CREATE UNIQUE INDEX codes_code ON codes (code);
CREATE TABLE uses (id bigint PRIMARY KEY, code text REFERENCES codes (code));
-- wish
DROP INDEX codes_code;
CREATE UNIQUE INDEX codes_code ON codes (code, id);

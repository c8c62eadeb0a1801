-- title: a foreign key to the same table, without a name
-- versions: 15
-- setup
CREATE TABLE folders (id integer PRIMARY KEY, parent integer, name text NOT NULL);
-- rows
INSERT INTO folders SELECT i, nullif(i / 2, 0), 'f' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE folders ADD FOREIGN KEY (parent) REFERENCES folders;

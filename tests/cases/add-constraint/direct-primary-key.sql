-- title: a primary key in one go over a column that may be NULL: its undo lets it be NULL again
-- policy: strategy=direct
-- value: id = {n} + 1000
-- setup
CREATE TABLE parts (id bigint, name text);
-- rows
INSERT INTO parts SELECT g, 'p' || g FROM generate_series(1, 50) g;
-- wish
ALTER TABLE parts ADD PRIMARY KEY (id);

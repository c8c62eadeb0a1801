-- title: no column is of the type
-- versions: 10 18
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';

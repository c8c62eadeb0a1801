-- title: Columns that a unique index or a CHECK holds go: one default for all would stop the second row
-- servers: mysql-9.7.0 mariadb-10.11.6 mariadb-11.8.2
-- unplanned: mysql-5.6
-- value: people.code = 'c{n}'
-- value: people.score = 1 + {n}
-- setup
CREATE TABLE people (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(40),
  code VARCHAR(20) NOT NULL,
  score INT NOT NULL,
  UNIQUE KEY people_code (code),
  CONSTRAINT people_score CHECK (score > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
-- rows
INSERT INTO people (name, code, score) VALUES ('Ann', 'a', 3), ('Bob', 'b', 4), (NULL, 'c', 5);
-- wish
ALTER TABLE people DROP CONSTRAINT people_score;
ALTER TABLE people DROP COLUMN code;
ALTER TABLE people DROP COLUMN score;

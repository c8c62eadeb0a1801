-- title: A column with a default and a unique index: rows of the next release would all have that value
-- refused: is in the unique index `people_code` and has a default
-- setup
CREATE TABLE people (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(20) NOT NULL DEFAULT '',
  UNIQUE KEY people_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
-- wish
ALTER TABLE people DROP COLUMN code;

-- title: utf8mb3 becomes utf8mb4 on a table whose index has long prefixes
-- differs: undo pages:
-- setup
CREATE TABLE pages (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  path VARCHAR(180) NOT NULL,
  body TEXT,
  KEY pages_path (path)
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;
-- rows
INSERT INTO pages (path, body) VALUES ('/', 'a'), ('/b', 'ü'), ('/c', NULL), ('/d', 'd');
-- wish
ALTER TABLE pages CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;

-- setup
CREATE TABLE owners (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE pets (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  owner_id INT NOT NULL,
  mother_id INT,
  name VARCHAR(20) NOT NULL,
  KEY pets_owner (owner_id),
  KEY pets_mother (mother_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO owners (name) VALUES ('Ann'), ('Bob'), ('Cid');
INSERT INTO pets (owner_id, name) VALUES (1, 'Rex'), (1, 'Tom'), (2, 'Kit');
UPDATE pets SET mother_id = 1 WHERE id = 2;

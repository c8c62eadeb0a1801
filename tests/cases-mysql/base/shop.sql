-- setup
CREATE TABLE users (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(100) NOT NULL,
  name VARCHAR(40),
  age SMALLINT,
  status VARCHAR(10) NOT NULL DEFAULT 'new',
  KEY users_status (status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE orders (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT NOT NULL,
  total DECIMAL(10,2) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
-- rows
INSERT INTO users (email, name, age) VALUES ('a@x', 'Ann', 30), ('b@x', 'Bob', 31), ('c@x', NULL, NULL), ('d@x', 'Dan', 40), ('e@x', 'Eve', 41);
INSERT INTO orders (user_id, total) VALUES (1, 10), (2, 20), (2, 30);

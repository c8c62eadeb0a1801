-- setup
CREATE TABLE tickets (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  state ENUM('new','open') NOT NULL DEFAULT 'new',
  tags SET('a','b','c','d','e','f','g','h') NOT NULL DEFAULT '',
  opened TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  changed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO tickets (state, tags, opened, changed) VALUES ('new', 'a', '2020-01-01', '2020-01-01'), ('open', 'b,c', '2020-01-01', '2020-01-01'), ('open', '', '2020-01-01', '2020-01-01'), ('new', 'h', '2020-01-01', '2020-01-01');

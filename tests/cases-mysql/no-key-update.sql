-- title: Rows of a table without a key cannot be walked
-- refused: no primary key
-- setup
CREATE TABLE visits (day DATE NOT NULL, page VARCHAR(20) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO visits VALUES ('2020-01-01', 'a');
-- wish
UPDATE visits SET page = 'c' WHERE page = 'b';

-- title: A spatial index
-- unplanned: mysql-5.6
-- setup
CREATE TABLE places (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), at POINT NOT NULL) ENGINE=InnoDB;
-- rows
INSERT INTO places (name, at) VALUES ('a', ST_GeomFromText('POINT(1 2)')), ('b', ST_GeomFromText('POINT(3 4)')), ('c', ST_GeomFromText('POINT(5 6)'));
-- wish
ALTER TABLE places ADD SPATIAL INDEX places_at (at);

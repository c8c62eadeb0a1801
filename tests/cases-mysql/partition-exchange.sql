-- title: A partition changes places with a table
-- base: log
-- refused: changes places
-- setup
CREATE TABLE log_old (id INT NOT NULL PRIMARY KEY, body VARCHAR(10)) ENGINE=InnoDB;
-- wish
ALTER TABLE log EXCHANGE PARTITION p0 WITH TABLE log_old;

-- title: A MyISAM table moves to InnoDB
-- differs: undo ROW_FORMAT
-- setup
CREATE TABLE old_log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(20)) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO old_log (body) VALUES ('a'), ('b'), ('c');
-- wish
ALTER TABLE old_log ENGINE=InnoDB;

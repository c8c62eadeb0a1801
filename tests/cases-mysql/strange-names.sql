-- title: Names with blanks, quotes, backticks and letters from everywhere
-- setup
CREATE TABLE `Ünï t` (`id` INT NOT NULL AUTO_INCREMENT PRIMARY KEY, `a b` VARCHAR(20), `it's` INT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO `Ünï t` (`a b`) VALUES ('x'), ('y'), ('z');
-- wish
ALTER TABLE `Ünï t` ADD COLUMN `naïve ``c` INT, ADD INDEX `ключ` (`a b`);
ALTER TABLE `Ünï t` CHANGE COLUMN `a b` `select` VARCHAR(20);

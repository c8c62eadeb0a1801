-- title: Names and texts that tools and drivers might take for their own
-- setup
CREATE TABLE `o"dd ``t ?` (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `na'me %s :y` VARCHAR(60) DEFAULT 'it''s \\ a ? %s :x %(z)s {{w}} ${y} # -- ; b',
  other VARCHAR(20)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
-- rows
INSERT INTO `o"dd ``t ?` (`na'me %s :y`) VALUES ('a?'), ('%s'), (NULL), (':x'), ('日本 \\ ''');
-- wish
ALTER TABLE `o"dd ``t ?` CHANGE COLUMN `na'me %s :y` `né?w %% :z` VARCHAR(60) DEFAULT 'it''s \\ a ? %s :x %(z)s {{w}} ${y} # -- ; b';

-- title: A table without a key gets one
-- policy: executor=native
-- setup
CREATE TABLE visits (day DATE NOT NULL, page VARCHAR(20) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- rows
INSERT INTO visits VALUES ('2020-01-01', 'a'), ('2020-01-01', 'b'), ('2020-01-02', 'a');
-- wish
ALTER TABLE visits ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY;

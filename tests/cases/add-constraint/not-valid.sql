-- title: a check and a foreign key that stay unproved
-- versions: 15
-- setup
CREATE TABLE regions (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, region_id integer);
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region_id) SELECT 'a' || i, i % 60 FROM generate_series(100, 2000) AS i WHERE i % 60 BETWEEN 1 AND 50;
INSERT INTO accounts (email, region_id) SELECT 'a' || i, 90 FROM generate_series(1, 2) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT accounts_region FOREIGN KEY (region_id) REFERENCES regions (id) NOT VALID;

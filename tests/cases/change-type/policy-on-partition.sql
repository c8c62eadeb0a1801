-- title: a policy on one partition reads the column
-- versions: 11 14 16 18
-- refused: would go on reading the old column
-- setup
CREATE TABLE trips (id bigint NOT NULL, km int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE trips_old PARTITION OF trips FOR VALUES FROM (MINVALUE) TO ('2030-01-01');
CREATE POLICY short ON trips_old USING (km < 100);
-- wish
ALTER TABLE trips ALTER COLUMN km TYPE bigint;

-- title: a view over one partition reads the column of the partition, which changes with the parent's
-- versions: 14 16 18
-- differs: undo Trips_km_not_null
-- differs: undo .km at
-- setup
CREATE TABLE "Trips" (id bigint NOT NULL, km int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE trips_old PARTITION OF "Trips" FOR VALUES FROM (MINVALUE) TO ('2030-01-01');
CREATE TABLE trips_new PARTITION OF "Trips" FOR VALUES FROM ('2030-01-01') TO (MAXVALUE);
CREATE VIEW "old km" AS SELECT id, km FROM trips_old;
COMMENT ON VIEW "old km" IS 'before 2030';
-- rows
INSERT INTO "Trips" SELECT g, g % 90, date '2029-12-01' + g % 60 FROM generate_series(1, 400) g;
-- wish
ALTER TABLE "Trips" ALTER COLUMN km TYPE bigint;
-- by hand
DROP VIEW "old km";
ALTER TABLE "Trips" ALTER COLUMN km TYPE bigint;
CREATE VIEW "old km" AS SELECT id, km FROM trips_old;
COMMENT ON VIEW "old km" IS 'before 2030';

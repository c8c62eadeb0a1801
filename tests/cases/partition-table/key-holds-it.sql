-- title: by list; the primary key holds the partition key already
-- versions: 12 15 18
-- setup
CREATE TABLE "Readings" (id bigint NOT NULL, region text NOT NULL, "Value" numeric(10,2) DEFAULT 0, PRIMARY KEY (id, region));
-- rows
INSERT INTO "Readings" SELECT i, CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "Readings" RENAME TO "Readings west";
CREATE TABLE "Readings" (id bigint NOT NULL, region text NOT NULL, "Value" numeric(10,2) DEFAULT 0, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
ALTER TABLE "Readings" ATTACH PARTITION "Readings west" FOR VALUES IN ('eu', 'us');
CREATE TABLE readings_rest PARTITION OF "Readings" DEFAULT;

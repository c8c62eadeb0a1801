-- title: keys that were kept as text become uuid
-- versions: 12 15 18
-- policy: batch_rows=500
-- value: id text = md5('{n}')::uuid::text
-- value: id uuid = md5('{n}')::uuid
-- setup
CREATE TABLE devices (id text PRIMARY KEY, name text);
CREATE TABLE readings (no bigserial PRIMARY KEY, device varchar(40) NOT NULL CONSTRAINT of_device REFERENCES devices (id) ON DELETE CASCADE, value integer);
CREATE INDEX readings_by_device ON readings (device, no);
-- rows
INSERT INTO devices SELECT md5('d' || i)::uuid::text, 'd' || i FROM generate_series(1, 400) AS i;
INSERT INTO readings (device, value) SELECT md5('d' || 1 + i % 400)::uuid::text, i FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE readings DROP CONSTRAINT of_device;
ALTER TABLE devices ALTER COLUMN id TYPE uuid USING id::uuid;
ALTER TABLE readings ALTER COLUMN device TYPE uuid USING device::uuid;
ALTER TABLE readings ADD CONSTRAINT of_device FOREIGN KEY (device) REFERENCES devices (id) ON DELETE CASCADE;

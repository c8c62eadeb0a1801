-- title: an enum and a column of it
-- versions: 10 12 18
-- policy: batch_rows=300
-- value: level = 'low'::level
-- setup
CREATE TABLE tickets (id bigserial PRIMARY KEY, subject text NOT NULL);
-- rows
INSERT INTO tickets (subject) SELECT 's' || i FROM generate_series(1, 1000) AS i;
-- wish
CREATE TYPE level AS ENUM ('low', 'high');
ALTER TABLE tickets ADD COLUMN level level;

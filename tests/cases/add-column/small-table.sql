-- title: a small idle table gets the direct change
-- versions: 10 15
-- policy: strategy=auto direct_writes_per_s=1000000
-- stats: public.currencies rows=180 heap=16kB index=16kB writes=0
-- value: code = 'Z' || right('0' || {n} % 97, 2)
-- setup
CREATE TABLE currencies (code char(3) PRIMARY KEY, name text NOT NULL);
-- rows
INSERT INTO currencies SELECT left(md5(i::text), 3), 'c' || i FROM generate_series(1, 180) AS i ON CONFLICT DO NOTHING;
-- wish
ALTER TABLE currencies ADD COLUMN digits integer NOT NULL DEFAULT 2;

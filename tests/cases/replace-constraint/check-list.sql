-- title: a list of allowed values grows
-- versions: 10 12 15 18
-- stats: public.jobs rows=80000000 heap=9GB index=3GB writes=300
-- value: state text = CASE {n} % 2 WHEN 0 THEN 'ready' ELSE 'done' END
-- setup
CREATE TABLE jobs (id bigserial PRIMARY KEY, state text NOT NULL, note text,
  CONSTRAINT only_known_states CHECK (state IN ('ready', 'running', 'done')));
COMMENT ON TABLE jobs IS 'What is to be done';
-- rows
INSERT INTO jobs (state) SELECT CASE i % 3 WHEN 0 THEN 'ready' WHEN 1 THEN 'running' ELSE 'done' END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE jobs DROP CONSTRAINT only_known_states,
  ADD CONSTRAINT only_known_states CHECK (state IN ('ready', 'running', 'done', 'failed'));
-- compare
SELECT count(*) = 1 FROM pg_constraint WHERE conrelid = 'jobs'::regclass AND contype = 'c' AND convalidated;

-- title: a surrogate key in the place of a natural one
-- versions: 12 15 18
-- differs: rows of public.marks
-- setup
CREATE TABLE marks (pupil text NOT NULL, subject text NOT NULL, mark integer, PRIMARY KEY (pupil, subject));
-- rows
INSERT INTO marks SELECT 'p' || lpad(i::text, 5, '0'), 's' || i % 5, i % 6 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE marks ADD COLUMN id bigserial;
ALTER TABLE marks DROP CONSTRAINT marks_pkey, ADD PRIMARY KEY (id), ADD CONSTRAINT one_mark UNIQUE (pupil, subject);

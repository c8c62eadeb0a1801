-- title: a text becomes an enum of the same script, under another name, with another default
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- value: status text = (ARRAY['draft', 'done'])[1 + {n} % 2]
-- value: state public.doc_state = (ARRAY['draft', 'done'])[1 + {n} % 2]::public.doc_state
-- setup
CREATE TABLE docs (id bigserial PRIMARY KEY, title text NOT NULL, status text NOT NULL DEFAULT 'draft');
CREATE INDEX docs_drafts ON docs (title) WHERE status = 'draft';
-- rows
INSERT INTO docs (title, status) SELECT 't' || i, CASE WHEN i % 3 > 0 THEN 'done' ELSE 'draft' END FROM generate_series(1, 2000) AS i;
-- wish
CREATE TYPE doc_state AS ENUM ('draft', 'done', 'gone');
ALTER TABLE docs RENAME COLUMN status TO state;
ALTER TABLE docs ALTER COLUMN state DROP DEFAULT;
ALTER TABLE docs ALTER COLUMN state TYPE doc_state USING state::doc_state;
ALTER TABLE docs ALTER COLUMN state SET DEFAULT 'done';
-- by hand
CREATE TYPE doc_state AS ENUM ('draft', 'done', 'gone');
DROP INDEX docs_drafts;
ALTER TABLE docs RENAME COLUMN status TO state;
ALTER TABLE docs ALTER COLUMN state DROP DEFAULT;
ALTER TABLE docs ALTER COLUMN state TYPE doc_state USING state::doc_state;
ALTER TABLE docs ALTER COLUMN state SET DEFAULT 'done';
CREATE INDEX docs_drafts ON docs (title) WHERE state = 'draft';

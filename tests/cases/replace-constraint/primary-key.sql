-- title: other columns become the primary key
-- versions: 12 15 18
-- value: tag text = 't{n}'
-- differs: rows of public.Tag
-- setup
CREATE TABLE "Tag" (id bigint NOT NULL, post bigint, tag text NOT NULL, note text, CONSTRAINT "Tag_pkey" PRIMARY KEY (id));
CREATE INDEX "Tag by tag" ON "Tag" (tag);
-- rows
INSERT INTO "Tag" SELECT i, i / 4, 't' || i, 'n' FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "Tag" DROP CONSTRAINT "Tag_pkey", ADD PRIMARY KEY (post, tag);

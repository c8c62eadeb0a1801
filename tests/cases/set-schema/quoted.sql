-- title: a schema whose name needs quotes
-- setup
CREATE SCHEMA "Old Things";
CREATE TABLE "log" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "When" timestamptz NOT NULL DEFAULT now(), body text);
-- rows
INSERT INTO "log" (body) SELECT 'b' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "log" SET SCHEMA "Old Things";

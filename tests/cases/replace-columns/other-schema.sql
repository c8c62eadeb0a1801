-- title: a table of another schema, with an enum
-- versions: 10 18
-- policy: batch_rows=300
-- value: state = 'open'::"App".state
-- setup
CREATE SCHEMA "App";
CREATE TYPE "App".state AS ENUM ('open', 'closed');
CREATE TABLE "App"."Tickets" (id bigserial PRIMARY KEY, closed boolean NOT NULL DEFAULT false);
-- rows
INSERT INTO "App"."Tickets" (closed) SELECT i % 3 = 0 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "App"."Tickets" ADD COLUMN state "App".state NOT NULL DEFAULT 'open';
UPDATE "App"."Tickets" SET state = CASE WHEN closed THEN 'closed' ELSE 'open' END::"App".state;
ALTER TABLE "App"."Tickets" DROP COLUMN closed;
CREATE INDEX ON "App"."Tickets" (state);

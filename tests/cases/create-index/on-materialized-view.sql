-- title: indexes on a materialised view, which its REFRESH CONCURRENTLY needs
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
CREATE MATERIALIZED VIEW "Ranks" AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW "Ranks";
-- wish
CREATE UNIQUE INDEX "Ranks key" ON "Ranks" (score);
CREATE INDEX ON "Ranks" ((many / 2) DESC) WHERE many > 3;

-- title: next year's partition; a default value, a comment, a foreign key both ways, an index over an expression
-- versions: 10 11 12 15 18
-- setup
CREATE TABLE "My Events" (id bigint NOT NULL, at date NOT NULL DEFAULT '2025-05-05', body text DEFAULT 'none' CHECK (body <> '')) PARTITION BY RANGE (at);
COMMENT ON COLUMN "My Events".body IS 'free text';
CREATE TABLE my_events_2025 PARTITION OF "My Events" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- rows
INSERT INTO "My Events" SELECT i, date '2025-01-01' + i % 300, 'b' || i FROM generate_series(1, 2000) AS i;
-- wish
CREATE TABLE my_events_2026 PARTITION OF "My Events" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

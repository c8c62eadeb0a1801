-- title: two partitions of a table that stays are detached first, then dropped
-- versions: 11 12 15 18
-- setup
CREATE TABLE visits (id bigint NOT NULL, day date NOT NULL, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_2023 PARTITION OF visits FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- rows
INSERT INTO visits SELECT i, date '2023-01-01' + (i % 1000)::int, 'w' || i FROM generate_series(1, 2000) AS i;
-- wish
DROP TABLE visits_2023, visits_2024;
-- compare
SELECT count(*) = 1 FROM pg_inherits WHERE inhparent = 'visits'::regclass;

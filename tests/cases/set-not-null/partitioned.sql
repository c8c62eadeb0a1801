-- title: a partitioned table
-- versions: 11 12 17 18
-- value: day = date '2026-02-02'
-- setup
CREATE TABLE m (id bigint NOT NULL, day date NOT NULL, score integer) PARTITION BY RANGE (day);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE m_b PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
ALTER TABLE m ADD PRIMARY KEY (id, day);
-- rows
INSERT INTO m SELECT i, date '2026-01-01' + i % 50, i FROM generate_series(1, 900) AS i;
-- wish
ALTER TABLE m ALTER COLUMN score SET NOT NULL;

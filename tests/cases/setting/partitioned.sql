-- title: a partitioned table stores nothing
-- versions: 15
-- refused: is partitioned
-- setup
CREATE TABLE m (id bigint, day date) PARTITION BY RANGE (day);
-- wish
ALTER TABLE m SET (fillfactor = 70);

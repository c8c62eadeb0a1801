-- title: A table loses its partitions
-- base: log
-- refused: copied whole
-- wish
ALTER TABLE log REMOVE PARTITIONING;

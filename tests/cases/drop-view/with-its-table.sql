-- title: a view and the table below it
-- setup
CREATE TABLE old_scores (id bigserial PRIMARY KEY, score integer NOT NULL DEFAULT 0);
CREATE VIEW top_scores AS SELECT id, score FROM old_scores WHERE score > 3;
GRANT SELECT ON top_scores TO pg_monitor;
-- rows
INSERT INTO old_scores (score) SELECT i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW top_scores;
DROP TABLE old_scores;

-- title: orphans are deleted by a subquery
-- versions: 11 18
-- policy: batch_rows=100
-- setup
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint);
-- rows
INSERT INTO users SELECT generate_series(1, 300);
INSERT INTO visits SELECT i, CASE WHEN i <= 60 THEN i ELSE i % 350 + 1 END FROM generate_series(1, 600) AS i;
-- value: user_id = 1
-- wish
DELETE FROM visits WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = visits.user_id);

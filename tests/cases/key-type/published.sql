-- title: a published table's key: what the steps for subscribers do not do is told
-- versions: 15
-- offline: subscribers are played by live::subscribers, which exchanges no key
-- setup
CREATE TABLE tickets (id serial PRIMARY KEY, subject text NOT NULL);
CREATE PUBLICATION feed FOR TABLE tickets;
-- rows
INSERT INTO tickets (subject) SELECT 's' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE tickets ALTER COLUMN id TYPE bigint;

-- title: a column that is NOT NULL without a value, on a table that is empty but may be written
-- offline: a table that stays empty while the test's application writes to every table
-- policy: strategy=auto
-- value: kind = 'k' || {n}
-- stats: public.events rows=0 heap=0B index=0B writes=0
-- setup
CREATE TABLE events (id int PRIMARY KEY, body text);
-- wish
ALTER TABLE events ADD COLUMN kind text NOT NULL;

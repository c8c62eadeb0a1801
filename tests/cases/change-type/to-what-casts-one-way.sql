-- title: a time of day has no cast back to a moment: the way back goes through the text, and fails no statement
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: undo shifts.begins at
-- differs: undo shifts_begins_not_null
-- setup
CREATE TABLE shifts (id bigserial PRIMARY KEY, begins timestamp NOT NULL, note text);
-- rows
INSERT INTO shifts (begins) SELECT timestamp '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE shifts ALTER COLUMN begins TYPE time;

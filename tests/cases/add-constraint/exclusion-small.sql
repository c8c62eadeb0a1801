-- title: on a small table it is added in one go
-- versions: 10 18
-- policy: strategy=direct
-- stats: public.bookings rows=900 heap=1MB
-- value: day = r.day + {n}
-- setup
CREATE TABLE bookings (id bigserial PRIMARY KEY, day date NOT NULL);
-- rows
INSERT INTO bookings (day) SELECT date '2026-01-01' + i FROM generate_series(1, 300) AS i;
-- wish
ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING btree (day WITH =);

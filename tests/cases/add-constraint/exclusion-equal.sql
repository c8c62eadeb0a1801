-- title: an exclusion constraint whose operators are all equal is a unique one
-- versions: 15
-- refused: an exclusion constraint has no online way
-- setup
CREATE TABLE bookings (id bigserial PRIMARY KEY, room integer NOT NULL, day date NOT NULL);
-- wish
ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING btree (room WITH =, day WITH =);

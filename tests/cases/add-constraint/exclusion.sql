-- title: an exclusion constraint over ranges
-- versions: 15
-- stats: public.bookings rows=40000000 heap=6GB writes=200
-- refused: an exclusion constraint has no online way
-- setup
CREATE TABLE bookings (id bigserial PRIMARY KEY, during tsrange NOT NULL);
-- wish
ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING gist (during WITH &&);

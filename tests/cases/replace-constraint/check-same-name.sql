-- title: a stricter check under the same name
-- versions: 10 15 18
-- value: state text = 'paid'
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, state text NOT NULL CONSTRAINT known_state CHECK (state IN ('new', 'paid', 'lost')), note text);
-- rows
INSERT INTO orders (state, note) SELECT CASE WHEN i % 2 = 0 THEN 'new' ELSE 'paid' END, 'n' FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE orders DROP CONSTRAINT known_state;
ALTER TABLE orders ADD CONSTRAINT known_state CHECK (state IN ('new', 'paid'));

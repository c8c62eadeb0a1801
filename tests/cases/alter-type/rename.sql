-- title: an enum under a new name, used by a column with a default, an array and an index
-- versions: 10 12 18
-- value: status = r.status
-- value: history = r.history
-- setup
CREATE TYPE status AS ENUM ('new', 'paid');
CREATE TABLE orders (id bigserial PRIMARY KEY, status status NOT NULL DEFAULT 'new', history status[]);
CREATE INDEX orders_new ON orders (id) WHERE status = 'new';
-- rows
INSERT INTO orders (status, history) SELECT 'paid', '{new,paid}' FROM generate_series(1, 500);
-- wish
ALTER TYPE status RENAME TO order_status;

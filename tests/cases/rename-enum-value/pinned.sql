-- title: a partial index spells the label
-- versions: 15
-- refused: spells the label 'open'
-- setup
CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent');
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL DEFAULT 'open', total numeric(10,2));
CREATE INDEX orders_open ON orders (id) WHERE status = 'open';
-- wish
ALTER TYPE order_status RENAME VALUE 'open' TO 'received';

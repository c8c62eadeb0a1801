-- The demo's company: a shop with 150 million users on PostgreSQL 15. `tests/all/demo.rs` runs this on a real
-- server, inspects it, and lays the figures of `postgresql.stats.toml` over the empty tables.

CREATE SCHEMA billing;
CREATE SCHEMA analytics;

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled');
CREATE TYPE payment_state AS ENUM ('authorised', 'captured', 'failed', 'refunded');
CREATE TYPE ticket_priority AS ENUM ('low', 'normal', 'high', 'urgent');
CREATE DOMAIN currency_code AS char(3) CHECK (VALUE = upper(VALUE));
CREATE DOMAIN billing.percentage AS numeric(5, 2) CHECK (VALUE >= 0 AND VALUE <= 100);

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;

-- People

CREATE TABLE users (
  id bigserial PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  name varchar(100),
  created_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE countries (
  code char(2) PRIMARY KEY,
  name text NOT NULL,
  vat_rate billing.percentage NOT NULL DEFAULT 0,
  currency currency_code NOT NULL);

CREATE TABLE addresses (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  line1 text NOT NULL,
  line2 text,
  postcode varchar(16) NOT NULL,
  city text NOT NULL,
  country char(2) NOT NULL REFERENCES countries,
  is_default boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX addresses_user_id_idx ON addresses (user_id);
CREATE UNIQUE INDEX addresses_default_idx ON addresses (user_id) WHERE is_default;

CREATE TABLE user_sessions (
  token uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  agent text,
  ip inet,
  expires_at timestamptz NOT NULL);
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at_idx ON user_sessions (expires_at);

CREATE TABLE user_preferences (
  user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  locale varchar(8) NOT NULL DEFAULT 'en',
  settings jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users,
  digest bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL DEFAULT '{}',
  revoked_at timestamptz);
CREATE INDEX api_keys_user_id_idx ON api_keys (user_id);

-- Goods

CREATE TABLE categories (
  id serial PRIMARY KEY,
  parent_id integer REFERENCES categories,
  slug text NOT NULL UNIQUE,
  title text NOT NULL);

CREATE TABLE suppliers (
  id serial PRIMARY KEY,
  name text NOT NULL,
  country char(2) NOT NULL REFERENCES countries,
  contact_email varchar(255));

CREATE TABLE products (
  id bigserial PRIMARY KEY,
  category_id integer NOT NULL REFERENCES categories,
  supplier_id integer REFERENCES suppliers,
  sku varchar(32) NOT NULL UNIQUE,
  title text NOT NULL,
  description text,
  attributes jsonb NOT NULL DEFAULT '{}',
  price numeric(12, 2) NOT NULL CHECK (price >= 0),
  search tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, title || ' ' || coalesce(description, ''))) STORED,
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX products_category_id_idx ON products (category_id);
CREATE INDEX products_search_idx ON products USING gin (search);
CREATE INDEX products_attributes_idx ON products USING gin (attributes);

CREATE TABLE product_images (
  id bigserial PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES products ON DELETE CASCADE,
  url text NOT NULL,
  position smallint NOT NULL DEFAULT 0,
  UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED);

CREATE TABLE reviews (
  id bigserial PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES products,
  user_id bigint NOT NULL REFERENCES users,
  stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (product_id, user_id));
CREATE INDEX reviews_user_id_idx ON reviews (user_id);

CREATE TABLE warehouses (
  id serial PRIMARY KEY,
  code varchar(8) NOT NULL UNIQUE,
  country char(2) NOT NULL REFERENCES countries);

CREATE TABLE stock (
  warehouse_id integer NOT NULL REFERENCES warehouses,
  product_id bigint NOT NULL REFERENCES products,
  on_hand integer NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
  reserved integer NOT NULL DEFAULT 0,
  PRIMARY KEY (warehouse_id, product_id)) WITH (fillfactor = 70);
CREATE INDEX stock_product_id_idx ON stock (product_id);

CREATE TABLE purchase_orders (
  id bigserial PRIMARY KEY,
  supplier_id integer NOT NULL REFERENCES suppliers,
  warehouse_id integer NOT NULL REFERENCES warehouses,
  ordered_on date NOT NULL DEFAULT CURRENT_DATE,
  lines jsonb NOT NULL);

-- Orders

CREATE TABLE carts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id bigint REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX carts_user_id_idx ON carts (user_id);

CREATE TABLE cart_items (
  cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
  product_id bigint NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (cart_id, product_id));

CREATE TABLE coupons (
  id serial PRIMARY KEY,
  code varchar(24) NOT NULL UNIQUE,
  percent_off billing.percentage NOT NULL,
  valid tstzrange NOT NULL);

CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users,
  status order_status NOT NULL DEFAULT 'pending',
  total numeric(12, 2) NOT NULL CHECK (total >= 0),
  currency currency_code NOT NULL,
  coupon_id integer REFERENCES coupons,
  shipping_address_id bigint,
  note text,
  placed_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_user_id_idx ON orders (user_id);
CREATE INDEX orders_status_placed_at_idx ON orders (status, placed_at DESC);
CREATE INDEX orders_open_idx ON orders (placed_at) WHERE status IN ('pending', 'paid', 'packed');
CREATE INDEX orders_coupon_id_idx ON orders (coupon_id) WHERE coupon_id IS NOT NULL;
ALTER TABLE orders ADD CONSTRAINT orders_shipping_address_id_fkey
  FOREIGN KEY (shipping_address_id) REFERENCES addresses NOT VALID;

CREATE TABLE order_items (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
  line smallint NOT NULL,
  product_id bigint NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price numeric(12, 2) NOT NULL,
  PRIMARY KEY (order_id, line));
CREATE INDEX order_items_product_id_idx ON order_items (product_id);

CREATE TABLE order_status_history (
  id bigserial PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  status order_status NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX order_status_history_order_id_idx ON order_status_history (order_id);

CREATE TABLE payments (
  id bigserial PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  state payment_state NOT NULL DEFAULT 'authorised',
  amount numeric(12, 2) NOT NULL,
  provider_reference text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX payments_order_id_idx ON payments (order_id);

CREATE TABLE refunds (
  id bigserial PRIMARY KEY,
  payment_id bigint NOT NULL REFERENCES payments,
  amount numeric(12, 2) NOT NULL,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX refunds_payment_id_idx ON refunds (payment_id);

CREATE TABLE shipments (
  id bigserial PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  warehouse_id integer NOT NULL REFERENCES warehouses,
  tracking_code text,
  shipped_at timestamptz);
CREATE INDEX shipments_order_id_idx ON shipments (order_id);
CREATE INDEX shipments_tracking_code_idx ON shipments (lower(tracking_code));

CREATE TABLE coupon_redemptions (
  coupon_id integer NOT NULL REFERENCES coupons,
  order_id bigint NOT NULL REFERENCES orders,
  redeemed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (coupon_id, order_id));

-- Money

CREATE TABLE billing.plans (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  monthly numeric(8, 2) NOT NULL,
  features jsonb NOT NULL DEFAULT '{}');

CREATE TABLE billing.memberships (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES public.users,
  plan_id integer NOT NULL REFERENCES billing.plans,
  period tstzrange NOT NULL,
  cancelled_at timestamptz);
CREATE INDEX memberships_user_id_idx ON billing.memberships (user_id);

CREATE TABLE billing.invoices (
  id bigserial PRIMARY KEY,
  membership_id bigint REFERENCES billing.memberships,
  user_id bigint NOT NULL REFERENCES public.users,
  number varchar(20) NOT NULL UNIQUE,
  total numeric(12, 2) NOT NULL,
  issued_on date NOT NULL);
CREATE INDEX invoices_user_id_idx ON billing.invoices (user_id);

CREATE TABLE billing.invoice_lines (
  invoice_id bigint NOT NULL REFERENCES billing.invoices ON DELETE CASCADE,
  line smallint NOT NULL,
  description text NOT NULL,
  amount numeric(12, 2) NOT NULL,
  PRIMARY KEY (invoice_id, line));

-- Traffic

CREATE TABLE events (
  id bigserial PRIMARY KEY,
  user_id bigint,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX events_user_id_created_at_idx ON events (user_id, created_at);
CREATE INDEX events_created_at_brin ON events USING brin (created_at);

CREATE TABLE page_views (
  viewed_at timestamptz NOT NULL,
  session uuid NOT NULL,
  user_id bigint,
  path text NOT NULL,
  referrer text) PARTITION BY RANGE (viewed_at);
CREATE INDEX page_views_user_id_idx ON page_views (user_id, viewed_at);
CREATE TABLE page_views_default PARTITION OF page_views DEFAULT;

CREATE TABLE audit_log (
  id bigint GENERATED BY DEFAULT AS IDENTITY,
  happened_at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL DEFAULT CURRENT_USER,
  object text NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (id, happened_at)) PARTITION BY RANGE (happened_at);

DO $$
BEGIN
  FOR n IN 0..23 LOOP
    EXECUTE format('CREATE TABLE page_views_%s PARTITION OF page_views FOR VALUES FROM (%L) TO (%L)',
      to_char(date '2024-07-01' + n * interval '1 month', 'YYYY_MM'),
      (date '2024-07-01' + n * interval '1 month')::date, (date '2024-07-01' + (n + 1) * interval '1 month')::date);
  END LOOP;
  FOR n IN 0..11 LOOP
    EXECUTE format('CREATE TABLE audit_log_%s PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L)',
      to_char(date '2025-07-01' + n * interval '1 month', 'YYYY_MM'),
      (date '2025-07-01' + n * interval '1 month')::date, (date '2025-07-01' + (n + 1) * interval '1 month')::date);
  END LOOP;
END $$;

CREATE TABLE notifications (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users,
  channel text NOT NULL DEFAULT 'email',
  body text NOT NULL,
  read_at timestamptz);
CREATE INDEX notifications_unread_idx ON notifications (user_id) WHERE read_at IS NULL;

CREATE TABLE jobs (
  id bigserial PRIMARY KEY,
  queue text NOT NULL DEFAULT 'default',
  arguments jsonb NOT NULL,
  run_at timestamptz NOT NULL DEFAULT now(),
  locked_by text,
  attempts smallint NOT NULL DEFAULT 0) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX jobs_queue_run_at_idx ON jobs (queue, run_at) WHERE locked_by IS NULL;

-- `serial` from the first year: the key has little room left.
CREATE TABLE webhook_deliveries (
  id serial PRIMARY KEY,
  endpoint text NOT NULL,
  payload jsonb NOT NULL,
  response_code smallint,
  attempted_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX webhook_deliveries_endpoint_idx ON webhook_deliveries (endpoint, attempted_at);
CREATE INDEX webhook_deliveries_response_code_idx ON webhook_deliveries (response_code);

CREATE TABLE idempotency_keys (
  key text PRIMARY KEY,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE UNLOGGED TABLE rate_limits (
  bucket text PRIMARY KEY,
  hits integer NOT NULL DEFAULT 0,
  until timestamptz NOT NULL);
CREATE TABLE feature_flags (
  name text PRIMARY KEY,
  enabled boolean NOT NULL DEFAULT false,
  rollout billing.percentage NOT NULL DEFAULT 0);
CREATE TABLE schema_migrations (
  version text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE tickets (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users,
  tenant text NOT NULL,
  priority ticket_priority NOT NULL DEFAULT 'normal',
  subject text NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX tickets_user_id_idx ON tickets (user_id);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
CREATE POLICY tickets_of_tenant ON tickets USING (tenant = current_setting('app.tenant'));
CREATE POLICY tickets_no_urgent_close ON tickets AS RESTRICTIVE FOR DELETE USING (priority <> 'urgent');

CREATE TABLE ticket_messages (
  id bigserial PRIMARY KEY,
  ticket_id bigint NOT NULL REFERENCES tickets ON DELETE CASCADE,
  author text NOT NULL,
  body text NOT NULL COLLATE "C",
  sent_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ticket_messages_ticket_id_idx ON ticket_messages (ticket_id);

CREATE TABLE analytics.daily_sales (
  day date NOT NULL,
  country char(2) NOT NULL,
  orders bigint NOT NULL,
  revenue numeric(16, 2) NOT NULL,
  PRIMARY KEY (day, country));

-- Code in the database

CREATE VIEW customer_overview AS
  SELECT u.id, u.email, u.created_at, count(o.id) AS orders, sum(o.total) AS spent
    FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE VIEW open_orders AS
  SELECT id, user_id, status, total, placed_at FROM orders WHERE status IN ('pending', 'paid', 'packed');
CREATE VIEW best_customers AS SELECT id, email, spent FROM customer_overview WHERE spent > 1000;
CREATE MATERIALIZED VIEW analytics.monthly_revenue AS
  SELECT date_trunc('month', placed_at) AS month, currency, count(*) AS orders, sum(total) AS revenue
    FROM orders GROUP BY 1, 2;
CREATE RULE schema_migrations_keep AS ON DELETE TO schema_migrations DO INSTEAD NOTHING;

CREATE TRIGGER set_updated_at BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON addresses FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE FUNCTION note_order_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_status_history (order_id, status) VALUES (NEW.id, NEW.status);
  RETURN NULL;
END $$;
CREATE TRIGGER note_order_status AFTER UPDATE OF status ON orders FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_order_status();

CREATE FUNCTION find_user(wanted text) RETURNS bigint LANGUAGE sql STABLE AS
  'SELECT id FROM users WHERE lower(email) = lower(wanted)';
CREATE FUNCTION purge_sessions() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM user_sessions WHERE expires_at < now() - interval '30 days';
END $$;
CREATE FUNCTION order_total(wanted bigint) RETURNS numeric LANGUAGE sql STABLE AS
  'SELECT sum(quantity * unit_price) FROM order_items WHERE order_id = wanted';
CREATE PROCEDURE refresh_daily_sales(on_day date) LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM analytics.daily_sales WHERE day = on_day;
  INSERT INTO analytics.daily_sales
    SELECT on_day, a.country, count(*), sum(o.total) FROM orders o JOIN addresses a ON a.id = o.shipping_address_id
     WHERE o.placed_at >= on_day AND o.placed_at < on_day + 1 GROUP BY a.country;
END $$;

CREATE SEQUENCE billing.invoice_number;

CREATE PUBLICATION warehouse_feed FOR TABLE users, orders, order_items, payments (id, order_id, state, amount, created_at);

COMMENT ON TABLE users IS 'One row per account; deleted accounts keep their row.';
COMMENT ON COLUMN users.name IS 'Full name as typed at sign-up.';
COMMENT ON TABLE events IS 'Everything the clients report. Kept for ever.';
ALTER TABLE events ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE orders ALTER COLUMN status SET STATISTICS 500;

-- A CREATE INDEX CONCURRENTLY that was interrupted leaves this behind.
CREATE INDEX reviews_stars_idx ON reviews (stars);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'reviews_stars_idx'::regclass;

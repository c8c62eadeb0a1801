-- The demo's company on MySQL and on MariaDB: the shop of `postgresql.sql` as a MySQL team would have built it. `tests/all/demo.rs`
-- runs this on real servers, inspects it, and lays the figures of `mysql.stats.toml` over the empty tables.

-- People

CREATE TABLE countries (
  code CHAR(2) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  vat_rate DECIMAL(5,2) NOT NULL DEFAULT 0,
  currency CHAR(3) CHARACTER SET ascii NOT NULL
);
CREATE TABLE users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100),
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY users_email (email)
);
CREATE TABLE addresses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  line1 VARCHAR(200) NOT NULL,
  line2 VARCHAR(200),
  postcode VARCHAR(16) NOT NULL,
  city VARCHAR(120) NOT NULL,
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  is_default TINYINT(1) NOT NULL DEFAULT 0,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY addresses_user (user_id),
  KEY addresses_country (country),
  CONSTRAINT addresses_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT addresses_country FOREIGN KEY (country) REFERENCES countries (code)
);
CREATE TABLE user_sessions (
  token BINARY(16) NOT NULL PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  agent VARCHAR(400),
  ip VARBINARY(16),
  expires_at DATETIME NOT NULL,
  KEY user_sessions_user (user_id),
  KEY user_sessions_expires (expires_at),
  CONSTRAINT user_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE user_preferences (
  user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  locale VARCHAR(8) NOT NULL DEFAULT 'en',
  settings JSON NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  CONSTRAINT user_preferences_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE api_keys (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  scopes SET('read', 'write', 'admin') NOT NULL DEFAULT 'read',
  revoked_at DATETIME,
  UNIQUE KEY api_keys_digest (digest),
  KEY api_keys_user (user_id),
  CONSTRAINT api_keys_user FOREIGN KEY (user_id) REFERENCES users (id)
);

-- Goods

CREATE TABLE categories (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  parent_id INT UNSIGNED,
  slug VARCHAR(100) NOT NULL,
  title VARCHAR(200) NOT NULL,
  UNIQUE KEY categories_slug (slug),
  KEY categories_parent (parent_id),
  CONSTRAINT categories_parent FOREIGN KEY (parent_id) REFERENCES categories (id)
);
CREATE TABLE suppliers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(200) NOT NULL,
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  contact_email VARCHAR(255),
  KEY suppliers_country (country),
  CONSTRAINT suppliers_country FOREIGN KEY (country) REFERENCES countries (code)
);
CREATE TABLE products (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  category_id INT UNSIGNED NOT NULL,
  supplier_id INT UNSIGNED,
  sku VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(300) NOT NULL,
  description TEXT,
  attributes JSON,
  price DECIMAL(12,2) NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY products_sku (sku),
  KEY products_category (category_id),
  KEY products_supplier (supplier_id),
  FULLTEXT KEY products_words (title, description),
  CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES categories (id),
  CONSTRAINT products_supplier FOREIGN KEY (supplier_id) REFERENCES suppliers (id),
  CONSTRAINT products_price CHECK (price >= 0)
);
CREATE TABLE product_images (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  product_id BIGINT UNSIGNED NOT NULL,
  url VARCHAR(500) CHARACTER SET utf8mb3 NOT NULL,
  position SMALLINT NOT NULL DEFAULT 0,
  UNIQUE KEY product_images_position (product_id, position),
  CONSTRAINT product_images_product FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE
);
CREATE TABLE reviews (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  product_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  stars TINYINT NOT NULL,
  body TEXT CHARACTER SET utf8mb3,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY reviews_of_user (product_id, user_id),
  KEY reviews_user (user_id),
  CONSTRAINT reviews_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT reviews_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE warehouses (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(8) NOT NULL,
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  UNIQUE KEY warehouses_code (code),
  KEY warehouses_country (country),
  CONSTRAINT warehouses_country FOREIGN KEY (country) REFERENCES countries (code)
);
CREATE TABLE stock (
  warehouse_id INT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  on_hand INT NOT NULL DEFAULT 0,
  reserved INT NOT NULL DEFAULT 0,
  free INT AS (on_hand - reserved) VIRTUAL,
  PRIMARY KEY (warehouse_id, product_id),
  KEY stock_product (product_id),
  CONSTRAINT stock_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id),
  CONSTRAINT stock_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT stock_on_hand CHECK (on_hand >= 0)
);

-- Orders

CREATE TABLE carts (
  id BINARY(16) NOT NULL PRIMARY KEY,
  user_id BIGINT UNSIGNED,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY carts_user (user_id),
  CONSTRAINT carts_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE cart_items (
  cart_id BINARY(16) NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  quantity INT NOT NULL DEFAULT 1,
  PRIMARY KEY (cart_id, product_id),
  KEY cart_items_product (product_id),
  CONSTRAINT cart_items_cart FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE,
  CONSTRAINT cart_items_product FOREIGN KEY (product_id) REFERENCES products (id)
);
CREATE TABLE coupons (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(24) NOT NULL,
  percent_off DECIMAL(5,2) NOT NULL,
  valid_from DATETIME NOT NULL,
  valid_to DATETIME NOT NULL,
  UNIQUE KEY coupons_code (code)
);
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  status ENUM('pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled') NOT NULL DEFAULT 'pending',
  total DECIMAL(12,2) NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  coupon_id INT UNSIGNED,
  shipping_address_id BIGINT UNSIGNED,
  note VARCHAR(1000),
  placed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY orders_user (user_id),
  KEY orders_status_placed (status, placed_at DESC),
  KEY orders_coupon (coupon_id),
  KEY orders_address (shipping_address_id),
  CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT orders_coupon FOREIGN KEY (coupon_id) REFERENCES coupons (id),
  CONSTRAINT orders_address FOREIGN KEY (shipping_address_id) REFERENCES addresses (id),
  CONSTRAINT orders_total CHECK (total >= 0)
);
CREATE TABLE order_items (
  order_id BIGINT UNSIGNED NOT NULL,
  line SMALLINT NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  quantity INT NOT NULL,
  unit_price DECIMAL(12,2) NOT NULL,
  PRIMARY KEY (order_id, line),
  KEY order_items_product (product_id),
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT order_items_product FOREIGN KEY (product_id) REFERENCES products (id)
);
CREATE TABLE order_status_history (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id BIGINT UNSIGNED NOT NULL,
  status VARCHAR(20) NOT NULL,
  changed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  KEY order_status_history_order (order_id),
  CONSTRAINT order_status_history_order FOREIGN KEY (order_id) REFERENCES orders (id)
);
CREATE TABLE payments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id BIGINT UNSIGNED NOT NULL,
  state ENUM('authorised', 'captured', 'failed', 'refunded') NOT NULL DEFAULT 'authorised',
  amount DECIMAL(12,2) NOT NULL,
  provider_reference VARCHAR(80),
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY payments_reference (provider_reference),
  KEY payments_order (order_id),
  CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id)
);
CREATE TABLE refunds (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  payment_id BIGINT UNSIGNED NOT NULL,
  amount DECIMAL(12,2) NOT NULL,
  reason VARCHAR(400),
  KEY refunds_payment (payment_id),
  CONSTRAINT refunds_payment FOREIGN KEY (payment_id) REFERENCES payments (id)
);
CREATE TABLE shipments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id BIGINT UNSIGNED NOT NULL,
  warehouse_id INT UNSIGNED NOT NULL,
  tracking_code VARCHAR(60),
  shipped_at DATETIME,
  KEY shipments_order (order_id),
  KEY shipments_warehouse (warehouse_id),
  KEY shipments_tracking (tracking_code(12)),
  CONSTRAINT shipments_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT shipments_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
);
CREATE TABLE invoices (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  number VARCHAR(20) NOT NULL,
  total DECIMAL(12,2) NOT NULL,
  vat DECIMAL(12,2) AS (total * 0.19) STORED,
  issued_on DATE NOT NULL,
  UNIQUE KEY invoices_number (number),
  KEY invoices_user (user_id),
  CONSTRAINT invoices_user FOREIGN KEY (user_id) REFERENCES users (id)
);

-- Traffic

CREATE TABLE events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED,
  kind VARCHAR(40) NOT NULL,
  payload JSON NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY events_user_created (user_id, created_at)
);
CREATE TABLE page_views (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  viewed_at DATETIME NOT NULL,
  user_id BIGINT UNSIGNED,
  path VARCHAR(400) NOT NULL,
  referrer VARCHAR(400),
  PRIMARY KEY (id, viewed_at),
  KEY page_views_user (user_id, viewed_at)
) PARTITION BY RANGE COLUMNS (viewed_at) (
  PARTITION p2025_12 VALUES LESS THAN ('2026-01-01'),
  PARTITION p2026_01 VALUES LESS THAN ('2026-02-01'),
  PARTITION p2026_02 VALUES LESS THAN ('2026-03-01'),
  PARTITION p2026_03 VALUES LESS THAN ('2026-04-01'),
  PARTITION p2026_04 VALUES LESS THAN ('2026-05-01'),
  PARTITION p2026_05 VALUES LESS THAN ('2026-06-01'),
  PARTITION p2026_06 VALUES LESS THAN ('2026-07-01'),
  PARTITION p_later VALUES LESS THAN (MAXVALUE)
);
CREATE TABLE notifications (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  channel VARCHAR(20) NOT NULL DEFAULT 'email',
  body TEXT NOT NULL,
  read_at DATETIME,
  KEY notifications_user (user_id, read_at),
  CONSTRAINT notifications_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE jobs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  queue VARCHAR(40) NOT NULL DEFAULT 'default',
  arguments JSON NOT NULL,
  run_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  locked_by VARCHAR(80),
  attempts SMALLINT NOT NULL DEFAULT 0,
  KEY jobs_next (queue, run_at)
);
-- INT from the first year: the key has little room left.
CREATE TABLE webhook_deliveries (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  endpoint VARCHAR(300) CHARACTER SET utf8mb3 NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  response_code SMALLINT,
  attempted_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY webhook_deliveries_endpoint (endpoint(191), attempted_at),
  KEY webhook_deliveries_response (response_code)
) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
CREATE TABLE feature_flags (
  name VARCHAR(80) NOT NULL PRIMARY KEY,
  enabled TINYINT(1) NOT NULL DEFAULT 0,
  rollout DECIMAL(5,2) NOT NULL DEFAULT 0
);
CREATE TABLE schema_migrations (
  version VARCHAR(255) NOT NULL PRIMARY KEY,
  applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- From before InnoDB had full text.
CREATE TABLE search_log (
  happened_at DATETIME NOT NULL,
  words VARCHAR(255),
  hits INT,
  KEY search_log_happened (happened_at)
) ENGINE=MyISAM CHARSET=latin1;
CREATE TABLE tickets (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  tenant VARCHAR(40) NOT NULL,
  priority ENUM('low', 'normal', 'high', 'urgent') NOT NULL DEFAULT 'normal',
  subject VARCHAR(300) NOT NULL,
  opened_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY tickets_user (user_id),
  CONSTRAINT tickets_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE ticket_messages (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket_id BIGINT UNSIGNED NOT NULL,
  author VARCHAR(120) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  sent_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY ticket_messages_ticket (ticket_id),
  CONSTRAINT ticket_messages_ticket FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE
);
CREATE TABLE daily_sales (
  day DATE NOT NULL,
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  orders BIGINT NOT NULL,
  revenue DECIMAL(16,2) NOT NULL,
  PRIMARY KEY (day, country)
);

-- Code in the database

CREATE VIEW customer_overview AS
  SELECT u.id, u.email, u.created_at, COUNT(o.id) AS orders, SUM(o.total) AS spent
    FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.email, u.created_at;
CREATE VIEW open_orders AS
  SELECT id, user_id, status, total, placed_at FROM orders WHERE status IN ('pending', 'paid', 'packed');
CREATE TRIGGER note_order_status AFTER UPDATE ON orders FOR EACH ROW
  INSERT INTO order_status_history (order_id, status) SELECT NEW.id, NEW.status FROM DUAL WHERE NOT (NEW.status <=> OLD.status);
CREATE PROCEDURE purge_sessions() DELETE FROM user_sessions WHERE expires_at < NOW() - INTERVAL 30 DAY;
CREATE EVENT nightly_purge ON SCHEDULE EVERY 1 DAY DO CALL purge_sessions();

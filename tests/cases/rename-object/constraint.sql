-- title: a unique constraint, a foreign key and a check get other names
-- setup
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE clients (
  id bigserial PRIMARY KEY,
  email text NOT NULL,
  country text,
  score integer NOT NULL,
  CONSTRAINT "odd key" UNIQUE (email),
  CONSTRAINT fk_1 FOREIGN KEY (country) REFERENCES countries (code),
  CONSTRAINT chk_1 CHECK (score >= 0)
);
-- rows
INSERT INTO countries SELECT 'c' || i FROM generate_series(1, 20) AS i;
INSERT INTO clients (email, country, score) SELECT 'a' || i, 'c' || (1 + i % 20), i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE clients RENAME CONSTRAINT "odd key" TO clients_email_key;
ALTER TABLE clients RENAME CONSTRAINT fk_1 TO clients_country_fkey;
ALTER TABLE clients RENAME CONSTRAINT chk_1 TO clients_score_check;

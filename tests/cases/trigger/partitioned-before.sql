-- title: a BEFORE row trigger on a partitioned table (13 on)
-- versions: 13 18
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE FUNCTION trimmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := btrim(NEW.note); RETURN NEW; END $$;
-- rows
INSERT INTO events SELECT i, date '2025-12-01' + i % 60, 'n' || i FROM generate_series(1, 500) AS i;
-- wish
CREATE TRIGGER events_trimmed BEFORE INSERT OR UPDATE ON events FOR EACH ROW EXECUTE FUNCTION trimmed();

-- title: A column of a table with triggers and a foreign key gets another name
-- base: pets
-- setup
ALTER TABLE pets ADD CONSTRAINT pets_owner_fk FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE;
CREATE TRIGGER owners_trim BEFORE INSERT ON owners FOR EACH ROW SET NEW.name = TRIM(NEW.name);
-- wish
ALTER TABLE pets CHANGE COLUMN name called VARCHAR(20) NOT NULL;

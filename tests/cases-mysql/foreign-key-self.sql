-- title: A table that points at itself
-- base: pets
-- wish
ALTER TABLE pets ADD CONSTRAINT pets_mother_fk FOREIGN KEY (mother_id) REFERENCES pets (id) ON DELETE SET NULL;

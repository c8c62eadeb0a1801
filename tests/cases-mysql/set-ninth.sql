-- title: The ninth member of a SET takes another byte
-- base: tickets
-- wish
ALTER TABLE tickets MODIFY COLUMN tags SET('a','b','c','d','e','f','g','h','i') NOT NULL DEFAULT '';

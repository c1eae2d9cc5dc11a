-- What a request cost by the price that held then, in picodollars; NULL where nobody could say, and in
-- rows from before. Energy in millionths of a joule, and tokens of thinking among those written; NULL
-- where nobody has counted.
ALTER TABLE record ADD COLUMN spent INTEGER;
ALTER TABLE record ADD COLUMN reasoning_tokens INTEGER;
ALTER TABLE record ADD COLUMN microjoules INTEGER;

-- The call that a row is a copy of, where it was made for a shadow target. A copy is nobody's: it has no key, team or
-- user. Its id is the call's with the last bit turned, so that each is found from the other without an index.

ALTER TABLE requests ADD COLUMN shadow_of BLOB;

-- What the cache had to do with a call: nothing, or (`cache`) it answered or had no answer, and what its answer
-- would have cost (`saved`). Over time they are summed up in `usage_facets`, as `cache` and `cache_day`.

ALTER TABLE requests ADD COLUMN cache SMALLINT;
ALTER TABLE requests ADD COLUMN saved BIGINT;

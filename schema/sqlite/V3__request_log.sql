-- Finished calls, and their hourly sums. Written in batches by the recorder, never changed.
-- The id is a UUIDv7: the primary key is the time index, and there is no other, since each one
-- would cost every call. `outcome`, `cost_basis`, `tier` and `source` are codes of the store.

CREATE TABLE requests (
    id BLOB NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    overhead_us INTEGER NOT NULL,
    ttft_us INTEGER,
    key_id BLOB,
    team_id BLOB,
    user_id BLOB,
    operation TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    status INTEGER NOT NULL,
    code TEXT,
    outcome INTEGER NOT NULL,
    streamed INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    input_audio INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    output_audio INTEGER NOT NULL,
    output_image INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    source INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    cost_basis INTEGER NOT NULL,
    request_bytes INTEGER NOT NULL,
    response_bytes INTEGER NOT NULL,
    trace_id BLOB,
    has_content INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE request_contents (
    id BLOB NOT NULL PRIMARY KEY,
    prompt BLOB NOT NULL,
    answer BLOB NOT NULL
) STRICT;

-- A missing key, team or user is the nil UUID, a missing name the empty text: parts of a primary
-- key are never null.
CREATE TABLE usage_hours (
    hour_at INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    operation TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    audio INTEGER NOT NULL,
    image INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (hour_at, key_id, team_id, user_id, provider, model, operation)
) STRICT, WITHOUT ROWID;

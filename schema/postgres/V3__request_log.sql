-- Finished calls, and their hourly sums. Written in batches by the recorder, never changed.
-- The id is a UUIDv7: the primary key is the time index, and there is no other, since each one
-- would cost every call. `outcome`, `cost_basis`, `tier` and `source` are codes of the store.

CREATE TABLE requests (
    id UUID NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    overhead_us BIGINT NOT NULL,
    ttft_us BIGINT,
    key_id UUID,
    team_id UUID,
    user_id UUID,
    operation TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    status SMALLINT NOT NULL,
    code TEXT,
    outcome SMALLINT NOT NULL,
    streamed BOOLEAN NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    input_audio BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    output_audio BIGINT NOT NULL,
    output_image BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    tier SMALLINT NOT NULL,
    source SMALLINT NOT NULL,
    cost BIGINT NOT NULL,
    cost_basis SMALLINT NOT NULL,
    request_bytes BIGINT NOT NULL,
    response_bytes BIGINT NOT NULL,
    trace_id BYTEA,
    has_content BOOLEAN NOT NULL
);

CREATE TABLE request_contents (
    id UUID NOT NULL PRIMARY KEY,
    prompt BYTEA NOT NULL,
    answer BYTEA NOT NULL
);

-- A missing key, team or user is the nil UUID, a missing name the empty text: parts of a primary
-- key are never null.
CREATE TABLE usage_hours (
    hour_at BIGINT NOT NULL,
    key_id UUID NOT NULL,
    team_id UUID NOT NULL,
    user_id UUID NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    operation TEXT NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    audio BIGINT NOT NULL,
    image BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (hour_at, key_id, team_id, user_id, provider, model, operation)
);

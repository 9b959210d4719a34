-- What the console reads: sums that are small enough to be read whole, what changed since when, saved
-- views, and the indexes behind its lists.

-- As `usage_hours`, without the key and the user: with ten thousand devices, each of which has a key,
-- those are as many rows as the log has. `denied` are the calls that the gateway refused.
CREATE TABLE usage_team_hours (
    hour_at BIGINT NOT NULL,
    team_id UUID NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    operation TEXT NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    audio BIGINT NOT NULL,
    image BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (hour_at, team_id, provider, model, operation)
);

INSERT INTO usage_team_hours SELECT hour_at, team_id, provider, model, operation, SUM(requests),
    SUM(errors), 0, SUM(input), SUM(cached), SUM(cache_write), SUM(output), SUM(reasoning),
    SUM(audio), SUM(image), SUM(cost) FROM usage_hours
    GROUP BY hour_at, team_id, provider, model, operation;

-- `facet` is `app` or `code` (the reason of a refusal), by the hour, or `user`, by the day.
CREATE TABLE usage_facets (
    facet TEXT NOT NULL,
    start_at BIGINT NOT NULL,
    team_id UUID NOT NULL,
    name TEXT NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (facet, start_at, team_id, name)
);

-- What one key or one user used is a few rows of many; and in which hours its calls are in the log.
CREATE INDEX usage_hours_by_key ON usage_hours (key_id, hour_at);
CREATE INDEX usage_hours_by_user ON usage_hours (user_id, hour_at);

-- Calls that did not go well are few: 0.3 us for each call, measured on SQLite with 10,000 keys. An index
-- by key would be 19 us, more than the row itself: there is none.
CREATE INDEX requests_failed ON requests (id, status, outcome, code)
    WHERE status >= 400 OR outcome <> 0;

-- Rises with what devices say: consoles on all nodes look at it.
CREATE TABLE pulses (
    topic TEXT NOT NULL PRIMARY KEY,
    beat BIGINT NOT NULL
);

INSERT INTO pulses VALUES ('access_requests', 0), ('devices', 0), ('effects', 0), ('inventory', 0);

CREATE TABLE console_views (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, page, name)
);

CREATE INDEX audit_log_by_target ON audit_log (target, seq);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, seq);
CREATE INDEX audit_log_by_action ON audit_log (action, seq);

-- Both are read without the rows themselves.
CREATE INDEX device_effects_worst ON device_effects (kind, item, device_id, state);
CREATE INDEX device_effects_by_state ON device_effects (state, kind, device_id);
CREATE INDEX device_apps_by_app ON device_apps (app, device_id);

-- The versions of an app, and the servers whose tools are known, most tools first.
CREATE INDEX inventory_apps_by_version ON inventory_apps (app, version, source, inventory);
DROP INDEX inventory_apps_by_app;
CREATE INDEX inventory_servers_by_tools ON inventory_servers (identity, tools DESC, inventory, position);

CREATE INDEX devices_by_key ON devices (key_id);
CREATE INDEX virtual_keys_by_user ON virtual_keys (user_id);
CREATE INDEX virtual_keys_by_device ON virtual_keys (device_id);
CREATE INDEX virtual_keys_by_team ON virtual_keys (team_id);
CREATE INDEX access_requests_by_state ON access_requests (state, id);

-- What the console reads over weeks and months, summed up once more: with the hours alone, 30 days of a
-- large fleet are too many rows to be added up while somebody waits.

-- As `usage_team_hours`, by the day (UTC).
CREATE TABLE usage_team_days (
    day_at BIGINT NOT NULL,
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
    PRIMARY KEY (day_at, team_id, provider, model, operation)
);

INSERT INTO usage_team_days SELECT hour_at - hour_at % 86400000000, team_id, provider, model, operation,
    SUM(requests), SUM(errors), SUM(denied), SUM(input), SUM(cached), SUM(cache_write), SUM(output),
    SUM(reasoning), SUM(audio), SUM(image), SUM(cost) FROM usage_team_hours GROUP BY 1, 2, 3, 4, 5;

-- As `usage_team_hours`, without what was called. `requests` never falls, so it also tells whether anything
-- of an hour changed.
CREATE TABLE usage_hour_sums (
    hour_at BIGINT NOT NULL,
    team_id UUID NOT NULL,
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
    PRIMARY KEY (hour_at, team_id)
);

INSERT INTO usage_hour_sums SELECT hour_at, team_id, SUM(requests), SUM(errors), SUM(denied), SUM(input),
    SUM(cached), SUM(cache_write), SUM(output), SUM(reasoning), SUM(audio), SUM(image), SUM(cost)
    FROM usage_team_hours GROUP BY 1, 2;

-- `app_day` and `code_day` are `app` and `code` by the day (UTC), as `user` is.
INSERT INTO usage_facets SELECT CASE facet WHEN 'app' THEN 'app_day' ELSE 'code_day' END,
    start_at - start_at % 86400000000, team_id, name, SUM(requests), SUM(errors), SUM(cost)
    FROM usage_facets WHERE facet IN ('app', 'code') GROUP BY 1, 2, 3, 4;

-- Everything that calls which did not go well are looked for by: such a search never touches the log for a
-- row that it does not show. They are few, and calls that go well do not pay for it.
DROP INDEX requests_failed;
CREATE INDEX requests_failed ON requests (id, status, outcome, code, key_id, team_id, user_id, provider,
    model, operation, app, device_id) WHERE status >= 400 OR outcome <> 0;

-- The list of devices by name, page by page.
CREATE INDEX devices_by_hostname ON devices (LOWER(hostname), id);

-- What an admin creates and the hot path is compiled from.

-- One row. Every change takes it first, so changes are in one order: that of `revision` and of
-- the audit chain.
CREATE TABLE control (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL,
    audit_seq BIGINT NOT NULL,
    audit_hash BYTEA NOT NULL
);

INSERT INTO control (id, revision, audit_seq, audit_hash) VALUES (1, 0, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE teams (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL
);

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    team_id UUID REFERENCES teams (id),
    created_at BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL
);

CREATE TABLE virtual_keys (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    team_id UUID REFERENCES teams (id),
    user_id UUID REFERENCES users (id),
    allow TEXT NOT NULL,
    log_content BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    disabled BOOLEAN NOT NULL,
    revoked_at BIGINT,
    previous_hash BYTEA,
    previous_until BIGINT
);

CREATE TABLE budgets (
    id UUID NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT,
    cap BIGINT NOT NULL,
    length TEXT NOT NULL,
    alignment TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX budgets_once ON budgets (scope, length, (COALESCE(model, '')));

CREATE TABLE limits (
    id UUID NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT,
    requests_per_minute BIGINT,
    tokens_per_minute BIGINT,
    concurrency BIGINT,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX limits_once ON limits (scope, (COALESCE(model, '')));

CREATE TABLE price_overrides (
    name TEXT NOT NULL PRIMARY KEY,
    price TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What an admin creates and the hot path is compiled from.

-- One row. Every change takes it first, so changes are in one order: that of `revision` and of
-- the audit chain.
CREATE TABLE control (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    audit_seq INTEGER NOT NULL,
    audit_hash BLOB NOT NULL
) STRICT;

INSERT INTO control (id, revision, audit_seq, audit_hash) VALUES (1, 0, 0, zeroblob(32));

CREATE TABLE teams (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    disabled INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    team_id BLOB REFERENCES teams (id),
    created_at INTEGER NOT NULL,
    disabled INTEGER NOT NULL
) STRICT;

CREATE TABLE virtual_keys (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    team_id BLOB REFERENCES teams (id),
    user_id BLOB REFERENCES users (id),
    allow TEXT NOT NULL,
    log_content INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    disabled INTEGER NOT NULL,
    revoked_at INTEGER,
    previous_hash BLOB,
    previous_until INTEGER
) STRICT;

CREATE TABLE budgets (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT,
    cap INTEGER NOT NULL,
    length TEXT NOT NULL,
    alignment TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX budgets_once ON budgets (scope, length, (COALESCE(model, '')));

CREATE TABLE limits (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT,
    requests_per_minute INTEGER,
    tokens_per_minute INTEGER,
    concurrency INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX limits_once ON limits (scope, (COALESCE(model, '')));

CREATE TABLE price_overrides (
    name TEXT NOT NULL PRIMARY KEY,
    price TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

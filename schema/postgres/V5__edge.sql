-- Managed devices: the authority that vouches for the gateway on them, how they are enrolled, what
-- they may do and what they have seen. No foreign keys to teams, users and tokens: what an enrolment
-- token names is looked up when it is used.

-- The key of a device is a virtual key like others.
ALTER TABLE virtual_keys ADD COLUMN device_id UUID;

-- Where a relayed call came from.
ALTER TABLE requests ADD COLUMN device_id UUID;
ALTER TABLE requests ADD COLUMN app TEXT;
ALTER TABLE requests ADD COLUMN os_user TEXT;
ALTER TABLE requests ADD COLUMN process TEXT;
ALTER TABLE requests ADD COLUMN host TEXT;

-- At most one row. The keys are sealed by the gateway under a key that is not in the database.
CREATE TABLE authority (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    certificate TEXT NOT NULL,
    ca_key BYTEA NOT NULL,
    policy_key BYTEA NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE enrolment_tokens (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    team_id UUID,
    user_id UUID,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    max_uses BIGINT NOT NULL,
    used BIGINT NOT NULL,
    revoked_at BIGINT
);

-- Its name, team, user and switch are those of its key.
CREATE TABLE devices (
    id UUID NOT NULL PRIMARY KEY,
    key_id UUID NOT NULL REFERENCES virtual_keys (id),
    token_id UUID NOT NULL,
    hostname TEXT NOT NULL,
    machine_id_hash TEXT NOT NULL,
    os TEXT NOT NULL,
    os_version TEXT NOT NULL,
    arch TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    policy_revision BIGINT NOT NULL,
    effective BOOLEAN,
    problem TEXT,
    leaf_serial BYTEA NOT NULL,
    leaf_expires_at BIGINT NOT NULL
);

CREATE TABLE device_apps (
    device_id UUID NOT NULL,
    app TEXT NOT NULL,
    version TEXT,
    path TEXT NOT NULL,
    relayed BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    pinned BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, app)
);

CREATE TABLE edge_apps (
    app TEXT NOT NULL PRIMARY KEY,
    decision TEXT NOT NULL,
    mode TEXT NOT NULL,
    pinned TEXT NOT NULL,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);

CREATE TABLE edge_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    treatment TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One row. `revision` rises with every change of what devices obey; `catalogue` is the fingerprint
-- of what the newest build knows by itself, which they obey too.
CREATE TABLE edge_settings (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL,
    catalogue BYTEA NOT NULL,
    fail_mode TEXT NOT NULL,
    check_in_seconds BIGINT NOT NULL,
    default_decision TEXT NOT NULL,
    default_mode TEXT NOT NULL,
    default_pinned TEXT NOT NULL,
    never_block TEXT NOT NULL
);

INSERT INTO edge_settings VALUES
    (1, 1, decode(repeat('00', 32), 'hex'), 'open', 60, 'pending', 'pass_through', 'bypass', '[]');

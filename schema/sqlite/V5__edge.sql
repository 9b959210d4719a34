-- Managed devices: the authority that vouches for the gateway on them, how they are enrolled, what
-- they may do and what they have seen. No foreign keys to teams, users and tokens: what an enrolment
-- token names is looked up when it is used.

-- The key of a device is a virtual key like others.
ALTER TABLE virtual_keys ADD COLUMN device_id BLOB;

-- Where a relayed call came from.
ALTER TABLE requests ADD COLUMN device_id BLOB;
ALTER TABLE requests ADD COLUMN app TEXT;
ALTER TABLE requests ADD COLUMN os_user TEXT;
ALTER TABLE requests ADD COLUMN process TEXT;
ALTER TABLE requests ADD COLUMN host TEXT;

-- At most one row. The keys are sealed by the gateway under a key that is not in the database.
CREATE TABLE authority (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    certificate TEXT NOT NULL,
    ca_key BLOB NOT NULL,
    policy_key BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolment_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    team_id BLOB,
    user_id BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    used INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

-- Its name, team, user and switch are those of its key.
CREATE TABLE devices (
    id BLOB NOT NULL PRIMARY KEY,
    key_id BLOB NOT NULL REFERENCES virtual_keys (id),
    token_id BLOB NOT NULL,
    hostname TEXT NOT NULL,
    machine_id_hash TEXT NOT NULL,
    os TEXT NOT NULL,
    os_version TEXT NOT NULL,
    arch TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    policy_revision INTEGER NOT NULL,
    effective INTEGER,
    problem TEXT,
    leaf_serial BLOB NOT NULL,
    leaf_expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE device_apps (
    device_id BLOB NOT NULL,
    app TEXT NOT NULL,
    version TEXT,
    path TEXT NOT NULL,
    relayed INTEGER NOT NULL,
    denied INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE edge_apps (
    app TEXT NOT NULL PRIMARY KEY,
    decision TEXT NOT NULL,
    mode TEXT NOT NULL,
    pinned TEXT NOT NULL,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;

CREATE TABLE edge_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    treatment TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- One row. `revision` rises with every change of what devices obey; `catalogue` is the fingerprint
-- of what the newest build knows by itself, which they obey too.
CREATE TABLE edge_settings (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    catalogue BLOB NOT NULL,
    fail_mode TEXT NOT NULL,
    check_in_seconds INTEGER NOT NULL,
    default_decision TEXT NOT NULL,
    default_mode TEXT NOT NULL,
    default_pinned TEXT NOT NULL,
    never_block TEXT NOT NULL
) STRICT;

INSERT INTO edge_settings VALUES
    (1, 1, zeroblob(32), 'open', 60, 'pending', 'pass_through', 'bypass', '[]');

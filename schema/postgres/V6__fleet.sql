-- The fleet: what is on each device, what was decided about it for whom, and what came of it.

-- What an agent counts and says beside what it says at each check-in. `seq_resets` rises when an admin
-- lets a device count anew.
ALTER TABLE devices ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN seq_resets BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN quarantined_at BIGINT;
ALTER TABLE devices ADD COLUMN quarantine_reason TEXT;
ALTER TABLE devices ADD COLUMN inventory BYTEA;
ALTER TABLE devices ADD COLUMN inventory_changed_at BIGINT;
ALTER TABLE devices ADD COLUMN effects_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN effects_at BIGINT;
ALTER TABLE devices ADD COLUMN scan_requested_at BIGINT;
ALTER TABLE devices ADD COLUMN scan_told_at BIGINT;

-- Which devices have an inventory: the catalogue joins by it, and what nobody has any more goes.
CREATE INDEX devices_by_inventory ON devices (inventory);

-- Content-addressed: the hash is over the upload's bytes. Devices that are alike share one.
CREATE TABLE inventories (
    hash BYTEA NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL,
    apps BIGINT NOT NULL,
    servers BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    truncated BOOLEAN NOT NULL,
    coverage TEXT NOT NULL,
    stored_at BIGINT NOT NULL
);

-- The columns beside `entry` (the whole as JSON) are those that are listed or searched by.
CREATE TABLE inventory_apps (
    inventory BYTEA NOT NULL,
    position BIGINT NOT NULL,
    app TEXT NOT NULL,
    version TEXT,
    source TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (inventory, position)
);

CREATE INDEX inventory_apps_by_app ON inventory_apps (app);

CREATE TABLE inventory_servers (
    inventory BYTEA NOT NULL,
    position BIGINT NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    version TEXT,
    transport TEXT NOT NULL,
    arguments TEXT NOT NULL,
    launch TEXT NOT NULL,
    tools BIGINT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (inventory, position)
);

CREATE INDEX inventory_servers_by_identity ON inventory_servers (identity);

-- When the fleet first and last saw an item, `app` or `mcp_server`; it outlives the inventories.
CREATE TABLE catalogue_items (
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (kind, item)
);

-- `audience` is `fleet`, `team` or `device`, `subject` which one (nil for the fleet); '' stands for "not
-- bound to it". The unique index is also the one by which the rules of a server are found.
CREATE TABLE edge_mcp_rules (
    id UUID NOT NULL PRIMARY KEY,
    audience TEXT NOT NULL,
    subject UUID NOT NULL,
    identity TEXT NOT NULL,
    arguments TEXT NOT NULL,
    launch TEXT NOT NULL,
    decision TEXT NOT NULL,
    tools TEXT NOT NULL,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (identity, arguments, launch, audience, subject)
);

-- Decisions about apps for a team or a device, over those for the fleet in `edge_apps`.
CREATE TABLE edge_app_overrides (
    audience TEXT NOT NULL,
    subject UUID NOT NULL,
    app TEXT NOT NULL,
    decision TEXT NOT NULL,
    mode TEXT NOT NULL,
    pinned TEXT NOT NULL,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (app, audience, subject)
);

-- The policy's revision with which a decision came.
ALTER TABLE edge_apps ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

ALTER TABLE edge_settings ADD COLUMN default_mcp_decision TEXT NOT NULL DEFAULT 'pending';

-- What came of decisions on a device, as it last reported: always the whole.
CREATE TABLE device_effects (
    device_id UUID NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    decision TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (device_id, position)
);

CREATE INDEX device_effects_by_item ON device_effects (kind, item);

-- `asked` is the device's own id of the request: one that is sent twice is one.
CREATE TABLE access_requests (
    id UUID NOT NULL PRIMARY KEY,
    device_id UUID NOT NULL,
    asked TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    reason TEXT NOT NULL,
    os_user TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    answer TEXT,
    UNIQUE (device_id, asked)
);

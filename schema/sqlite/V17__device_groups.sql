-- Groups of devices: a device is in one at most, and guardrails name them. Whoever enrols with a token that
-- names a group joins it. What belongs to no group has none.

CREATE TABLE device_groups (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

ALTER TABLE devices ADD COLUMN group_id BLOB;

ALTER TABLE enrolment_tokens ADD COLUMN group_id BLOB;

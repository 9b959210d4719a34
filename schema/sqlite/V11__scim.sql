-- Users and groups as an identity provider keeps them, and the tokens by which it sends them.

-- What identifies a user at the provider, as it was sent, and in lower case; null: their address does.
ALTER TABLE users ADD COLUMN user_name TEXT;
ALTER TABLE users ADD COLUMN user_name_key TEXT;
ALTER TABLE users ADD COLUMN external_id TEXT;
-- The whole of what was sent, as a JSON object; null of users that were made here.
ALTER TABLE users ADD COLUMN resource TEXT;
-- Rises with every change; null times: not since the user was created.
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN changed_at INTEGER;
-- Deleted by the provider: disabled, and shown to it no more.
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
-- Whether the team came with a group, and goes with it.
ALTER TABLE users ADD COLUMN team_by_group INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX users_by_user_name ON users (user_name_key);
CREATE INDEX users_by_external_id ON users (external_id);

-- `name_key` is the name in lower case: teams and roles are mapped by it.
CREATE TABLE user_groups (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    external_id TEXT,
    team_id BLOB REFERENCES teams (id) ON DELETE SET NULL,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX user_groups_by_external_id ON user_groups (external_id);

CREATE TABLE user_group_members (
    group_id BLOB NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_group_members_by_user ON user_group_members (user_id);

CREATE TABLE scim_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;

-- Accounts that were disabled along with a user, to be enabled along with them.
CREATE TABLE user_account_locks (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT;

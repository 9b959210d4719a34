-- Users and groups as an identity provider keeps them, and the tokens by which it sends them.

-- What identifies a user at the provider, as it was sent, and in lower case; null: their address does.
ALTER TABLE users ADD COLUMN user_name TEXT;
ALTER TABLE users ADD COLUMN user_name_key TEXT;
ALTER TABLE users ADD COLUMN external_id TEXT;
-- The whole of what was sent, as a JSON object; null of users that were made here.
ALTER TABLE users ADD COLUMN resource TEXT;
-- Rises with every change; null times: not since the user was created.
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN changed_at BIGINT;
-- Deleted by the provider: disabled, and shown to it no more.
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
-- Whether the team came with a group, and goes with it.
ALTER TABLE users ADD COLUMN team_by_group BOOLEAN NOT NULL DEFAULT FALSE;

CREATE UNIQUE INDEX users_by_user_name ON users (user_name_key);
CREATE INDEX users_by_external_id ON users (external_id);

-- `name_key` is the name in lower case: teams and roles are mapped by it.
CREATE TABLE user_groups (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    external_id TEXT,
    team_id UUID REFERENCES teams (id) ON DELETE SET NULL,
    resource TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX user_groups_by_external_id ON user_groups (external_id);

CREATE TABLE user_group_members (
    group_id UUID NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

CREATE INDEX user_group_members_by_user ON user_group_members (user_id);

CREATE TABLE scim_tokens (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);

-- Accounts that were disabled along with a user, to be enabled along with them.
CREATE TABLE user_account_locks (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
);

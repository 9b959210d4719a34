-- Where a session was opened and when it was last used, and the second factor of local accounts.

-- The identity provider that vouched for the account; none where it gave its own password.
ALTER TABLE sessions ADD COLUMN provider TEXT;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
-- None: not since it was opened. Noted to the minute.
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER;

CREATE INDEX sessions_of_account ON sessions (account_id);

-- `secret` is sealed. Until it is confirmed by a code it is asked of nobody.
CREATE TABLE second_factors (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    -- The time step of the last code that was accepted: no code is accepted twice.
    last_step INTEGER NOT NULL
) STRICT;

-- A code that was used is no longer here.
CREATE TABLE recovery_codes (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    hash BLOB NOT NULL,
    PRIMARY KEY (account_id, hash)
) STRICT;

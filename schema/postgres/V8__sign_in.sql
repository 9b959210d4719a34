-- Where a session was opened and when it was last used, and the second factor of local accounts.

-- The identity provider that vouched for the account; none where it gave its own password.
ALTER TABLE sessions ADD COLUMN provider TEXT;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
-- None: not since it was opened. Noted to the minute.
ALTER TABLE sessions ADD COLUMN last_used_at BIGINT;

CREATE INDEX sessions_of_account ON sessions (account_id);

-- `secret` is sealed. Until it is confirmed by a code it is asked of nobody.
CREATE TABLE second_factors (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    -- The time step of the last code that was accepted: no code is accepted twice.
    last_step BIGINT NOT NULL
);

-- A code that was used is no longer here.
CREATE TABLE recovery_codes (
    account_id UUID NOT NULL REFERENCES accounts (id),
    hash BYTEA NOT NULL,
    PRIMARY KEY (account_id, hash)
);

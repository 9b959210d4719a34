-- Identity providers, whom they vouched for, and sign-ins that were begun.

-- `client_secret` is sealed; none for a public client. `scopes` and `rules` are JSON.
CREATE TABLE identity_providers (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_auth TEXT NOT NULL,
    client_secret BLOB,
    scopes TEXT NOT NULL,
    groups_claim TEXT NOT NULL,
    trusts_email INTEGER NOT NULL,
    rules TEXT NOT NULL,
    default_role TEXT,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Who an account is at a provider: by the subject, which stays when an address does not.
CREATE TABLE account_identities (
    provider_id BLOB NOT NULL REFERENCES identity_providers (id),
    subject TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER NOT NULL,
    PRIMARY KEY (provider_id, subject)
) STRICT;

CREATE INDEX account_identities_of_account ON account_identities (account_id);

-- An admin said that the next sign-in with the account's address becomes the account's.
CREATE TABLE account_links (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    provider_id BLOB NOT NULL REFERENCES identity_providers (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, provider_id)
) STRICT;

-- A sign-in between its two halves, for minutes. `state` and `browser` are hashes, `handshake` is
-- sealed. The row is taken away when the browser comes back, so it comes back once.
CREATE TABLE sign_ins (
    state BLOB NOT NULL PRIMARY KEY,
    browser BLOB NOT NULL,
    provider_id BLOB NOT NULL REFERENCES identity_providers (id),
    handshake BLOB NOT NULL,
    device TEXT,
    return_to TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
